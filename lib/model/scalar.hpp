// Scalar: a non-negative amount with exactly three decimals, so that sums and differences of resources never drift.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "lib/base/result.hpp"

namespace tepui {

/// An amount in thousandths. 0.1 + 0.2 == 0.3 holds. Value type; default is zero.
/// Source: Mesos src/common/values.cpp (fixed point with three decimals; behaviour).
class Scalar {
 public:
  /// The largest amount anything may state: beyond it a double no longer holds three decimals.
  static constexpr std::int64_t kMaxMillis = 9'000'000'000'000'000;

  constexpr Scalar() = default;
  /// millis: 0 or more.
  static constexpr Scalar from_millis(std::int64_t millis) { return Scalar(millis < 0 ? 0 : millis); }
  /// Rounds to the nearest thousandth. Errors: InvalidArgument (NaN, infinite, negative, above kMaxMillis / 1000).
  static Result<Scalar> from_double(double value);
  /// A decimal number, with exponent if it likes: "4", "0.5", "1e3". Errors: InvalidArgument.
  static Result<Scalar> parse(std::string_view text);

  [[nodiscard]] constexpr std::int64_t millis() const { return millis_; }
  [[nodiscard]] double value() const { return static_cast<double>(millis_) / 1000.0; }
  [[nodiscard]] constexpr bool is_zero() const { return millis_ == 0; }
  /// "4", "0.5", "1.125": no trailing zeros.
  [[nodiscard]] std::string format() const;

  /// Sums stop at the largest std::int64_t instead of wrapping.
  friend constexpr Scalar operator+(Scalar a, Scalar b) {
    return Scalar(a.millis_ > INT64_MAX - b.millis_ ? INT64_MAX : a.millis_ + b.millis_);
  }
  /// Differences stop at zero: ask `a >= b` first where that matters.
  friend constexpr Scalar operator-(Scalar a, Scalar b) {
    return Scalar(a.millis_ < b.millis_ ? 0 : a.millis_ - b.millis_);
  }
  constexpr auto operator<=>(const Scalar&) const = default;

 private:
  constexpr explicit Scalar(std::int64_t millis) : millis_(millis) {}
  std::int64_t millis_ = 0;
};

}  // namespace tepui

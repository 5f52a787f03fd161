// Ranges: a set of unsigned integers kept as sorted, disjoint, inclusive ranges; ports are the known use.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.hpp"

namespace tepui {

/// Both ends belong to it; begin <= end.
struct Range {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  auto operator<=>(const Range&) const = default;
};

/// Value type. Neighbours are joined, so equal sets compare equal whatever they were made of.
class Ranges {
 public:
  Ranges() = default;
  /// Ranges in any order; they may overlap. Errors: InvalidArgument (begin > end).
  static Result<Ranges> from(std::vector<Range> ranges);
  /// "[31000-32000, 5-5]" or "[]". Errors: InvalidArgument naming the piece (no brackets, inverted, 2^64 and above).
  static Result<Ranges> parse(std::string_view text);

  [[nodiscard]] const std::vector<Range>& list() const { return list_; }
  [[nodiscard]] bool empty() const { return list_.empty(); }
  /// How many integers; stops at 2^64 - 1.
  [[nodiscard]] std::uint64_t count() const;
  [[nodiscard]] bool contains(const Ranges& other) const;
  [[nodiscard]] bool intersects(const Ranges& other) const;
  /// The first `n` integers (fewer if there are fewer), lowest first.
  [[nodiscard]] Ranges first(std::uint64_t n) const;
  /// "[31000-32000,33000-33000]".
  [[nodiscard]] std::string format() const;

  /// Union.
  friend Ranges operator+(const Ranges& a, const Ranges& b);
  /// What is in `a` and not in `b`.
  friend Ranges operator-(const Ranges& a, const Ranges& b);
  auto operator<=>(const Ranges&) const = default;

 private:
  std::vector<Range> list_;
};

}  // namespace tepui

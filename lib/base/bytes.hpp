// Bytes: an amount of memory or disk, so that a number can never be mistaken for megabytes.
#pragma once

#include <compare>
#include <cstdint>

namespace tepui {

/// An amount of bytes. Mesos counts `mem` and `disk` in MiB: `Bytes::from_mebibytes`.
class Bytes {
 public:
  constexpr Bytes() = default;
  constexpr explicit Bytes(std::uint64_t count) : count_(count) {}
  static constexpr Bytes from_mebibytes(std::uint64_t mebibytes) { return Bytes(mebibytes << 20U); }
  [[nodiscard]] constexpr std::uint64_t count() const { return count_; }
  [[nodiscard]] constexpr double mebibytes() const { return static_cast<double>(count_) / (1U << 20U); }
  constexpr auto operator<=>(const Bytes&) const = default;

 private:
  std::uint64_t count_ = 0;
};

}  // namespace tepui

// Uuid: 16 random bytes and their text; status updates, stream ids and master ids are made of them.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "lib/base/random.hpp"
#include "lib/base/result.hpp"

namespace tepui {

/// RFC 4122 version 4.
class Uuid {
 public:
  static constexpr std::size_t kSize = 16;
  /// The nil UUID.
  Uuid() = default;
  static Uuid random(RandomSource& source);
  /// 16 raw bytes, as `TaskStatus.uuid` carries them. Errors: InvalidArgument (another length).
  static Result<Uuid> from_bytes(std::string_view bytes);
  /// 36 characters, lower or upper case. Errors: InvalidArgument.
  static Result<Uuid> parse(std::string_view text);
  [[nodiscard]] std::string to_bytes() const;
  [[nodiscard]] std::string to_string() const;
  auto operator<=>(const Uuid&) const = default;

 private:
  std::array<std::uint8_t, kSize> bytes_{};
};

}  // namespace tepui

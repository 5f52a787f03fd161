#include "lib/base/uuid.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace tepui {
namespace {

int hex_value(char character) {
  if (character >= '0' && character <= '9') return character - '0';
  if (character >= 'a' && character <= 'f') return character - 'a' + 10;
  if (character >= 'A' && character <= 'F') return character - 'A' + 10;
  return -1;
}

bool is_dash_position(std::size_t index) { return index == 8 || index == 13 || index == 18 || index == 23; }

}  // namespace

Uuid Uuid::random(RandomSource& source) {
  Uuid uuid;
  for (std::size_t half = 0; half < 2; ++half) {
    const std::uint64_t bits = source.next();
    for (std::size_t i = 0; i < 8; ++i) uuid.bytes_[half * 8 + i] = static_cast<std::uint8_t>(bits >> (8 * i));
  }
  uuid.bytes_[6] = static_cast<std::uint8_t>((uuid.bytes_[6] & 0x0fU) | 0x40U);
  uuid.bytes_[8] = static_cast<std::uint8_t>((uuid.bytes_[8] & 0x3fU) | 0x80U);
  return uuid;
}

Result<Uuid> Uuid::from_bytes(std::string_view bytes) {
  if (bytes.size() != kSize) {
    return Error(ErrorCode::InvalidArgument, fmt::format("read uuid: {} bytes instead of 16", bytes.size()));
  }
  Uuid uuid;
  std::copy(bytes.begin(), bytes.end(), uuid.bytes_.begin());
  return uuid;
}

Result<Uuid> Uuid::parse(std::string_view text) {
  const Error malformed(ErrorCode::InvalidArgument, fmt::format("parse uuid \"{}\"", text.substr(0, 64)));
  if (text.size() != 36) return malformed;
  Uuid uuid;
  std::size_t nibble = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_dash_position(i)) {
      if (text[i] != '-') return malformed;
      continue;
    }
    const int value = hex_value(text[i]);
    if (value < 0) return malformed;
    auto& byte = uuid.bytes_[nibble / 2];
    byte = static_cast<std::uint8_t>((byte << 4U) | static_cast<unsigned>(value));
    ++nibble;
  }
  return uuid;
}

std::string Uuid::to_bytes() const { return {bytes_.begin(), bytes_.end()}; }

std::string Uuid::to_string() const {
  std::string text;
  text.reserve(36);
  for (std::size_t i = 0; i < kSize; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    fmt::format_to(std::back_inserter(text), "{:02x}", bytes_[i]);
  }
  return text;
}

}  // namespace tepui

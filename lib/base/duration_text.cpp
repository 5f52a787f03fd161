#include "lib/base/duration_text.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <utility>

#include <fmt/format.h>

namespace tepui {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
// Largest first, so that formatting takes the first unit that divides.
constexpr std::array<std::pair<std::string_view, std::int64_t>, 8> kUnits = {{
    {"weeks", kSecond * 60 * 60 * 24 * 7}, {"days", kSecond * 60 * 60 * 24}, {"hrs", kSecond * 60 * 60},
    {"mins", kSecond * 60}, {"secs", kSecond}, {"ms", 1'000'000}, {"us", 1'000}, {"ns", 1},
}};

}  // namespace

Result<std::chrono::nanoseconds> parse_duration(std::string_view text) {
  const Error malformed(ErrorCode::InvalidArgument,
                        fmt::format("parse duration \"{}\": want a number and ns, us, ms, secs, mins, hrs, days or weeks",
                                    text.substr(0, 64)));
  double number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc{} || !std::isfinite(number) || number < 0) return malformed;
  const std::string_view unit(end, text.size() - static_cast<std::size_t>(end - text.data()));
  for (const auto& [name, nanoseconds] : kUnits) {
    if (unit != name) continue;
    const double value = number * static_cast<double>(nanoseconds);
    if (value >= 9.2e18) return malformed;
    return std::chrono::nanoseconds(static_cast<std::int64_t>(value));
  }
  return malformed;
}

std::string format_duration(std::chrono::nanoseconds duration) {
  for (const auto& [name, nanoseconds] : kUnits) {
    if (duration.count() != 0 && duration.count() % nanoseconds == 0) {
      return fmt::format("{}{}", duration.count() / nanoseconds, name);
    }
  }
  return "0secs";
}

}  // namespace tepui

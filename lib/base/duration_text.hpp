// Durations as Mesos writes them: a number and one of ns us ms secs mins hrs days weeks ("5secs", "15mins").
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "lib/base/result.hpp"

namespace tepui {

/// Errors: InvalidArgument (no number, unknown unit, negative or beyond 292 years).
Result<std::chrono::nanoseconds> parse_duration(std::string_view text);

/// The largest unit that keeps the value whole: 5 s -> "5secs", 1500 ms -> "1500ms".
std::string format_duration(std::chrono::nanoseconds duration);

}  // namespace tepui

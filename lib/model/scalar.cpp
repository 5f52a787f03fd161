// Scalar: reading and writing thousandths.
#include "lib/model/scalar.hpp"

#include <charconv>
#include <cmath>

#include <fmt/format.h>

namespace tepui {

Result<Scalar> Scalar::from_double(double value) {
  if (std::isnan(value)) return Error(ErrorCode::InvalidArgument, "read amount: it is not a number");
  if (std::isinf(value)) return Error(ErrorCode::InvalidArgument, "read amount: it is infinite");
  if (value < 0) return Error(ErrorCode::InvalidArgument, fmt::format("read amount {}: it is negative", value));
  if (value > static_cast<double>(kMaxMillis / 1000)) {
    return Error(ErrorCode::InvalidArgument, fmt::format("read amount {}: it is above {}", value, kMaxMillis / 1000));
  }
  return Scalar(std::llround(value * 1000.0));
}

Result<Scalar> Scalar::parse(std::string_view text) {
  double value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_whole = end == text.data() + text.size();
  if (is_whole && code == std::errc::result_out_of_range) {
    return Error(ErrorCode::InvalidArgument, fmt::format("read amount '{}': it is out of range", text));
  }
  if (text.empty() || code != std::errc() || !is_whole) {
    return Error(ErrorCode::InvalidArgument, fmt::format("read amount '{}': it is not a number", text));
  }
  return from_double(value);
}

std::string Scalar::format() const {
  std::string text = fmt::format("{}.{:03}", millis_ / 1000, millis_ % 1000);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

}  // namespace tepui

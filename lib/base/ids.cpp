#include "lib/base/ids.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace tepui {

Result<void> check_id(std::string_view kind, std::string_view id) {
  const auto refuse = [&](std::string_view why) {
    return Error(ErrorCode::InvalidArgument, fmt::format("check {} id: {}", kind, why));
  };
  if (id.empty()) return refuse("it is empty");
  if (id.size() > 255) return refuse(fmt::format("{} bytes are more than 255", id.size()));
  if (id == "." || id == "..") return refuse("'.' and '..' are not allowed");
  const bool is_clean = std::all_of(id.begin(), id.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 && byte != 0x7f && c != '/' && c != '\\';
  });
  if (!is_clean) return refuse("slashes, backslashes and control characters are not allowed");
  return ok();
}

}  // namespace tepui

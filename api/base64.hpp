// Base64 (RFC 4648, section 4): how JSON carries bytes.
#pragma once

#include <string>
#include <string_view>

#include "lib/base/result.hpp"

namespace tepui::api {

std::string encode_base64(std::string_view bytes);

/// Padding may be missing; anything else outside the alphabet is refused. Errors: InvalidArgument.
Result<std::string> decode_base64(std::string_view text);

}  // namespace tepui::api

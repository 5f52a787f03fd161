// The canonicaliser: request target -> the one path that routing and authorisation see, or a refusal. Pure.
#pragma once

#include <string>
#include <string_view>

#include "lib/base/result.hpp"

namespace tepui::http {

struct Target {
  std::string path;   ///< decoded; begins with '/'; no empty, "." or ".." segment; printable ASCII
  std::string query;  ///< raw, without '?'
};

/// Accepts origin form only. Refuses with InvalidArgument whatever two readers could take for different paths: absolute,
/// authority and asterisk form, "//", "/./", "/../", escapes of '/', '\', '.', '%' and of control or non-ASCII bytes,
/// malformed escapes, '\', ';' and '#'. A trailing '/' stays. Source: reliability list H13 (Envoy CVE-2019-9901,
/// CVE-2021-29492).
Result<Target> parse_target(std::string_view raw);

}  // namespace tepui::http

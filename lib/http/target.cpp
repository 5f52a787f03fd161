// One pass to check and decode, one to look at the segments.
#include "lib/http/target.hpp"

#include "lib/http/request.hpp"

namespace tepui::http {

namespace {

Error ambiguous(std::string_view what) {
  return Error(ErrorCode::InvalidArgument, "read request path: " + std::string(what));
}

Result<void> check_bytes(std::string_view raw) {
  for (const char c : raw) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte >= 0x7f) return ambiguous("control, blank or non-ASCII byte");
    if (c == '\\' || c == '#') return ambiguous(std::string("'") + c + "' is not allowed");
  }
  return ok();
}

Result<std::string> decode_path(std::string_view raw) {
  auto decoded = decode_percent(raw, false);
  if (!decoded) return ambiguous("malformed escape");
  std::size_t at = 0;
  for (const char c : *decoded) {
    const bool is_escaped = raw[at] == '%';
    at += is_escaped ? 3 : 1;
    if (!is_escaped) {
      if (c == ';') return ambiguous("';' is not allowed");
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte >= 0x7f) return ambiguous("escaped control or non-ASCII byte");
    if (c == '/' || c == '\\' || c == '.' || c == '%' || c == ';') return ambiguous("escape of a byte that divides paths");
  }
  return std::move(*decoded);
}

}  // namespace

Result<Target> parse_target(std::string_view raw) {
  if (raw.empty() || raw.front() != '/') return ambiguous("it does not begin with '/'");
  if (auto checked = check_bytes(raw); !checked) return checked.error();
  const auto mark = raw.find('?');
  auto path = decode_path(raw.substr(0, mark));
  if (!path) return path.error();
  for (std::size_t begin = 1; begin <= path->size();) {
    auto end = path->find('/', begin);
    if (end == std::string::npos) end = path->size();
    const std::string_view segment = std::string_view(*path).substr(begin, end - begin);
    if (segment.empty() && end != path->size()) return ambiguous("empty segment");
    if (segment == "." || segment == "..") return ambiguous("'.' or '..' segment");
    begin = end + 1;
  }
  return Target{std::move(*path), mark == std::string_view::npos ? "" : std::string(raw.substr(mark + 1))};
}

}  // namespace tepui::http

// See host_check.hpp.
#include "lib/http/host_check.hpp"

#include <algorithm>

namespace tepui::http {

namespace {

std::string_view without_port(std::string_view host) {
  if (host.starts_with('[')) {
    const auto end = host.find(']');
    return end == std::string_view::npos ? host : host.substr(0, end + 1);
  }
  return host.substr(0, host.rfind(':'));
}

bool is_loopback(std::string_view name) {
  if (equals_ignoring_case(name, "localhost") || name == "[::1]") return true;
  if (name.size() > 10 && equals_ignoring_case(name.substr(name.size() - 10), ".localhost")) return true;
  if (!name.starts_with("127.")) return false;
  return std::count(name.begin(), name.end(), '.') == 3 &&
         std::all_of(name.begin(), name.end(), [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
}

bool is_well_formed(std::string_view host) {
  const std::string_view name = without_port(host);
  std::string_view port = host.substr(name.size());
  if (name.empty()) return false;
  if (port.empty()) return true;
  port.remove_prefix(1);
  return host[name.size()] == ':' && port.size() <= 5 &&
         std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_allowed(std::string_view name, std::string_view local_address, const std::vector<std::string>& allowed) {
  if (is_loopback(name)) return true;
  if (name == local_address || name == "[" + std::string(local_address) + "]") return true;
  return std::any_of(allowed.begin(), allowed.end(),
                     [name](const std::string& one) { return equals_ignoring_case(one, name); });
}

}  // namespace

Refusal check_host(const Headers& headers, std::string_view local_address,
                   const std::vector<std::string>& allowed_hosts) {
  const std::string* host = headers.find("host");
  if (host != nullptr && (!is_well_formed(*host) || !is_allowed(without_port(*host), local_address, allowed_hosts))) {
    return Refusal{403, "foreign host"};
  }
  const std::string* origin = headers.find("origin");
  if (origin == nullptr) return {};
  if (host == nullptr) return Refusal{403, "foreign origin"};
  const bool is_same = equals_ignoring_case(*origin, "http://" + *host) || equals_ignoring_case(*origin, "https://" + *host);
  return is_same ? Refusal{} : Refusal{403, "foreign origin"};
}

}  // namespace tepui::http

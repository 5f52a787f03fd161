// Reading and writing of host:port.
#include "lib/http/endpoint.hpp"

#include <charconv>

namespace tepui::http {

namespace {

std::string join(const std::string& host, std::uint16_t port) {
  const bool is_v6 = host.find(':') != std::string::npos;
  return (is_v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Error malformed(std::string_view text) {
  return Error(ErrorCode::InvalidArgument, "read address '" + std::string(text) + "': expected HOST:PORT");
}

}  // namespace

std::string Endpoint::to_string() const { return join(address, port); }
std::string HostPort::to_string() const { return join(host, port); }

Result<HostPort> HostPort::parse(std::string_view text, std::uint16_t default_port) {
  std::string_view host = text;
  std::string_view port;
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) return malformed(text);
    host = text.substr(1, end - 1);
    const std::string_view rest = text.substr(end + 1);
    if (!rest.empty()) {
      if (rest.front() != ':' || rest.size() == 1) return malformed(text);
      port = rest.substr(1);
    }
  } else if (const auto colon = text.rfind(':'); colon != std::string_view::npos) {
    host = text.substr(0, colon);
    port = text.substr(colon + 1);
    if (port.empty() || host.find(':') != std::string_view::npos) return malformed(text);
  }
  if (host.empty() || host.find_first_of(" \t\r\n/@?#\\") != std::string_view::npos) return malformed(text);
  HostPort parsed{std::string(host), default_port};
  if (!port.empty()) {
    const auto [end, failed] = std::from_chars(port.data(), port.data() + port.size(), parsed.port);
    if (failed != std::errc() || end != port.data() + port.size()) return malformed(text);
  }
  if (parsed.port == 0) return malformed(text);
  return parsed;
}

}  // namespace tepui::http

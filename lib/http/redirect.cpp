#include "lib/http/redirect.hpp"

#include <fmt/format.h>

#include "lib/base/try.hpp"

namespace tepui::http {

Result<HostPort> server_in_location(std::string_view location, std::uint16_t default_port) {
  const auto slashes = location.find("//");
  if (slashes == std::string_view::npos) {
    return Error(ErrorCode::InvalidArgument, fmt::format("follow redirect to '{}': it names no host", location));
  }
  const auto authority = location.substr(slashes + 2);
  TEPUI_ASSIGN(HostPort server, HostPort::parse(authority.substr(0, authority.find('/')), default_port),
               fmt::format("follow redirect to '{}'", location));
  return server;
}

}  // namespace tepui::http

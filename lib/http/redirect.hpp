// Where a redirect leads: masters answer `Location: //host:port/path`, without a scheme, as the Mesos v1 API does.
#pragma once

#include <string_view>

#include "lib/base/result.hpp"
#include "lib/http/endpoint.hpp"

namespace tepui::http {

/// The server in `//host:port/path` or `http://host:port/path`; with `default_port` above 0 the port may be missing.
/// Errors: InvalidArgument (it names no host, or no port), with the Location.
Result<HostPort> server_in_location(std::string_view location, std::uint16_t default_port = 0);

}  // namespace tepui::http

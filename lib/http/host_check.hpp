// Host and Origin: who may have sent a browser here. Pure. Against DNS rebinding and requests forged by web pages.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lib/http/header_gate.hpp"

namespace tepui::http {

/// Allowed in Host (the port is not looked at): localhost, *.localhost, 127.0.0.0/8, [::1], the address the client reached us
/// at, and `allowed_hosts`. An Origin must name the very host and port that Host names. Refused with 403 otherwise; a
/// request of HTTP/1.0 without Host passes. Empty reason: allowed.
Refusal check_host(const Headers& headers, std::string_view local_address, const std::vector<std::string>& allowed_hosts);

}  // namespace tepui::http

// Endpoint: an IP address and a port; HostPort: the same with a name that may need resolving.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "lib/base/result.hpp"

namespace tepui::http {

/// An IP address in text ("127.0.0.1", "::1") and a TCP port (0: let the kernel choose).
struct Endpoint {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;
  bool operator==(const Endpoint&) const = default;
  /// "127.0.0.1:5050", "[::1]:5050".
  [[nodiscard]] std::string to_string() const;
};

/// A name or address of a server, as users write it.
struct HostPort {
  std::string host;
  std::uint16_t port = 0;
  bool operator==(const HostPort&) const = default;
  [[nodiscard]] std::string to_string() const;
  /// "host:port", "1.2.3.4:5050", "[::1]:5050"; with `default_port` above 0 the port may be missing.
  /// Errors: InvalidArgument.
  static Result<HostPort> parse(std::string_view text, std::uint16_t default_port = 0);
};

}  // namespace tepui::http

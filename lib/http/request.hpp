// Request: what a server's handler is given. It has passed the header gate, the Host check and the canonicaliser.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lib/http/endpoint.hpp"
#include "lib/http/headers.hpp"

namespace tepui::http {

struct Request {
  std::string method;             ///< "GET", "POST"; upper case
  std::string path;               ///< canonical and decoded: "/slave(1)/state"
  std::string query;              ///< raw, without '?': "offset=0&path=%2Fa"
  Headers headers;
  std::string body;               ///< whole, chunks joined
  Endpoint peer;
  Endpoint local;                 ///< the address the client reached us at
  std::uint64_t connection_id = 0;  ///< the same for every request of one connection; never used again

  /// The decoded value of the first query parameter of that name ("+" is a space). No value: absent or malformed escape.
  [[nodiscard]] std::optional<std::string> query_value(std::string_view name) const;
};

/// Decodes %XX and, where `plus_is_space`, "+". No value: a malformed escape.
std::optional<std::string> decode_percent(std::string_view text, bool plus_is_space);
/// Encodes everything but unreserved characters (RFC 3986 2.3) and '/'.
std::string encode_percent(std::string_view text);

}  // namespace tepui::http

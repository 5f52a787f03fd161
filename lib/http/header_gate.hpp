// The header gate: a strict reading of a request's raw head, before any library parses it. Pure. Whatever two parsers have
// been known to read differently is refused. Not here: chunked bodies (chunk_gate.hpp), paths (target.hpp), Host (host_check.hpp).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "lib/http/headers.hpp"

namespace tepui::http {

struct GateLimits {
  std::size_t header_bytes = 8U << 10U;
  std::size_t header_fields = 100;
};

/// Why a request is refused; after it the connection is closed, and what follows on it is never read as a request.
struct Refusal {
  int status = 400;
  std::string reason;  ///< constant text, fit for counting: "bare line feed"
  bool operator==(const Refusal&) const = default;
};

struct RequestHead {
  std::string method;
  std::string target;  ///< raw
  int minor_version = 1;
  Headers headers;
  std::uint64_t content_length = 0;
  bool has_content_length = false;
  bool is_chunked = false;
  bool keeps_alive = true;
  bool expects_continue = false;
};

/// Looks at bytes of a head as they arrive (`seen` bytes of `raw` were looked at before), so that garbage is refused at its
/// first byte and not after a time-out. Empty reason: nothing wrong so far.
Refusal check_head_bytes(std::string_view raw, std::size_t seen, const GateLimits& limits);

/// `raw` ends with the blank line. Sources: RFC 9112 2-7, 9110 5; reliability list H5 (the vectors Beast 1.81 accepts).
std::variant<RequestHead, Refusal> check_head(std::string_view raw, const GateLimits& limits);

}  // namespace tepui::http

// Server: listeners, the header gate in front of the parser, limits, and one coroutine per connection.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "lib/async/async.hpp"
#include "lib/http/endpoint.hpp"
#include "lib/http/router.hpp"

namespace tepui::http {

/// What a client may ask of us. Every limit that is passed is counted in ServerMetrics::refused under its name.
struct ServerOptions {
  std::size_t header_bytes = 8U << 10U;   ///< request line and fields together; beyond: 431
  std::size_t header_fields = 100;        ///< beyond: 431
  std::uint64_t body_bytes = 64U << 20U;  ///< beyond: 413
  std::chrono::nanoseconds header_timeout = std::chrono::seconds(10);  ///< from the first byte to the blank line
  std::chrono::nanoseconds idle_timeout = std::chrono::seconds(75);    ///< between requests
  std::chrono::nanoseconds body_idle_timeout = std::chrono::seconds(10);
  /// A body must have come within body_grace + size / body_bytes_per_second.
  std::chrono::nanoseconds body_grace = std::chrono::seconds(10);
  std::uint64_t body_bytes_per_second = 1024;
  std::chrono::nanoseconds write_timeout = std::chrono::seconds(60);  ///< without progress
  std::chrono::nanoseconds linger_timeout = std::chrono::seconds(2);  ///< after a refusal, so that the client reads it
  std::size_t connections = 10'000;  ///< or half of the process's descriptors (RLIMIT_NOFILE); beyond: 503 and close
  /// Names besides loopback and the address reached that may stand in Host (port ignored); others get 403.
  std::vector<std::string> allowed_hosts;
};

struct ServerMetrics {
  std::uint64_t connections_accepted = 0;
  std::uint64_t connections_open = 0;
  std::uint64_t requests = 0;               ///< dispatched to a handler
  std::uint64_t streams_open = 0;
  std::uint64_t accept_failures = 0;        ///< EMFILE and its like
  std::map<int, std::uint64_t> responses;   ///< by status, refusals included
  std::map<std::string, std::uint64_t> refused;  ///< by reason: "bare line feed", "foreign host"…
};

/// [loop] Handlers run on `executor`'s loop.
///
///   http::Server server(loop.executor(), router, options);
///   TEPUI_ASSIGN(auto bound, server.listen({"127.0.0.1", 5050}));
///   …
///   co_await server.close();
class Server {
 public:
  Server(Executor executor, Router router, ServerOptions options = {});
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  /// close() must have been awaited if handlers refer to what dies with the server's owner.
  ~Server();

  /// Binds, listens and starts to accept; may be called for several addresses. Returns the bound address (port 0 resolved).
  /// Errors: InvalidArgument (address), AlreadyExists (in use), PermissionDenied.
  Result<Endpoint> listen(Endpoint endpoint);

  /// Stops accepting, ends streams (ServerClosed), cancels handlers and waits for all of them. Idempotent.
  Async<void> close();

  [[nodiscard]] const ServerMetrics& metrics() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace tepui::http

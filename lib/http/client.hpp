// Client: requests to one server over kept-alive connections, and replies that stream. Redirects are not followed: status
// and headers are the caller's to read.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "lib/async/async.hpp"
#include "lib/http/endpoint.hpp"
#include "lib/http/headers.hpp"

namespace tepui::http {

struct ClientOptions {
  std::chrono::nanoseconds connect_timeout = std::chrono::seconds(5);  ///< resolving included
  std::chrono::nanoseconds reply_timeout = std::chrono::seconds(30);   ///< send() whole; open() until the headers
  std::size_t header_bytes = 64U << 10U;
  std::uint64_t body_bytes = 64U << 20U;  ///< of a whole reply; streams are not bounded
  std::size_t idle_connections = 8;       ///< kept for reuse
};

/// Host, Content-Length and Connection are the client's.
struct Call {
  std::string method = "GET";
  std::string target = "/";  ///< path and query, encoded
  Headers headers;
  std::string body;
};

struct Reply {
  int status = 0;
  Headers headers;
  std::string body;
};

/// A reply whose body is read as it comes. Owns its connection; closing or destroying it hangs up. [loop]
class ReplyStream {
 public:
  ReplyStream(ReplyStream&&) noexcept;
  ReplyStream& operator=(ReplyStream&&) noexcept;
  ~ReplyStream();

  [[nodiscard]] int status() const;
  [[nodiscard]] const Headers& headers() const;
  /// The next bytes of the body, as soon as there are some; empty at its proper end.
  /// Errors: DeadlineExceeded (nothing came for `idle_limit`), Unavailable (cut off), Cancelled.
  Async<std::string> read_some(std::chrono::nanoseconds idle_limit);
  /// What is left of a short body (an error's text). Errors: as read_some, ResourceExhausted (over `limit` bytes).
  Async<std::string> read_rest(std::size_t limit, std::chrono::nanoseconds idle_limit);
  /// A pending read_some returns Cancelled or Unavailable soon. Idempotent.
  void close();

  struct Impl;
  explicit ReplyStream(std::shared_ptr<Impl> impl);

 private:
  std::shared_ptr<Impl> impl_;
};

/// Any number of calls may run at once; each takes an idle connection or makes one. [loop]
class Client {
 public:
  Client(Executor executor, HostPort server, ClientOptions options = {});
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  /// Calls that run go on and must not outlive the loop.
  ~Client();

  /// A call and its whole reply, whatever its status. It is never sent twice: a connection that the server has closed
  /// meanwhile is seen before it is used. Errors: Unavailable (refused, cut off), DeadlineExceeded, ResourceExhausted
  /// (reply over the limits), DataLoss (no HTTP), Cancelled.
  Async<Reply> send(Call call);
  /// As send(), but returns when the headers are there; on a connection of its own.
  Async<ReplyStream> open(Call call);

  [[nodiscard]] const HostPort& server() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace tepui::http

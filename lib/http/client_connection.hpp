// One connection of a client: resolve, connect, write a call, read its reply. Private to lib/http.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "lib/http/client.hpp"
#include "lib/http/message_parser.hpp"
#include "lib/http/timed_socket.hpp"

namespace tepui::http {

/// [loop] Shared, since a stream's owner may close it while a coroutine reads.
class ClientConnection {
 public:
  explicit ClientConnection(std::shared_ptr<TimedSocket> socket, ClientOptions options);
  static Async<std::shared_ptr<ClientConnection>> connect(HostPort server, ClientOptions options);

  /// Whether another call may be sent on it.
  [[nodiscard]] bool is_reusable();
  Async<void> write_call(HostPort server, Call call, MonotonicTime deadline);
  /// Reads until the head of the final (not 1xx) reply is there.
  Async<void> read_head(bool is_head_call, MonotonicTime deadline, std::optional<std::uint64_t> body_limit);
  /// Reads once more. False: the body is complete.
  Async<bool> read_more(MonotonicTime deadline);
  [[nodiscard]] MessageParser& parser() { return *parser_; }
  void close() { socket_->close(); }

 private:
  Result<void> put_inbox();

  std::shared_ptr<TimedSocket> socket_;
  ClientOptions options_;
  std::optional<MessageParser> parser_;
  std::string inbox_;
};

}  // namespace tepui::http

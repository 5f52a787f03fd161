// One connection of the server: read a head, gate it, read the body, dispatch, answer; or refuse and close. Private to lib/http.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "lib/http/header_gate.hpp"
#include "lib/http/message_parser.hpp"
#include "lib/http/server_state.hpp"
#include "lib/http/timed_socket.hpp"

namespace tepui::http {

/// [loop] Lives in the frame of serve_connection().
class ServerConnection {
 public:
  ServerConnection(std::shared_ptr<ServerShared> server, Stream stream);

  /// One request and its answer. False: the connection is over (closed, refused, or given to a stream that has ended).
  Async<bool> serve_one();
  /// Sends a refusal, then reads on for a moment so that the client gets to read it before the connection is reset.
  Async<void> refuse(Refusal refusal);
  void close() { socket_->close(); }

 private:
  /// Reads up to the blank line. No value: the client went away, or a refusal was sent.
  Async<std::optional<RequestHead>> read_head();
  Async<std::optional<std::string>> read_body(RequestHead head, MessageParser* parser);
  Async<bool> respond(Request request, RequestHead head);
  Async<bool> send_stream(Response response, bool is_head);
  Async<Response> run_handler(Request request);
  [[nodiscard]] MonotonicTime body_deadline(MonotonicTime began, std::size_t received) const;

  std::shared_ptr<ServerShared> server_;
  std::shared_ptr<TimedSocket> socket_;
  std::string inbox_;  // read and not yet used
  std::uint64_t id_;
  bool is_first_ = true;
};

}  // namespace tepui::http

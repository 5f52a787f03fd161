// Top to bottom: head, body, dispatch, answer, refusal.
#include "lib/http/server_connection.hpp"

#include <exception>

#include "lib/base/try.hpp"
#include "lib/http/chunk_gate.hpp"
#include "lib/http/host_check.hpp"
#include "lib/http/response_text.hpp"
#include "lib/http/target.hpp"

namespace tepui::http {

namespace {

using std::chrono::steady_clock;

constexpr std::size_t kReadSize = 16U << 10U;
constexpr std::size_t kBodyReadSize = 64U << 10U;

/// The second reading of the head must agree with the first in all that decides where the message ends.
bool agree(const RequestHead& head, const MessageParser& parser) {
  const auto length = parser.content_length();
  const bool has_same_length = !head.has_content_length || (length && *length == head.content_length);
  return parser.has_head() && parser.method() == head.method && parser.target() == head.target &&
         parser.headers().size() == head.headers.size() && parser.is_chunked() == head.is_chunked && has_same_length;
}

/// Sees a streaming client go away. Has its own hold of the socket: it may outlive the connection by a moment.
Async<void> watch_client(std::shared_ptr<TimedSocket> socket, std::shared_ptr<RecordStream> stream) {
  std::string bytes;
  auto read = co_await socket->read_some(&bytes, 1, MonotonicTime::max());
  if (stream->end()) co_return ok();
  // Cancelled: the server closes, or a write has stalled; the pump says which.
  if (!read && read.error().code() == ErrorCode::Cancelled) co_return ok();
  if (!read) {
    stream->end_because(StreamEnd::Reason::ClientGone, read.error().to_string());
  } else if (*read == 0) {
    stream->end_because(StreamEnd::Reason::ClientGone, "the client closed the connection");
  } else {
    stream->end_because(StreamEnd::Reason::UnexpectedBytes, "the client sent bytes on a stream");
  }
  co_return ok();
}

}  // namespace

ServerConnection::ServerConnection(std::shared_ptr<ServerShared> server, Stream stream)
    : server_(std::move(server)),
      socket_(std::make_shared<TimedSocket>(std::move(stream))),
      id_(server_->next_connection_id++) {}

Async<std::optional<RequestHead>> ServerConnection::read_head() {
  const GateLimits limits{server_->options.header_bytes, server_->options.header_fields};
  auto deadline = steady_clock::now() + (is_first_ ? server_->options.header_timeout : server_->options.idle_timeout);
  bool has_begun = false;
  std::size_t seen = 0;
  std::optional<RequestHead> none;
  for (;;) {
    const auto end = inbox_.find("\r\n\r\n");
    const std::size_t size = end == std::string::npos ? inbox_.size() : end + 4;
    const std::string_view raw = std::string_view(inbox_).substr(0, size);
    Refusal refusal = check_head_bytes(raw, seen, limits);
    if (refusal.reason.empty() && end != std::string::npos) {
      auto checked = check_head(raw, limits);
      if (auto* head = std::get_if<RequestHead>(&checked)) co_return std::move(*head);
      refusal = std::get<Refusal>(checked);
    }
    if (!refusal.reason.empty()) {
      co_await refuse(std::move(refusal));
      co_return none;
    }
    seen = size;
    if (!inbox_.empty() && !has_begun) {
      has_begun = true;
      if (!is_first_) deadline = steady_clock::now() + server_->options.header_timeout;
    }
    auto read = co_await socket_->read_some(&inbox_, kReadSize, deadline);
    if (!read && read.error().code() == ErrorCode::DeadlineExceeded && has_begun) {
      Refusal refusal{408, "header time"};
      co_await refuse(std::move(refusal));
      co_return none;
    }
    if (!read || *read == 0) co_return none;
  }
}

MonotonicTime ServerConnection::body_deadline(MonotonicTime began, std::size_t received) const {
  const ServerOptions& o = server_->options;
  const auto by_rate = began + o.body_grace + std::chrono::seconds(received / std::max<std::uint64_t>(1, o.body_bytes_per_second));
  return std::min(steady_clock::now() + o.body_idle_timeout, by_rate);
}

Async<std::optional<std::string>> ServerConnection::read_body(RequestHead head, MessageParser* parser) {
  const auto began = steady_clock::now();
  const std::uint64_t limit = server_->options.body_bytes;
  ChunkGate chunks;
  std::size_t received = 0;
  std::optional<std::string> none;
  while (!parser->is_done()) {
    if (!inbox_.empty()) {
      std::size_t own = inbox_.size();
      const bool is_malformed = head.is_chunked && chunks.put(inbox_, own) == ChunkGate::Verdict::Malformed;
      if (is_malformed) {
        Refusal refusal{400, "malformed chunk"};
        co_await refuse(std::move(refusal));
        co_return none;
      }
      if (chunks.announced_bytes() > limit) {
        Refusal refusal{413, "body bytes"};
        co_await refuse(std::move(refusal));
        co_return none;
      }
      auto used = parser->put(std::string_view(inbox_).substr(0, own));
      if (!used) {
        Refusal refusal{400, "malformed body"};
        co_await refuse(std::move(refusal));
        co_return none;
      }
      received += *used;
      inbox_.erase(0, *used);
      if (parser->is_done()) break;
      if (!inbox_.empty()) {
        Refusal refusal{400, "malformed body"};
        co_await refuse(std::move(refusal));
        co_return none;
      }
    }
    auto read = co_await socket_->read_some(&inbox_, kBodyReadSize, body_deadline(began, received));
    if (!read && read.error().code() == ErrorCode::DeadlineExceeded) {
      Refusal refusal{408, "body time"};
      co_await refuse(std::move(refusal));
      co_return none;
    }
    if (!read || *read == 0) co_return none;
  }
  co_return parser->take_body();
}

Async<bool> ServerConnection::serve_one() {
  auto read = co_await read_head();
  if (!read || !*read) co_return false;
  RequestHead head = std::move(**read);
  is_first_ = false;
  const std::size_t head_size = inbox_.find("\r\n\r\n") + 4;
  auto target = parse_target(head.target);
  Refusal refusal = check_host(head.headers, socket_->local().address, server_->options.allowed_hosts);
  if (!target) refusal = Refusal{400, "ambiguous path"};
  if (refusal.reason.empty() && head.content_length > server_->options.body_bytes) refusal = Refusal{413, "body bytes"};
  // The body's size is bounded above, before Beast, whose own limit counts differently for chunks.
  MessageParser parser(MessageParser::Kind::Request, {server_->options.header_bytes + 1, std::nullopt});
  if (refusal.reason.empty()) {
    auto put = parser.put(std::string_view(inbox_).substr(0, head_size));
    if (!put || !agree(head, parser)) refusal = Refusal{400, "parsers disagree"};
  }
  if (!refusal.reason.empty()) {
    co_await refuse(std::move(refusal));
    co_return false;
  }
  inbox_.erase(0, head_size);
  if (head.expects_continue && inbox_.empty() && !parser.is_done()) {
    auto told = co_await socket_->write_all("HTTP/1.1 100 Continue\r\n\r\n", server_->options.write_timeout);
    if (!told) co_return false;
  }
  Request request;
  auto body = co_await read_body(head, &parser);
  if (!body || !*body) co_return false;
  if (!inbox_.empty()) {
    Refusal refusal{400, "pipelining"};
    co_await refuse(std::move(refusal));
    co_return false;
  }
  request.method = head.method;  // respond() looks at it too
  request.path = std::move(target->path);
  request.query = std::move(target->query);
  request.headers = std::move(head.headers);
  request.body = std::move(**body);
  request.peer = socket_->peer();
  request.local = socket_->local();
  request.connection_id = id_;
  auto goes_on = co_await respond(std::move(request), std::move(head));
  co_return goes_on;
}

Async<Response> ServerConnection::run_handler(Request request) {
  const Router::Found found = server_->router.find(request.method, request.path);
  if (found.handler == nullptr) {
    if (found.allowed.empty()) co_return Response::text(404, "no such path: " + request.path + "\n");
    Response refused = Response::text(405, "method " + request.method + " is not allowed here\n");
    refused.headers.add("Allow", found.allowed);
    co_return refused;
  }
  ++server_->metrics.requests;
  std::string failure;
  try {
    auto running = (*found.handler)(std::move(request));
    auto response = co_await std::move(running);
    if (response) co_return std::move(*response);
    co_return Response::of_error(response.error());
  } catch (const std::exception& e) {
    failure = e.what();
  }
  co_return Response::of_error(Error(ErrorCode::Internal, "answer a request: exception: " + failure));
}

Async<bool> ServerConnection::respond(Request request, RequestHead head) {
  const bool is_head = head.method == "HEAD";
  auto response = co_await run_handler(std::move(request));
  if (!response) co_return false;
  if (response->stream && head.minor_version == 0) {
    response->stream->disconnect("streams need HTTP/1.1");
    *response = Response::text(505, "streams need HTTP/1.1\n");
  }
  ++server_->metrics.responses[response->status];
  if (response->stream) {
    auto streamed = co_await send_stream(std::move(*response), is_head);
    co_return streamed;
  }
  // What has come before the answer went out was sent without waiting for it.
  const bool is_pipelined = socket_->available() > 0;
  const bool keeps_alive = head.keeps_alive && !is_pipelined && !server_->tasks.is_closed();
  std::string text = format_head(*response, head.minor_version == 1 && (keeps_alive || is_pipelined));
  if (!is_head) text += response->body;
  auto written = co_await socket_->write_all(std::move(text), server_->options.write_timeout);
  if (!written) co_return false;
  if (is_pipelined) {
    Refusal refusal{400, "pipelining"};
    co_await refuse(std::move(refusal));
    co_return false;
  }
  co_return keeps_alive;
}

Async<bool> ServerConnection::send_stream(Response response, bool is_head) {
  auto stream = response.stream;
  if (socket_->available() > 0) {
    stream->end_because(StreamEnd::Reason::UnexpectedBytes, "the client sent a second request");
    Refusal refusal{400, "pipelining"};
    co_await refuse(std::move(refusal));
    co_return false;
  }
  auto written = co_await socket_->write_all(format_stream_head(response), server_->options.write_timeout);
  if (!written || is_head) {
    stream->end_because(is_head ? StreamEnd::Reason::Finished : StreamEnd::Reason::ClientGone, "the answer ended");
    co_return false;
  }
  ++server_->metrics.streams_open;
  static_cast<void>(server_->tasks.spawn("watch a stream's client", watch_client(socket_, stream)));
  co_await stream->pump(socket_);
  --server_->metrics.streams_open;
  socket_->shutdown_send();
  co_return false;
}

Async<void> ServerConnection::refuse(Refusal refusal) {
  ++server_->metrics.refused[refusal.reason];
  ++server_->metrics.responses[refusal.status];
  inbox_.clear();
  std::string text = format_refusal(refusal.status, refusal.reason);
  auto written = co_await socket_->write_all(std::move(text), server_->options.linger_timeout);
  if (!written) co_return ok();
  socket_->shutdown_send();
  const auto deadline = steady_clock::now() + server_->options.linger_timeout;
  for (;;) {
    std::string ignored;
    auto read = co_await socket_->read_some(&ignored, kBodyReadSize, deadline);
    if (!read || *read == 0) co_return ok();
  }
}

Async<void> serve_connection(std::shared_ptr<ServerShared> server, Stream stream) {
  ++server->metrics.connections_open;
  ServerConnection connection(server, std::move(stream));
  for (;;) {
    auto goes_on = co_await connection.serve_one();
    if (!goes_on || !*goes_on) break;
  }
  connection.close();
  --server->metrics.connections_open;
  co_return ok();
}

Async<void> refuse_connection(std::shared_ptr<ServerShared> server, Stream stream) {
  ++server->metrics.connections_open;
  ServerConnection connection(server, std::move(stream));
  Refusal refusal{503, "connections"};
  co_await connection.refuse(std::move(refusal));
  connection.close();
  --server->metrics.connections_open;
  co_return ok();
}

}  // namespace tepui::http

// Calls over a few kept connections; streams on their own.
#include "lib/http/client.hpp"

#include <vector>

#include "lib/http/client_connection.hpp"

namespace tepui::http {

struct Client::State {
  Executor executor;
  HostPort server;
  ClientOptions options;
  std::vector<std::shared_ptr<ClientConnection>> idle;

  /// No value: none that is still good.
  std::shared_ptr<ClientConnection> take_idle() {
    while (!idle.empty()) {
      auto connection = std::move(idle.back());
      idle.pop_back();
      if (connection->is_reusable()) return connection;
      connection->close();
    }
    return nullptr;
  }
};

struct ReplyStream::Impl {
  std::shared_ptr<ClientConnection> connection;
  int status = 0;
  Headers headers;
};

namespace {

std::string describe(const Call& call, const HostPort& server) {
  return call.method + " http://" + server.to_string() + call.target.substr(0, call.target.find('?'));
}

Async<void> send_call(std::shared_ptr<ClientConnection> connection, HostPort server, Call call, MonotonicTime deadline,
                      std::optional<std::uint64_t> body_limit) {
  const bool is_head = call.method == "HEAD";
  auto written = co_await connection->write_call(server, std::move(call), deadline);
  if (!written && written.error().code() != ErrorCode::Unavailable) co_return written.error();
  // A server may refuse while the body is still being written: its reply counts, if there is one.
  auto read = co_await connection->read_head(is_head, deadline, body_limit);
  if (!read) co_return written ? read.error() : written.error();
  co_return ok();
}

}  // namespace

ReplyStream::ReplyStream(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
ReplyStream::ReplyStream(ReplyStream&&) noexcept = default;
ReplyStream& ReplyStream::operator=(ReplyStream&& other) noexcept {
  close();
  impl_ = std::move(other.impl_);
  return *this;
}
ReplyStream::~ReplyStream() { close(); }

int ReplyStream::status() const { return impl_->status; }
const Headers& ReplyStream::headers() const { return impl_->headers; }

void ReplyStream::close() {
  if (impl_) impl_->connection->close();
}

Async<std::string> ReplyStream::read_some(std::chrono::nanoseconds idle_limit) {
  auto connection = impl_->connection;
  const auto deadline = std::chrono::steady_clock::now() + idle_limit;
  while (connection->parser().body().empty()) {
    auto more = co_await connection->read_more(deadline);
    if (!more) co_return more.error();
    if (!*more) break;
  }
  co_return connection->parser().take_body();
}

Async<std::string> ReplyStream::read_rest(std::size_t limit, std::chrono::nanoseconds idle_limit) {
  std::string all;
  for (;;) {
    auto some = co_await read_some(idle_limit);
    if (!some) co_return some.error();
    if (some->empty()) co_return all;
    all += *some;
    if (all.size() > limit) co_return Error(ErrorCode::ResourceExhausted, "read a reply: it is too long");
  }
}

Client::Client(Executor executor, HostPort server, ClientOptions options)
    : state_(std::make_shared<State>(State{std::move(executor), std::move(server), options, {}})) {}
Client::~Client() {
  for (const auto& connection : state_->idle) connection->close();
}

const HostPort& Client::server() const { return state_->server; }

Async<Reply> Client::send(Call call) {
  auto state = state_;
  const std::string what = describe(call, state->server);
  const auto deadline = std::chrono::steady_clock::now() + state->options.reply_timeout;
  auto connection = state->take_idle();
  if (!connection) {
    auto made = co_await ClientConnection::connect(state->server, state->options);
    if (!made) co_return made.error().wrap(what);
    connection = std::move(*made);
  }
  auto sent = co_await send_call(connection, state->server, std::move(call), deadline, state->options.body_bytes);
  if (!sent) co_return sent.error().wrap(what);
  while (!connection->parser().is_done()) {
    auto more = co_await connection->read_more(deadline);
    if (!more) co_return more.error().wrap(what);
    if (!*more) break;
  }
  Reply reply{connection->parser().status(), connection->parser().headers(), connection->parser().take_body()};
  if (connection->is_reusable() && state->idle.size() < state->options.idle_connections) {
    state->idle.push_back(std::move(connection));
  } else {
    connection->close();
  }
  co_return reply;
}

Async<ReplyStream> Client::open(Call call) {
  auto state = state_;
  const std::string what = describe(call, state->server);
  const auto deadline = std::chrono::steady_clock::now() + state->options.reply_timeout;
  auto made = co_await ClientConnection::connect(state->server, state->options);
  if (!made) co_return made.error().wrap(what);
  auto sent = co_await send_call(*made, state->server, std::move(call), deadline, std::nullopt);
  if (!sent) co_return sent.error().wrap(what);
  auto impl = std::make_shared<ReplyStream::Impl>();
  impl->connection = *made;
  impl->status = (*made)->parser().status();
  impl->headers = (*made)->parser().headers();
  co_return ReplyStream(std::move(impl));
}

}  // namespace tepui::http

// Listeners. What a connection does is in server_connection.cpp.
#include "lib/http/server.hpp"

#include <unistd.h>

#include <algorithm>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "lib/async/timer.hpp"
#include "lib/base/try.hpp"
#include "lib/http/server_state.hpp"

namespace tepui::http {

namespace asio = boost::asio;
using Acceptor = asio::basic_socket_acceptor<asio::ip::tcp, Executor>;

namespace {

// Connections that are being told that there are too many.
constexpr std::size_t kRefusedAtOnce = 64;
constexpr std::size_t kDroppedAtOnce = 64;
constexpr auto kPauseAfterFailure = std::chrono::milliseconds(20);

bool is_out_of_descriptors(const boost::system::error_code& code) {
  return code == boost::system::errc::too_many_files_open ||
         code == boost::system::errc::too_many_files_open_in_system;
}

/// A descriptor kept back: given up for a moment, it lets one more connection be accepted, to be closed at once. Else the
/// client would wait in the kernel's queue, and accept would fail in a busy circle.
class Reserve {
 public:
  explicit Reserve(Executor executor) : socket_(std::move(executor)) { refill(); }
  void give_up() {
    boost::system::error_code ignored;
    socket_.close(ignored);
  }
  void refill() {
    boost::system::error_code ignored;
    if (!socket_.is_open()) socket_.open(asio::ip::tcp::v4(), ignored);
  }

 private:
  Stream socket_;
};

struct Listener {
  explicit Listener(const Executor& executor) : acceptor(executor), reserve(executor) {}
  Acceptor acceptor;
  Reserve reserve;
};

/// Accepts and closes what waits, so that nobody waits in vain.
void drop_waiting_connections(Listener& listener) {
  for (std::size_t dropped = 0; dropped < kDroppedAtOnce; ++dropped) {
    boost::system::error_code code;
    listener.reserve.give_up();
    Stream stream(listener.acceptor.get_executor());
    listener.acceptor.accept(stream, code);
    stream.close();
    listener.reserve.refill();
    if (code) return;
  }
}

/// Clients may take half of the descriptors: the daemon needs the others for its own work.
std::size_t connection_limit(std::size_t wanted) {
  const long descriptors = ::sysconf(_SC_OPEN_MAX);
  return descriptors <= 0 ? wanted : std::min(wanted, static_cast<std::size_t>(descriptors) / 2);
}

Async<void> accept_connections(std::shared_ptr<ServerShared> server, std::shared_ptr<Listener> listener) {
  for (;;) {
    const bool is_late = co_await is_cancelled();
    if (is_late) co_return cancelled("accept connections");
    Stream stream(server->executor);
    auto [code] = co_await listener->acceptor.async_accept(stream, asio::as_tuple(asio::use_awaitable));
    if (code == asio::error::operation_aborted || code == asio::error::bad_descriptor) co_return cancelled("accept connections");
    if (code) {
      ++server->metrics.accept_failures;
      if (is_out_of_descriptors(code)) drop_waiting_connections(*listener);
      auto paused = co_await sleep_for(kPauseAfterFailure);
      if (!paused) co_return paused.error();
      continue;
    }
    ++server->metrics.connections_accepted;
    const auto open = server->metrics.connections_open;
    if (open >= server->options.connections + kRefusedAtOnce) continue;  // closes it without a word
    const bool is_full = open >= server->options.connections;
    auto serving = is_full ? refuse_connection(server, std::move(stream)) : serve_connection(server, std::move(stream));
    static_cast<void>(server->tasks.spawn("serve a connection", std::move(serving)));
  }
}

Error error_of_listen(const boost::system::error_code& code, const Endpoint& endpoint) {
  const Error error = Error::from_errno(code.value(), "listen on " + endpoint.to_string());
  if (code != asio::error::address_in_use) return error;
  return Error(ErrorCode::AlreadyExists, "listen on " + endpoint.to_string(), code.value())
      .with_hint("another process listens there: stop it, or choose another port (0 lets the kernel choose)");
}

}  // namespace

struct Server::State {
  std::shared_ptr<ServerShared> shared;
  std::vector<std::shared_ptr<Listener>> listeners;
};

Server::Server(Executor executor, Router router, ServerOptions options) : state_(std::make_shared<State>()) {
  options.connections = connection_limit(options.connections);
  state_->shared = std::make_shared<ServerShared>(std::move(executor), std::move(router), std::move(options));
}

Server::~Server() {
  boost::system::error_code ignored;
  for (const auto& listener : state_->listeners) listener->acceptor.close(ignored);
  state_->shared->tasks.cancel();
}

Result<Endpoint> Server::listen(Endpoint endpoint) {
  boost::system::error_code code;
  const auto address = asio::ip::make_address(endpoint.address, code);
  if (code) {
    return Error(ErrorCode::InvalidArgument, "listen on " + endpoint.to_string() + ": no IP address");
  }
  auto listener = std::make_shared<Listener>(state_->shared->executor);
  const asio::ip::tcp::endpoint wanted(address, endpoint.port);
  listener->acceptor.open(wanted.protocol(), code);
  if (!code) listener->acceptor.set_option(asio::socket_base::reuse_address(true), code);
  if (!code) listener->acceptor.bind(wanted, code);
  if (!code) listener->acceptor.listen(asio::socket_base::max_listen_connections, code);
  if (!code) listener->acceptor.non_blocking(true, code);
  if (code) return error_of_listen(code, endpoint);
  const auto bound = listener->acceptor.local_endpoint(code);
  TEPUI_TRY(state_->shared->tasks.spawn("accept connections", accept_connections(state_->shared, listener)),
            "listen on " + endpoint.to_string());
  state_->listeners.push_back(std::move(listener));
  return Endpoint{bound.address().to_string(), bound.port()};
}

Async<void> Server::close() {
  auto state = state_;
  boost::system::error_code ignored;
  for (const auto& listener : state->listeners) listener->acceptor.close(ignored);
  auto closed = co_await state->shared->tasks.close();
  co_return closed;
}

const ServerMetrics& Server::metrics() const { return state_->shared->metrics; }

}  // namespace tepui::http

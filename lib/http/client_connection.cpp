// See client_connection.hpp.
#include "lib/http/client_connection.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "lib/async/deadline.hpp"
#include "lib/base/try.hpp"

namespace tepui::http {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;

namespace {

constexpr std::size_t kReadSize = 64U << 10U;

Async<std::shared_ptr<TimedSocket>> connect_to(HostPort server) {
  const std::string what = "connect to " + server.to_string();
  auto executor = co_await asio::this_coro::executor;
  std::vector<Tcp::endpoint> found;
  boost::system::error_code code;
  const auto address = asio::ip::make_address(server.host, code);
  if (!code) {
    found.emplace_back(address, server.port);
  } else {
    asio::ip::basic_resolver<Tcp, Executor> resolver(executor);
    auto [failed, results] =
        co_await resolver.async_resolve(server.host, std::to_string(server.port), asio::as_tuple(asio::use_awaitable));
    if (failed) co_return error_of_asio(failed, what);
    for (const auto& result : results) found.push_back(result.endpoint());
  }
  boost::system::error_code last = asio::error::host_not_found;
  for (const Tcp::endpoint& endpoint : found) {
    const bool is_late = co_await is_cancelled();
    if (is_late) co_return cancelled(what);
    Stream stream(executor);
    auto [failed] = co_await stream.async_connect(endpoint, asio::as_tuple(asio::use_awaitable));
    if (!failed) co_return std::make_shared<TimedSocket>(std::move(stream));
    last = failed;
  }
  co_return error_of_asio(last, what);
}

bool is_ours(const std::string& name) {
  return equals_ignoring_case(name, "host") || equals_ignoring_case(name, "content-length") ||
         equals_ignoring_case(name, "transfer-encoding") || equals_ignoring_case(name, "connection");
}

Result<std::string> format_call(const HostPort& server, const Call& call) {
  const auto is_unfit = [](const std::string& text) {
    return std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
  };
  if (is_unfit(call.target) || call.target.find(' ') != std::string::npos || !call.target.starts_with('/')) {
    return Error(ErrorCode::InvalidArgument, "call '" + server.to_string() + "': the target is no encoded path");
  }
  std::string out = call.method + " " + call.target + " HTTP/1.1\r\nHost: " + server.to_string() + "\r\n";
  for (const Header& field : call.headers) {
    if (is_ours(field.name)) continue;
    if (is_unfit(field.name) || is_unfit(field.value)) {
      return Error(ErrorCode::InvalidArgument, "call '" + server.to_string() + "': control byte in a header");
    }
    out += field.name + ": " + field.value + "\r\n";
  }
  const bool may_be_bare = call.method == "GET" || call.method == "HEAD";
  if (!call.body.empty() || !may_be_bare) out += "Content-Length: " + std::to_string(call.body.size()) + "\r\n";
  return out + "\r\n" + call.body;
}

}  // namespace

ClientConnection::ClientConnection(std::shared_ptr<TimedSocket> socket, ClientOptions options)
    : socket_(std::move(socket)), options_(options) {}

Async<std::shared_ptr<ClientConnection>> ClientConnection::connect(HostPort server, ClientOptions options) {
  const std::string what = "connect to " + server.to_string();
  auto connecting = connect_to(server);
  auto socket = co_await with_deadline(std::move(connecting), options.connect_timeout, what);
  if (!socket) co_return socket.error();
  co_return std::make_shared<ClientConnection>(std::move(*socket), options);
}

bool ClientConnection::is_reusable() {
  const bool is_between = !parser_ || (parser_->is_done() && parser_->keeps_alive());
  return is_between && inbox_.empty() && !socket_->is_stale();
}

Async<void> ClientConnection::write_call(HostPort server, Call call, MonotonicTime deadline) {
  auto text = format_call(server, call);
  if (!text) co_return text.error();
  const auto left = deadline - std::chrono::steady_clock::now();
  auto written = co_await socket_->write_all(std::move(*text), std::max<std::chrono::nanoseconds>(left, std::chrono::nanoseconds(0)));
  co_return written;
}

Result<void> ClientConnection::put_inbox() {
  auto used = parser_->put(inbox_);
  if (!used) return used.error();
  inbox_.erase(0, *used);
  return ok();
}

Async<void> ClientConnection::read_head(bool is_head_call, MonotonicTime deadline,
                                        std::optional<std::uint64_t> body_limit) {
  for (;;) {
    parser_.emplace(MessageParser::Kind::Reply, MessageParser::Limits{options_.header_bytes, body_limit});
    if (is_head_call) parser_->expect_no_body();
    if (!inbox_.empty()) {
      auto put = put_inbox();
      if (!put) co_return put.error();
    }
    while (!parser_->has_head()) {
      auto more = co_await read_more(deadline);
      if (!more) co_return more.error();
      if (!*more && !parser_->has_head()) {
        co_return Error(ErrorCode::Unavailable, "read from " + socket_->peer().to_string() + ": closed before its reply");
      }
    }
    const bool is_interim = parser_->status() >= 100 && parser_->status() < 200;
    if (!is_interim) co_return ok();
  }
}

Async<bool> ClientConnection::read_more(MonotonicTime deadline) {
  if (parser_->is_done()) co_return false;
  auto read = co_await socket_->read_some(&inbox_, kReadSize, deadline);
  if (!read) co_return read.error();
  if (*read == 0) {
    auto ended = parser_->put_end();
    if (!ended) co_return ended.error();
    socket_->close();
    co_return false;
  }
  auto put = put_inbox();
  if (!put) co_return put.error();
  co_return true;
}

}  // namespace tepui::http

// Plain socket calls with a watchdog beside them, which is cheaper than racing every read against a timer.
#include "lib/http/timed_socket.hpp"

#include <sys/socket.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace tepui::http {

namespace asio = boost::asio;

namespace {

Endpoint endpoint_of(const asio::ip::tcp::endpoint& endpoint) {
  return Endpoint{endpoint.address().to_string(), endpoint.port()};
}

}  // namespace

TimedSocket::Watchdog::Watchdog(Executor executor, Stream& stream)
    : stream_(stream), alarm_(std::move(executor), [this] { ring(); }) {}

void TimedSocket::Watchdog::arm(MonotonicTime deadline) {
  has_bitten_ = false;
  deadline_ = deadline;
  if (deadline_ >= set_for_) return;  // it rings earlier and then looks again
  set_for_ = deadline_;
  alarm_.set(set_for_);
}

void TimedSocket::Watchdog::disarm() { deadline_ = MonotonicTime::max(); }

void TimedSocket::Watchdog::ring() {
  set_for_ = MonotonicTime::max();
  if (deadline_ == MonotonicTime::max()) return;
  if (std::chrono::steady_clock::now() < deadline_) {
    set_for_ = deadline_;
    alarm_.set(set_for_);
    return;
  }
  has_bitten_ = true;
  deadline_ = MonotonicTime::max();
  boost::system::error_code ignored;
  stream_.cancel(ignored);
}

TimedSocket::TimedSocket(Stream stream)
    : stream_(std::move(stream)),
      read_watchdog_(stream_.get_executor(), stream_),
      write_watchdog_(stream_.get_executor(), stream_) {
  boost::system::error_code ignored;
  stream_.non_blocking(true, ignored);
  stream_.set_option(asio::ip::tcp::no_delay(true), ignored);
  peer_ = endpoint_of(stream_.remote_endpoint(ignored));
  local_ = endpoint_of(stream_.local_endpoint(ignored));
}

TimedSocket::~TimedSocket() = default;

Async<std::size_t> TimedSocket::read_some(std::string* buffer, std::size_t limit, MonotonicTime deadline) {
  const bool is_late = co_await is_cancelled();
  if (is_late) co_return cancelled("read from " + peer_.to_string());
  const std::size_t before = buffer->size();
  buffer->resize(before + limit);
  read_watchdog_.arm(deadline);
  auto [code, size] = co_await stream_.async_read_some(asio::buffer(buffer->data() + before, limit),
                                                       asio::as_tuple(asio::use_awaitable));
  read_watchdog_.disarm();
  buffer->resize(before + size);
  if (code == asio::error::eof) co_return std::size_t{0};
  if (code) {
    if (read_watchdog_.has_bitten()) {
      co_return Error(ErrorCode::DeadlineExceeded, "read from " + peer_.to_string() + ": nothing came in time");
    }
    co_return error_of_asio(code, "read from " + peer_.to_string());
  }
  co_return size;
}

Async<void> TimedSocket::write_all(std::string data, std::chrono::nanoseconds stall) {
  std::size_t written = 0;
  while (written < data.size()) {
    const bool is_late = co_await is_cancelled();
    if (is_late) co_return cancelled("write to " + peer_.to_string());
    write_watchdog_.arm(std::chrono::steady_clock::now() + stall);
    auto [code, size] = co_await stream_.async_write_some(asio::buffer(data.data() + written, data.size() - written),
                                                          asio::as_tuple(asio::use_awaitable));
    write_watchdog_.disarm();
    written += size;
    if (!code) continue;
    if (write_watchdog_.has_bitten()) {
      co_return Error(ErrorCode::DeadlineExceeded, "write to " + peer_.to_string() + ": nothing was taken in time");
    }
    co_return error_of_asio(code, "write to " + peer_.to_string());
  }
  co_return ok();
}

Result<std::size_t> TimedSocket::try_write_some(std::string_view data) {
  boost::system::error_code code;
  const std::size_t size = stream_.write_some(asio::buffer(data.data(), data.size()), code);
  if (code == asio::error::would_block || code == asio::error::try_again) return std::size_t{0};
  if (code) return error_of_asio(code, "write to " + peer_.to_string());
  return size;
}

std::size_t TimedSocket::available() {
  boost::system::error_code code;
  const std::size_t size = stream_.available(code);
  return code ? 0 : size;
}

bool TimedSocket::is_stale() {
  if (!stream_.is_open()) return true;
  char byte = 0;
  boost::system::error_code code;
  stream_.receive(asio::buffer(&byte, 1), asio::socket_base::message_peek, code);
  return code != asio::error::would_block && code != asio::error::try_again;
}

void TimedSocket::shutdown_send() {
  boost::system::error_code ignored;
  stream_.shutdown(asio::socket_base::shutdown_send, ignored);
}

void TimedSocket::close() {
  boost::system::error_code ignored;
  stream_.close(ignored);
}

bool TimedSocket::is_open() const { return stream_.is_open(); }
Endpoint TimedSocket::peer() const { return peer_; }
Endpoint TimedSocket::local() const { return local_; }

}  // namespace tepui::http

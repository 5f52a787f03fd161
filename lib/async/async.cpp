// Errors of Asio as ours, and the two questions a coroutine asks about its own cancellation.
#include "lib/async/async.hpp"

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>

namespace tepui {

namespace asio = boost::asio;

Error error_of_asio(const boost::system::error_code& code, std::string message, SourceLocation where) {
  if (code == asio::error::operation_aborted) return Error(ErrorCode::Cancelled, std::move(message), 0, where);
  if (code == asio::error::eof) {
    return Error(ErrorCode::Unavailable, message + ": the other side closed the connection", 0, where);
  }
  if (code.category() == boost::system::system_category() || code.category() == boost::system::generic_category()) {
    switch (code.value()) {
      case ECONNRESET:
      case ECONNREFUSED:
      case ECONNABORTED:
      case EPIPE:
      case ENOTCONN:
      case EHOSTUNREACH:
      case ENETUNREACH:
      case ETIMEDOUT: return Error(ErrorCode::Unavailable, std::move(message), code.value(), where);
      default: return Error::from_errno(code.value(), std::move(message), where);
    }
  }
  return Error(ErrorCode::Unavailable, message + ": " + code.message(), 0, where);
}

Error cancelled(std::string message, SourceLocation where) {
  return Error(ErrorCode::Cancelled, std::move(message), 0, where);
}

asio::awaitable<bool> is_cancelled() {
  const auto state = co_await asio::this_coro::cancellation_state;
  co_return state.cancelled() != asio::cancellation_type::none;
}

asio::awaitable<void> ignore_cancellation() {
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
}

}  // namespace tepui

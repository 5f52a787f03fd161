// The only file with awaitable_operators: they cost seconds of compile time.
#include "lib/async/deadline.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/this_coro.hpp>

#include "lib/async/timer.hpp"
#include "lib/base/duration_text.hpp"

namespace tepui::detail {

namespace asio = boost::asio;

namespace {

asio::awaitable<void> run_marking(asio::awaitable<void> task) {
  co_await asio::this_coro::throw_if_cancelled(false);
  co_await std::move(task);
}

asio::awaitable<void> expire(std::chrono::nanoseconds limit, bool* has_expired) {
  co_await asio::this_coro::throw_if_cancelled(false);
  auto slept = co_await sleep_for(limit);
  if (slept) *has_expired = true;
}

}  // namespace

std::string describe_limit(std::chrono::nanoseconds limit) { return format_duration(limit); }

asio::awaitable<bool> run_or_cancel_after(asio::awaitable<void> task, std::chrono::nanoseconds limit) {
  using namespace asio::experimental::awaitable_operators;
  bool has_expired = false;
  co_await (run_marking(std::move(task)) || expire(limit, &has_expired));
  co_return has_expired;
}

}  // namespace tepui::detail

// Pauses and alarms over steady_timer.
#include "lib/async/timer.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace tepui {

namespace asio = boost::asio;

Async<void> sleep_until(MonotonicTime time) {
  const bool cancelled_before = co_await is_cancelled();
  if (cancelled_before) co_return cancelled("sleep");
  auto executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor, time);
  auto [code] = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
  if (code) co_return cancelled("sleep");
  co_return ok();
}

Async<void> sleep_for(std::chrono::nanoseconds duration) {
  return sleep_until(std::chrono::steady_clock::now() + duration);
}

struct Alarm::State {
  State(Executor executor, std::function<void()> ring) : timer(std::move(executor)), on_ring(std::move(ring)) {}
  asio::steady_timer timer;
  std::function<void()> on_ring;
  std::uint64_t setting = 0;  // an expired timer may be cancelled too late to stop its handler
};

Alarm::Alarm(Executor executor, std::function<void()> on_ring)
    : state_(std::make_shared<State>(std::move(executor), std::move(on_ring))) {}

Alarm::~Alarm() {
  ++state_->setting;
  state_->timer.cancel();
}

void Alarm::set(MonotonicTime time) {
  const std::uint64_t setting = ++state_->setting;
  state_->timer.expires_at(time);
  state_->timer.async_wait([state = state_, setting](const boost::system::error_code& code) {
    if (code || setting != state->setting) return;
    state->on_ring();
  });
}

void Alarm::set_after(std::chrono::nanoseconds duration) { set(std::chrono::steady_clock::now() + duration); }

void Alarm::clear() {
  ++state_->setting;
  state_->timer.cancel();
}

}  // namespace tepui

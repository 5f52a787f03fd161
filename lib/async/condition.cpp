// Waiters wait on a timer that never expires; cancelling the timer wakes all of them.
#include "lib/async/condition.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace tepui {

namespace asio = boost::asio;

struct Condition::State {
  explicit State(Executor executor) : timer(std::move(executor), asio::steady_timer::time_point::max()) {}
  asio::steady_timer timer;
};

Condition::Condition(Executor executor) : state_(std::make_shared<State>(std::move(executor))) {}
Condition::~Condition() {
  if (state_) state_->timer.cancel();
}

void Condition::notify_all() { state_->timer.cancel(); }

Async<void> Condition::wait() {
  auto state = state_;
  const bool cancelled_before = co_await is_cancelled();
  if (cancelled_before) co_return cancelled("wait for a condition");
  co_await state->timer.async_wait(asio::as_tuple(asio::use_awaitable));
  const bool cancelled_meanwhile = co_await is_cancelled();
  if (cancelled_meanwhile) co_return cancelled("wait for a condition");
  co_return ok();
}

struct Notification::State {
  explicit State(Executor executor) : changed(std::move(executor)) {}
  Condition changed;
  bool is_notified = false;
};

Notification::Notification(Executor executor) : state_(std::make_shared<State>(std::move(executor))) {}

void Notification::notify() {
  if (state_->is_notified) return;
  state_->is_notified = true;
  state_->changed.notify_all();
}

bool Notification::is_notified() const { return state_->is_notified; }

Async<void> Notification::wait() const {
  auto state = state_;
  while (!state->is_notified) {
    auto waited = co_await state->changed.wait();
    if (!waited) co_return waited.error();
  }
  co_return ok();
}

}  // namespace tepui

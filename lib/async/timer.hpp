// Timers: a pause in a coroutine, and an alarm that calls back and can be set again.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "lib/async/async.hpp"
#include "lib/base/clock.hpp"

namespace tepui {

/// Errors: Cancelled. Zero or negative: returns after the loop has had one turn.
Async<void> sleep_for(std::chrono::nanoseconds duration);
Async<void> sleep_until(MonotonicTime time);

/// Calls `on_ring` on the loop once for each setting that is reached. For a core's `next_deadline()`. [loop]
class Alarm {
 public:
  Alarm(Executor executor, std::function<void()> on_ring);
  Alarm(const Alarm&) = delete;
  Alarm& operator=(const Alarm&) = delete;
  /// After it `on_ring` is not called any more.
  ~Alarm();
  /// Replaces the former setting. A time in the past rings soon, never before this returns.
  void set(MonotonicTime time);
  void set_after(std::chrono::nanoseconds duration);
  void clear();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace tepui

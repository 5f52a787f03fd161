// What the tests of lib/async share: a coroutine that never ends by itself, and one that counts.
#pragma once

#include <chrono>

#include "lib/async/condition.hpp"
#include "lib/async/event_loop.hpp"
#include "lib/async/task_group.hpp"
#include "lib/async/timer.hpp"

namespace tepui {

/// Ends only by cancellation.
inline Async<void> wait_for_ever(Executor executor) {
  Condition never(executor);
  auto waited = co_await never.wait();
  co_return waited;
}

/// Takes at least one turn of the loop.
inline Async<void> pause_briefly() {
  auto pause = &sleep_until;
  return pause(std::chrono::steady_clock::now() + std::chrono::milliseconds(1));
}

}  // namespace tepui

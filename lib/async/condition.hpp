// Condition and Notification: how one coroutine of the loop waits for something another one does.
#pragma once

#include <memory>

#include "lib/async/async.hpp"

namespace tepui {

/// Wakes all who wait now. Used as a condition variable: `while (!ready) { wait }`. [loop]
class Condition {
 public:
  explicit Condition(Executor executor);
  ~Condition();
  /// Resumes every current waiter, soon (never before this returns).
  void notify_all();
  /// Returns after the next notify_all(), or when the Condition is destroyed. Errors: Cancelled.
  Async<void> wait();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

/// Happens once and stays happened. Copies share the one event. [loop]
class Notification {
 public:
  explicit Notification(Executor executor);
  /// Idempotent.
  void notify();
  [[nodiscard]] bool is_notified() const;
  /// Returns at once when it has happened. Errors: Cancelled.
  Async<void> wait() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace tepui

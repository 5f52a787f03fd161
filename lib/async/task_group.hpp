// TaskGroup: the only way a coroutine is started. Every part of a daemon owns one and closes it before it dies.
// Here too: block_on, which runs one coroutine from main() or a test.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "lib/async/async.hpp"
#include "lib/async/event_loop.hpp"

namespace tepui {

/// Owns running coroutines (the idea of seastar's gate and abort_source). [loop]
class TaskGroup {
 public:
  /// Told on the loop when a task ends with an error, or with an exception (code Internal). A task that ends with
  /// Cancelled after it was cancelled has not failed. May be empty: failures are then dropped.
  using OnFailure = std::function<void(std::string_view task, const Error& error)>;

  TaskGroup(Executor executor, std::string name, OnFailure on_failure);
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;
  /// Cancels what still runs, but cannot wait for it: whoever lent state to tasks awaits close() before.
  ~TaskGroup();

  /// Starts `task`; it may run before this returns. Errors: FailedPrecondition after close() (the task is dropped unstarted).
  Result<void> spawn(std::string task_name, Async<void> task);

  /// Asks every running task to end; new ones may still be started.
  void cancel();

  /// Refuses new tasks, cancels the running ones and waits until they have ended. Idempotent. Never awaited by one of its
  /// own tasks. Not itself cancellable.
  Async<void> close();

  /// As close(), but lets running tasks finish by themselves.
  Async<void> drain();

  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] bool is_closed() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

namespace detail {
/// Runs the loop until `task` has ended, or until loop.stop(). Exceptions of the task come out.
void run_until_done(EventLoop& loop, boost::asio::awaitable<void> task);

template <class T>
boost::asio::awaitable<void> store_result(Async<T> task, std::optional<Result<T>>* out) {
  auto result = co_await std::move(task);
  out->emplace(std::move(result));
}
}  // namespace detail

/// Runs the loop on this thread until `task` has ended. Errors: the task's; Cancelled when the loop was stopped first.
template <class T>
Result<T> block_on(EventLoop& loop, Async<T> task) {
  std::optional<Result<T>> out;
  detail::run_until_done(loop, detail::store_result<T>(std::move(task), &out));
  if (!out) return cancelled("run a task to its end: the event loop was stopped");
  return std::move(*out);
}

}  // namespace tepui

// EventLoop: the one thread of truth of a daemon. Not here: starting coroutines on it (task_group.hpp).
#pragma once

#include <functional>
#include <memory>

#include "lib/async/async.hpp"

namespace tepui {

/// Owns an io_context that exactly one thread runs. All state of a daemon belongs to that thread.
///
///   EventLoop loop;
///   TaskGroup tasks(loop.executor(), "agent", report);
///   auto result = block_on(loop, serve(...));   // task_group.hpp; or spawn tasks and loop.run()
class EventLoop {
 public:
  EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;
  /// Destroys the frames of coroutines that still wait. Blocking pools must have ended before.
  ~EventLoop();

  [[nodiscard]] Executor executor() const;

  /// Runs on the calling thread until stop(). May be called again afterwards.
  void run();
  /// Makes run() return soon. Any thread; not async-signal-safe.
  void stop();
  /// Runs `work` on the loop, later. Any thread.
  void post(std::function<void()> work);
  /// Whether the calling thread is inside run().
  [[nodiscard]] bool is_current() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tepui

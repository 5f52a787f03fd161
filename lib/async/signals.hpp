// SignalWatcher: signals of the process as events of the loop.
#pragma once

#include <initializer_list>
#include <memory>

#include "lib/async/async.hpp"

namespace tepui {

/// Catches `signals` from construction to destruction. One coroutine waits at a time. [loop]
class SignalWatcher {
 public:
  SignalWatcher(Executor executor, std::initializer_list<int> signals);
  SignalWatcher(const SignalWatcher&) = delete;
  SignalWatcher& operator=(const SignalWatcher&) = delete;
  ~SignalWatcher();
  /// The number of the next signal; those that came since construction count. Errors: Cancelled.
  Async<int> next();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tepui

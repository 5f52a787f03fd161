// Channel: a bounded queue between coroutines of one loop.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <utility>

#include "lib/async/condition.hpp"

namespace tepui {

/// First in, first out; at most `capacity` (1 or more) values wait. Must outlive whoever waits on it. [loop]
template <class T>
class Channel {
 public:
  Channel(Executor executor, std::size_t capacity) : capacity_(capacity), changed_(std::move(executor)) {}
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  /// False, and `value` is dropped, when the channel is full or closed.
  [[nodiscard]] bool try_push(T value) {
    if (is_closed_ || values_.size() >= capacity_) return false;
    values_.push_back(std::move(value));
    changed_.notify_all();
    return true;
  }

  /// Waits for room. Errors: FailedPrecondition (closed), Cancelled.
  Async<void> push(T value) {
    while (!is_closed_ && values_.size() >= capacity_) {
      auto waited = co_await changed_.wait();
      if (!waited) co_return waited.error();
    }
    if (is_closed_) co_return Error(ErrorCode::FailedPrecondition, "push to a channel: it is closed");
    values_.push_back(std::move(value));
    changed_.notify_all();
    co_return ok();
  }

  /// Waits for a value; no value means closed and drained. Errors: Cancelled (nothing is lost).
  Async<std::optional<T>> pop() {
    while (values_.empty() && !is_closed_) {
      auto waited = co_await changed_.wait();
      if (!waited) co_return waited.error();
    }
    std::optional<T> value;
    if (!values_.empty()) {
      value.emplace(std::move(values_.front()));
      values_.pop_front();
      changed_.notify_all();
    }
    co_return value;
  }

  /// No value when none waits.
  std::optional<T> try_pop() {
    std::optional<T> value;
    if (values_.empty()) return value;
    value.emplace(std::move(values_.front()));
    values_.pop_front();
    changed_.notify_all();
    return value;
  }

  /// Refuses further values; those that wait can still be taken. Idempotent.
  void close() {
    is_closed_ = true;
    changed_.notify_all();
  }

  [[nodiscard]] std::size_t size() const { return values_.size(); }
  [[nodiscard]] bool is_closed() const { return is_closed_; }

 private:
  std::size_t capacity_;
  std::deque<T> values_;
  bool is_closed_ = false;
  Condition changed_;
};

}  // namespace tepui

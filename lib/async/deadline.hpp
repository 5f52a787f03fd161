// with_deadline: bounds any coroutine. For single reads and writes of a socket lib/http has cheaper means.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "lib/async/async.hpp"
#include "lib/async/task_group.hpp"

namespace tepui {

namespace detail {
/// Runs `task` and cancels it when `limit` has passed; always waits for its end. True when the limit cut it short.
/// "5secs".
std::string describe_limit(std::chrono::nanoseconds limit);
boost::asio::awaitable<bool> run_or_cancel_after(boost::asio::awaitable<void> task, std::chrono::nanoseconds limit);
}  // namespace detail

/// Awaits `task` for at most `limit`; then cancels it, waits until it has ended (it must heed cancellation) and returns
/// DeadlineExceeded with `what` ("wait for the agent"). A task that has its result in spite of the cancellation wins.
template <class T>
Async<T> with_deadline(Async<T> task, std::chrono::nanoseconds limit, std::string what = "wait") {
  std::optional<Result<T>> result;
  const bool was_cut = co_await detail::run_or_cancel_after(detail::store_result<T>(std::move(task), &result), limit);
  if (!result) co_return cancelled(what);
  if (was_cut && !*result && result->error().code() == ErrorCode::Cancelled) {
    co_return Error(ErrorCode::DeadlineExceeded, what + ": no end within " + detail::describe_limit(limit));
  }
  co_return std::move(*result);
}

}  // namespace tepui

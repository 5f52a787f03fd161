// BlockingPool: where work that blocks is done (module calls, slow files, SQLite), so that the loop never does.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "lib/async/async.hpp"

namespace tepui {

/// A few threads and a bounded queue. Must end before the EventLoop whose coroutines await it.
///
///   auto read = [path] { return read_file(path); };   // named: async.hpp says why
///   auto text = co_await pool.run("read spec", std::move(read));
class BlockingPool {
 public:
  /// threads: 1 or more; 1 keeps the order of submission (a strand). queue_limit: pieces of work waiting or running.
  BlockingPool(std::size_t threads, std::size_t queue_limit);
  BlockingPool(const BlockingPool&) = delete;
  BlockingPool& operator=(const BlockingPool&) = delete;
  /// Finishes what is queued, then joins the threads. The coroutines are resumed only if their loop still runs.
  ~BlockingPool();

  /// Runs `function` (returning Result<T>) on a thread of the pool and resumes the caller on its own loop with the result.
  /// The function must not touch the loop's state. Cancellation does not cut it short: what has begun is awaited.
  /// Errors: ResourceExhausted (queue full, `what` is named), Internal (exception), the function's own.
  template <class F, class R = std::invoke_result_t<F>>
  boost::asio::awaitable<R> run(std::string what, F function) {
    auto result = std::make_shared<std::optional<R>>();
    auto shared = std::make_shared<F>(std::move(function));
    // A named object: g++ 12 destroys a temporary made for a parameter twice.
    std::function<void()> work = [result, shared] { result->emplace((*shared)()); };
    auto done = co_await run_erased(std::move(what), std::move(work));
    if (!done) co_return done.error();
    co_return std::move(**result);
  }

  /// Pieces of work waiting or running.
  [[nodiscard]] std::size_t pending() const;

 private:
  struct Impl;
  Async<void> run_erased(std::string what, std::function<void()> work);
  std::shared_ptr<Impl> impl_;
};

}  // namespace tepui

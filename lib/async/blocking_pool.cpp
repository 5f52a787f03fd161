// A hop to asio::thread_pool and back to the executor of the awaiting coroutine.
#include "lib/async/blocking_pool.hpp"

#include <atomic>
#include <exception>

#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace tepui {

namespace asio = boost::asio;

struct BlockingPool::Impl {
  Impl(std::size_t threads, std::size_t limit) : pool(threads), queue_limit(limit) {}
  asio::thread_pool pool;
  std::size_t queue_limit;
  std::atomic<std::size_t> pending{0};
};

BlockingPool::BlockingPool(std::size_t threads, std::size_t queue_limit)
    : impl_(std::make_shared<Impl>(threads, queue_limit)) {}

BlockingPool::~BlockingPool() { impl_->pool.join(); }

std::size_t BlockingPool::pending() const { return impl_->pending.load(); }

namespace {

// Runs on a thread of the pool. What it throws is the caller's to see as an Error.
void run_caught(const std::function<void()>& work, std::string& failure) {
  try {
    work();
  } catch (const std::exception& e) {
    failure = e.what();
    if (failure.empty()) failure = "exception";
  } catch (...) {
    failure = "unknown exception";
  }
}

}  // namespace

Async<void> BlockingPool::run_erased(std::string what, std::function<void()> work) {
  auto impl = impl_;
  const bool is_late = co_await is_cancelled();
  if (is_late) co_return cancelled(what);
  if (impl->pending.load() >= impl->queue_limit) {
    co_return Error(ErrorCode::ResourceExhausted,
                    what + ": " + std::to_string(impl->queue_limit) + " blocking calls wait already");
  }
  auto executor = co_await asio::this_coro::executor;
  auto failure = std::make_shared<std::string>();
  auto initiate = [impl, executor, work = std::move(work), failure](auto handler) mutable {
    impl->pending.fetch_add(1);
    asio::post(impl->pool, [impl, guard = asio::make_work_guard(executor), work = std::move(work), failure,
                            handler = std::move(handler)]() mutable {
      run_caught(work, *failure);
      work = nullptr;
      impl->pending.fetch_sub(1);
      auto loop = guard.get_executor();
      asio::post(loop, std::move(handler));
    });
  };
  co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(std::move(initiate), asio::use_awaitable);
  if (!failure->empty()) co_return Error(ErrorCode::Internal, what + ": exception: " + *failure);
  co_return ok();
}

}  // namespace tepui

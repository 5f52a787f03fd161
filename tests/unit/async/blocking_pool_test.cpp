// The hop to a thread and back.
#include "lib/async/blocking_pool.hpp"

#include <future>
#include <thread>

#include <gtest/gtest.h>

#include "tests/unit/async/fixture.hpp"

namespace tepui {
namespace {

Async<void> check_threads(EventLoop* loop, BlockingPool* pool) {
  const auto here = std::this_thread::get_id();
  auto look = []() -> Result<std::thread::id> { return std::this_thread::get_id(); };
  auto there = co_await pool->run("look", look);
  EXPECT_TRUE(there);
  EXPECT_NE(*there, here);
  EXPECT_EQ(std::this_thread::get_id(), here);
  EXPECT_TRUE(loop->is_current());
  co_return ok();
}

TEST(BlockingPoolTest, WorkRunsOffTheLoopAndTheCallerResumesOnIt) {
  EventLoop loop;
  BlockingPool pool(2, 16);
  ASSERT_TRUE(block_on(loop, check_threads(&loop, &pool)));
}

Async<void> run_void(BlockingPool* pool, std::function<Result<void>()> function) {
  auto done = co_await pool->run("write spec", std::move(function));
  co_return done;
}

TEST(BlockingPoolTest, ErrorsComeBackUnchangedAndExceptionsAsInternal) {
  EventLoop loop;
  BlockingPool pool(1, 16);
  auto failed = block_on(loop, run_void(&pool, []() -> Result<void> { return Error(ErrorCode::NotFound, "look"); }));
  EXPECT_EQ(failed.error().code(), ErrorCode::NotFound);
  auto thrown = block_on(loop, run_void(&pool, []() -> Result<void> { throw std::runtime_error("bang"); }));
  EXPECT_EQ(thrown.error().code(), ErrorCode::Internal);
  EXPECT_EQ(thrown.error().message(), "write spec: exception: bang");
}

TEST(BlockingPoolTest, AFullQueueIsRefusedByName) {
  EventLoop loop;
  std::promise<void> gate;
  auto opened = gate.get_future().share();
  BlockingPool pool(1, 1);
  TaskGroup group(loop.executor(), "test", nullptr);
  ASSERT_TRUE(group.spawn("first", run_void(&pool, [opened]() -> Result<void> {
                            opened.wait();
                            return ok();
                          })));
  auto refused = block_on(loop, run_void(&pool, []() -> Result<void> { return ok(); }));
  gate.set_value();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::ResourceExhausted);
  ASSERT_TRUE(block_on(loop, group.drain()));
  EXPECT_EQ(pool.pending(), 0U);
}

TEST(BlockingPoolTest, ClosingAGroupWaitsForTheWorkThatHasBegun) {
  EventLoop loop;
  BlockingPool pool(1, 4);
  TaskGroup group(loop.executor(), "test", nullptr);
  std::atomic<bool> is_done = false;
  std::promise<void> begun;
  ASSERT_TRUE(group.spawn("first", run_void(&pool, [&]() -> Result<void> {
                            begun.set_value();
                            is_done = true;
                            return ok();
                          })));
  loop.post([&] { begun.get_future().wait(); });
  ASSERT_TRUE(block_on(loop, group.close()));
  EXPECT_TRUE(is_done);
}

}  // namespace
}  // namespace tepui

// The loop itself.
#include "lib/async/event_loop.hpp"

#include <gtest/gtest.h>

#include "tests/unit/async/fixture.hpp"

namespace tepui {
namespace {

TEST(EventLoopTest, RunsAgainAfterAStop) {
  EventLoop loop;
  int runs = 0;
  for (int i = 0; i < 2; ++i) {
    loop.post([&] {
      ++runs;
      loop.stop();
    });
    loop.run();
  }
  EXPECT_EQ(runs, 2);
  EXPECT_FALSE(loop.is_current());
}

TEST(EventLoopTest, AStopWhileATaskIsAwaitedIsCancelled) {
  EventLoop loop;
  loop.post([&] { loop.stop(); });
  auto result = block_on(loop, wait_for_ever(loop.executor()));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), ErrorCode::Cancelled);
}

}  // namespace
}  // namespace tepui

// Signals as events.
#include "lib/async/signals.hpp"

#include <csignal>

#include <gtest/gtest.h>

#include "tests/unit/async/fixture.hpp"

namespace tepui {
namespace {

TEST(SignalWatcherTest, ASignalThatCameBeforeTheWaitCounts) {
  EventLoop loop;
  SignalWatcher watcher(loop.executor(), {SIGUSR1, SIGUSR2});
  ASSERT_EQ(::raise(SIGUSR2), 0);
  auto number = block_on(loop, watcher.next());
  ASSERT_TRUE(number);
  EXPECT_EQ(*number, SIGUSR2);
}

}  // namespace
}  // namespace tepui

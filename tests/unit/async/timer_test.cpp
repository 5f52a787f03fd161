// Alarms and pauses, by order of events and not by the clock on the wall.
#include "lib/async/timer.hpp"

#include <gtest/gtest.h>

#include "tests/unit/async/fixture.hpp"

namespace tepui {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

Async<void> wait_notified(Notification event) {
  auto waited = co_await event.wait();
  co_return waited;
}

TEST(AlarmTest, TheLastSettingCounts) {
  EventLoop loop;
  Notification rung(loop.executor());
  int rings = 0;
  Alarm alarm(loop.executor(), [&] {
    ++rings;
    rung.notify();
  });
  alarm.set_after(milliseconds(1));
  alarm.set_after(hours(1));
  alarm.set_after(milliseconds(2));
  ASSERT_TRUE(block_on(loop, wait_notified(rung)));
  EXPECT_EQ(rings, 1);
}

TEST(AlarmTest, AClearedOrDestroyedAlarmDoesNotRing) {
  EventLoop loop;
  Notification rung(loop.executor());
  int wrong = 0;
  Alarm cleared(loop.executor(), [&] { ++wrong; });
  auto destroyed = std::make_unique<Alarm>(loop.executor(), [&] { ++wrong; });
  Alarm later(loop.executor(), [&] { rung.notify(); });
  cleared.set_after(milliseconds(0));
  destroyed->set_after(milliseconds(0));
  cleared.clear();
  destroyed.reset();
  later.set_after(milliseconds(5));
  ASSERT_TRUE(block_on(loop, wait_notified(rung)));
  EXPECT_EQ(wrong, 0);
}

Async<void> pause_until(MonotonicTime time) {
  auto pause = &sleep_until;
  return pause(time);
}

TEST(TimerTest, APauseEndsNotBeforeItsTime) {
  EventLoop loop;
  const auto time = std::chrono::steady_clock::now() + milliseconds(3);
  ASSERT_TRUE(block_on(loop, pause_until(time)));
  EXPECT_GE(std::chrono::steady_clock::now(), time);
}

}  // namespace
}  // namespace tepui

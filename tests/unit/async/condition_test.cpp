// Conditions and notifications.
#include "lib/async/condition.hpp"

#include <gtest/gtest.h>

#include "tests/unit/async/fixture.hpp"

namespace tepui {
namespace {

Async<void> count_when(Notification event, int* count) {
  auto waited = co_await event.wait();
  if (waited) ++*count;
  co_return waited;
}

TEST(NotificationTest, WakesAllWhoWaitAndAllWhoComeLater) {
  EventLoop loop;
  TaskGroup group(loop.executor(), "test", nullptr);
  Notification event(loop.executor());
  int count = 0;
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(group.spawn("waiter", count_when(event, &count)));
  loop.post([&] { event.notify(); });
  ASSERT_TRUE(block_on(loop, group.drain()));
  ASSERT_TRUE(block_on(loop, count_when(event, &count)));
  EXPECT_EQ(count, 4);
  EXPECT_TRUE(event.is_notified());
}

Async<void> wait_once(std::shared_ptr<Condition> condition) {
  auto waited = co_await condition->wait();
  co_return waited;
}

TEST(ConditionTest, ItsEndWakesItsWaiters) {
  EventLoop loop;
  TaskGroup group(loop.executor(), "test", nullptr);
  auto condition = std::make_shared<Condition>(loop.executor());
  ASSERT_TRUE(group.spawn("waiter", wait_once(condition)));
  loop.post([&] { condition->notify_all(); });
  ASSERT_TRUE(block_on(loop, group.drain()));
}

}  // namespace
}  // namespace tepui

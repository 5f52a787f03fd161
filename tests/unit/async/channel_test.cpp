// Channels: order, bound, close.
#include "lib/async/channel.hpp"

#include <gtest/gtest.h>

#include "tests/unit/async/fixture.hpp"

namespace tepui {
namespace {

Async<void> push_many(Channel<int>* channel, int count) {
  for (int i = 0; i < count; ++i) {
    auto pushed = co_await channel->push(i);
    if (!pushed) co_return pushed.error();
  }
  channel->close();
  co_return ok();
}

Async<std::vector<int>> pop_all(Channel<int>* channel) {
  std::vector<int> values;
  for (;;) {
    auto value = co_await channel->pop();
    if (!value) co_return value.error();
    if (!*value) break;
    values.push_back(**value);
  }
  co_return values;
}

TEST(ChannelTest, DeliversEverythingInOrderThroughABoundOfOne) {
  EventLoop loop;
  TaskGroup group(loop.executor(), "test", nullptr);
  Channel<int> channel(loop.executor(), 1);
  ASSERT_TRUE(group.spawn("push", push_many(&channel, 100)));
  auto values = block_on(loop, pop_all(&channel));
  ASSERT_TRUE(values);
  ASSERT_EQ(values->size(), 100U);
  EXPECT_EQ(values->back(), 99);
}

TEST(ChannelTest, TryPushRefusesWhenFullOrClosed) {
  EventLoop loop;
  Channel<int> channel(loop.executor(), 2);
  EXPECT_TRUE(channel.try_push(1));
  EXPECT_TRUE(channel.try_push(2));
  EXPECT_FALSE(channel.try_push(3));
  EXPECT_EQ(channel.try_pop(), 1);
  channel.close();
  EXPECT_FALSE(channel.try_push(4));
  EXPECT_EQ(channel.try_pop(), 2);
  EXPECT_EQ(channel.try_pop(), std::nullopt);
}

TEST(ChannelTest, PushToAClosedChannelIsAnError) {
  EventLoop loop;
  Channel<int> channel(loop.executor(), 2);
  channel.close();
  auto pushed = block_on(loop, channel.push(1));
  ASSERT_FALSE(pushed);
  EXPECT_EQ(pushed.error().code(), ErrorCode::FailedPrecondition);
}

}  // namespace
}  // namespace tepui

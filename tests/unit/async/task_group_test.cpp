// Task groups: who runs, who hears of failures, and what close() promises.
#include "lib/async/task_group.hpp"

#include <stdexcept>

#include <gtest/gtest.h>

#include "lib/async/timer.hpp"
#include "tests/unit/async/fixture.hpp"

namespace tepui {
namespace {

struct Failures {
  std::vector<std::string> seen;
  TaskGroup::OnFailure sink() {
    return [this](std::string_view task, const Error& error) {
      seen.push_back(std::string(task) + ": " + error.message());
    };
  }
};

Async<void> fail_with(std::string message) { co_return Error(ErrorCode::Internal, message); }

Async<void> throw_something() {
  throw std::runtime_error("thrown");
  co_return ok();
}

Async<void> count_down_after_cancellation(Executor executor, int* cleaned) {
  auto waited = co_await wait_for_ever(executor);
  EXPECT_EQ(waited.error().code(), ErrorCode::Cancelled);
  co_await ignore_cancellation();
  auto slept = co_await pause_briefly();
  if (slept) ++*cleaned;
  co_return waited;
}

Async<void> drop_out(TaskGroup* group) {
  auto closed = co_await group->close();
  co_return closed;
}

TEST(TaskGroupTest, CloseCancelsEveryTaskAndWaitsForItsCleanup) {
  EventLoop loop;
  Failures failures;
  TaskGroup group(loop.executor(), "test", failures.sink());
  int cleaned = 0;
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(group.spawn("waiter", count_down_after_cancellation(loop.executor(), &cleaned)));
  }
  EXPECT_EQ(group.size(), 100U);
  ASSERT_TRUE(block_on(loop, group.close()));
  EXPECT_EQ(cleaned, 100);
  EXPECT_EQ(group.size(), 0U);
  EXPECT_TRUE(failures.seen.empty());
}

TEST(TaskGroupTest, AClosedGroupRefusesWorkByName) {
  EventLoop loop;
  TaskGroup group(loop.executor(), "links", nullptr);
  ASSERT_TRUE(block_on(loop, group.close()));
  auto refused = group.spawn("late", fail_with("never runs"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::FailedPrecondition);
  EXPECT_EQ(refused.error().message(), "start task 'late': task group 'links' is closed");
}

TEST(TaskGroupTest, FailuresAndExceptionsAreReportedUnderTheTasksName) {
  EventLoop loop;
  Failures failures;
  TaskGroup group(loop.executor(), "test", failures.sink());
  ASSERT_TRUE(group.spawn("a", fail_with("broken")));
  ASSERT_TRUE(group.spawn("b", throw_something()));
  ASSERT_TRUE(block_on(loop, group.drain()));
  ASSERT_EQ(failures.seen.size(), 2U);
  EXPECT_EQ(failures.seen[0], "a: broken");
  EXPECT_EQ(failures.seen[1], "b: run a task: exception: thrown");
}

TEST(TaskGroupTest, CloseIsIdempotentAndMayBeAwaitedTwice) {
  EventLoop loop;
  TaskGroup group(loop.executor(), "test", nullptr);
  TaskGroup closers(loop.executor(), "closers", nullptr);
  int cleaned = 0;
  ASSERT_TRUE(group.spawn("waiter", count_down_after_cancellation(loop.executor(), &cleaned)));
  ASSERT_TRUE(closers.spawn("one", drop_out(&group)));
  ASSERT_TRUE(closers.spawn("two", drop_out(&group)));
  ASSERT_TRUE(block_on(loop, closers.drain()));
  EXPECT_EQ(cleaned, 1);
}

TEST(TaskGroupTest, CancelEndsWhatRunsAndStillTakesNewTasks) {
  EventLoop loop;
  TaskGroup group(loop.executor(), "test", nullptr);
  int cleaned = 0;
  ASSERT_TRUE(group.spawn("waiter", count_down_after_cancellation(loop.executor(), &cleaned)));
  group.cancel();
  ASSERT_TRUE(group.spawn("second", count_down_after_cancellation(loop.executor(), &cleaned)));
  ASSERT_TRUE(block_on(loop, group.close()));
  EXPECT_EQ(cleaned, 2);
}

TEST(TaskGroupTest, ATaskCancelledBeforeItsFirstWaitSeesIt) {
  EventLoop loop;
  TaskGroup group(loop.executor(), "test", nullptr);
  int cleaned = 0;
  loop.post([&] {
    static_cast<void>(group.spawn("waiter", count_down_after_cancellation(loop.executor(), &cleaned)));
    group.cancel();
  });
  loop.post([&] { static_cast<void>(cleaned); });
  ASSERT_TRUE(block_on(loop, group.drain()));
  EXPECT_EQ(cleaned, 1);
}

}  // namespace
}  // namespace tepui

// Deadlines: what the bounded task sees, and what its caller gets.
#include "lib/async/deadline.hpp"

#include <gtest/gtest.h>

#include "lib/async/timer.hpp"
#include "tests/unit/async/fixture.hpp"

namespace tepui {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

Async<int> answer() { co_return 42; }

Async<int> refuse() { co_return Error(ErrorCode::NotFound, "look"); }

Async<int> wait_and_note(Executor executor, ErrorCode* seen) {
  auto waited = co_await wait_for_ever(executor);
  *seen = waited.error().code();
  co_return waited.error();
}

Async<int> save_result_in_spite(Executor executor) {
  auto waited = co_await wait_for_ever(executor);
  co_return 7;
}

TEST(DeadlineTest, AResultInTimeIsReturned) {
  EventLoop loop;
  auto result = block_on(loop, with_deadline(answer(), hours(1)));
  ASSERT_TRUE(result);
  EXPECT_EQ(*result, 42);
}

TEST(DeadlineTest, AnErrorInTimeIsReturnedUnchanged) {
  EventLoop loop;
  auto result = block_on(loop, with_deadline(refuse(), hours(1)));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), ErrorCode::NotFound);
}

TEST(DeadlineTest, TheTaskSeesCancelledAndTheCallerDeadlineExceeded) {
  EventLoop loop;
  ErrorCode seen = ErrorCode::Internal;
  auto result =
      block_on(loop, with_deadline(wait_and_note(loop.executor(), &seen), milliseconds(2), "wait for the agent"));
  ASSERT_FALSE(result);
  EXPECT_EQ(seen, ErrorCode::Cancelled);
  EXPECT_EQ(result.error().code(), ErrorCode::DeadlineExceeded);
  EXPECT_EQ(result.error().message(), "wait for the agent: no end within 2ms");
}

TEST(DeadlineTest, AResultMadeInSpiteOfTheDeadlineWins) {
  EventLoop loop;
  auto result = block_on(loop, with_deadline(save_result_in_spite(loop.executor()), milliseconds(2)));
  ASSERT_TRUE(result);
  EXPECT_EQ(*result, 7);
}

Async<int> note_nested(Executor executor, ErrorCode* seen) {
  auto inner = co_await with_deadline(wait_and_note(executor, seen), hours(1));
  co_return inner;
}

TEST(DeadlineTest, CancellingTheCallerCancelsTheTaskAndIsNotADeadline) {
  EventLoop loop;
  ErrorCode seen = ErrorCode::Internal;
  auto result = block_on(loop, with_deadline(note_nested(loop.executor(), &seen), milliseconds(2), "outer"));
  EXPECT_EQ(seen, ErrorCode::Cancelled);
  EXPECT_EQ(result.error().message(), "outer: no end within 2ms");
}

}  // namespace
}  // namespace tepui

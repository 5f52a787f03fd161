#include "lib/base/try.hpp"

#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

namespace tepui {
namespace {

Result<int> parse(bool is_good) {
  if (is_good) return 7;
  return Error(ErrorCode::InvalidArgument, "parse number");
}

Result<std::string> plain(bool is_good) {
  TEPUI_TRY(parse(is_good));
  return std::string("done");
}

Result<int> in_context(bool is_good, int& contexts) {
  const auto context = [&contexts] {
    ++contexts;
    return std::string("read flags");
  };
  TEPUI_ASSIGN(const int value, parse(is_good), context());
  return value + 1;
}

Result<std::unique_ptr<int>> owned() { return std::make_unique<int>(3); }

Result<int> moves_out() {
  TEPUI_ASSIGN(auto pointer, owned());
  TEPUI_ASSIGN(auto other, owned());
  return *pointer + *other;
}

boost::asio::awaitable<Result<int>> async_parse(bool is_good) { co_return parse(is_good); }

boost::asio::awaitable<Result<int>> async_sum(bool is_good) {
  TEPUI_CO_ASSIGN(const int first, co_await async_parse(true));
  TEPUI_CO_TRY(co_await async_parse(is_good), "second step");
  co_return first;
}

Result<int> run(boost::asio::awaitable<Result<int>> work) {
  boost::asio::io_context loop;
  Result<int> outcome = Error(ErrorCode::Internal, "never ran");
  boost::asio::co_spawn(loop, std::move(work),
                        [&outcome](const std::exception_ptr&, Result<int> value) { outcome = std::move(value); });
  loop.run();
  return outcome;
}

TEST(TryTest, TryReturnsTheErrorUnchangedAndGoesOnAfterSuccess) {
  EXPECT_EQ(*plain(true), "done");
  ASSERT_FALSE(plain(false));
  EXPECT_EQ(plain(false).error().to_string(), "parse number");
}

TEST(TryTest, ContextIsEvaluatedOnlyOnFailure) {
  int contexts = 0;
  EXPECT_EQ(*in_context(true, contexts), 8);
  EXPECT_EQ(contexts, 0);
  EXPECT_EQ(in_context(false, contexts).error().to_string(), "read flags: parse number");
  EXPECT_EQ(contexts, 1);
}

TEST(TryTest, AssignMovesMoveOnlyValues) { EXPECT_EQ(*moves_out(), 6); }

TEST(TryTest, CoroutineFormsReturnTheWrappedError) {
  EXPECT_EQ(*run(async_sum(true)), 7);
  const auto failed = run(async_sum(false));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().to_string(), "second step: parse number");
}

}  // namespace
}  // namespace tepui

#include "lib/linux/child_call.hpp"

#include <unistd.h>

#include <csignal>

#include <gtest/gtest.h>

namespace tepui::sys {
namespace {

using std::chrono::milliseconds;

TEST(ChildCallTest, TheAnswerComesBack) {
  const pid_t parent = ::getpid();
  auto answer = call_in_child([parent] { return ::getpid() == parent ? std::string("parent") : std::string("child"); });
  ASSERT_TRUE(answer) << answer.error().to_string();
  EXPECT_EQ(*answer, "child");
}

TEST(ChildCallTest, AnAnswerLargerThanAPipeArrivesWhole) {
  auto answer = call_in_child([] { return std::string(60000, 'x') + std::string(5000, 'y'); });
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->size(), 65000U);
  EXPECT_EQ(answer->back(), 'y');
}

TEST(ChildCallTest, TooLongAnAnswerIsRefused) {
  ChildLimits limits;
  limits.answer_bytes = 100;
  auto answer = call_in_child([] { return std::string(200000, 'x'); }, limits);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code(), ErrorCode::ResourceExhausted);
}

TEST(ChildCallTest, ASignalIsNamed) {
  auto answer = call_in_child([]() -> std::string {
    ::raise(SIGSEGV);
    return {};
  });
  ASSERT_FALSE(answer);
  EXPECT_NE(answer.error().to_string().find("killed by signal 11 (SIGSEGV)"), std::string::npos);
}

TEST(ChildCallTest, AnExitStatusIsNamed) {
  auto answer = call_in_child([]() -> std::string { ::_exit(3); });
  ASSERT_FALSE(answer);
  EXPECT_NE(answer.error().to_string().find("exited with status 3"), std::string::npos);
}

TEST(ChildCallTest, AChildThatHangsIsKilledAtTheDeadlineAndReaped) {
  ChildLimits limits;
  limits.timeout = milliseconds(100);
  auto answer = call_in_child(
      []() -> std::string {
        while (true) ::pause();
      },
      limits);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code(), ErrorCode::DeadlineExceeded);
}

}  // namespace
}  // namespace tepui::sys

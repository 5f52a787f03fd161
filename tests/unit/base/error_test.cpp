#include "lib/base/error.hpp"

#include <cerrno>
#include <string>

#include <gtest/gtest.h>

#include "lib/base/result.hpp"

namespace tepui {
namespace {

TEST(ErrorTest, ChainPrintsFromTheOutsideInOnOneLine) {
  const Error error =
      Error::from_errno(EINVAL, "write \"cpu.max\"").wrap("isolator 'cgroups/cpu'").wrap("launch container 'c1'");
  EXPECT_EQ(error.to_string(),
            "launch container 'c1': isolator 'cgroups/cpu': write \"cpu.max\": Invalid argument (EINVAL)");
}

TEST(ErrorTest, WrappingKeepsCodeAndErrno) {
  const Error error = Error::from_errno(ENOENT, "open \"/x\"").wrap("read flags");
  EXPECT_EQ(error.code(), ErrorCode::NotFound);
  EXPECT_EQ(error.sys_errno(), ENOENT);
  EXPECT_EQ(error.message(), "read flags");
  ASSERT_NE(error.cause(), nullptr);
  EXPECT_EQ(error.cause()->message(), "open \"/x\"");
  EXPECT_EQ(error.cause()->cause(), nullptr);
}

TEST(ErrorTest, HintsFollowTheLine) {
  const Error error =
      Error(ErrorCode::PermissionDenied, "make cgroup root").with_hint("run as root").wrap("start agent");
  EXPECT_EQ(error.to_string(), "start agent: make cgroup root (hint: run as root)");
}

TEST(ErrorTest, HintLeavesTheOriginalAlone) {
  const Error error(ErrorCode::Internal, "fail");
  const Error hinted = error.with_hint("try again");
  EXPECT_EQ(error.to_string(), "fail");
  EXPECT_EQ(hinted.to_string(), "fail (hint: try again)");
}

TEST(ErrorTest, CopiesShareAndOutliveTheOriginal) {
  Error kept(ErrorCode::Internal, "other");
  {
    const Error error = Error(ErrorCode::DataLoss, "read record 7").wrap("recover");
    kept = error;
  }
  EXPECT_EQ(kept.to_string(), "recover: read record 7");
  EXPECT_EQ(kept.code(), ErrorCode::DataLoss);
}

TEST(ErrorTest, RemembersWhereItWasMade) {
  const Error error(ErrorCode::Internal, "fail");
  EXPECT_NE(std::string(error.where().file_name()).find("error_test.cpp"), std::string::npos);
}

TEST(ErrorTest, EveryCodeHasANameAndAnHttpErrorStatus) {
  for (int number = 1; number <= 64; ++number) {
    const auto code = static_cast<ErrorCode>(number);
    const int status = http_status_of(code);
    EXPECT_GE(status, 400) << number;
    EXPECT_LE(status, 503) << number;
  }
  EXPECT_EQ(error_code_name(ErrorCode::DataLoss), "data loss");
  EXPECT_EQ(http_status_of(ErrorCode::InvalidArgument), 400);
  EXPECT_EQ(http_status_of(ErrorCode::NotFound), 404);
  EXPECT_EQ(http_status_of(ErrorCode::Unavailable), 503);
}

TEST(ErrorTest, UnknownErrnoStillPrintsItsNumber) {
  EXPECT_EQ(describe_errno(99999), "errno 99999");
  EXPECT_EQ(error_code_of_errno(99999), ErrorCode::Internal);
}

TEST(ErrorTest, ErrnosOfAFullDiskAreResourceExhausted) {
  EXPECT_EQ(error_code_of_errno(ENOSPC), ErrorCode::ResourceExhausted);
  EXPECT_EQ(error_code_of_errno(EDQUOT), ErrorCode::ResourceExhausted);
}

TEST(ErrorTest, ResultValueOfAFailureThrowsWithTheWholeLine) {
  const Result<int> result = Error(ErrorCode::NotFound, "find agent").wrap("list");
  try {
    static_cast<void>(result.value());
    FAIL() << "value() of a failure returned";
  } catch (const std::exception& exception) {
    EXPECT_STREQ(exception.what(), "list: find agent");
  }
}

}  // namespace
}  // namespace tepui

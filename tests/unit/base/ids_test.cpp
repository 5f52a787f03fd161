#include "lib/base/ids.hpp"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace tepui {
namespace {

TEST(IdsTest, IdsOfOneTo255PlainBytesAreAccepted) {
  EXPECT_TRUE(check_id("task", "a"));
  EXPECT_TRUE(check_id("task", std::string(255, 'x')));
  EXPECT_TRUE(check_id("task", "my task.1:2@3"));
  EXPECT_TRUE(check_id("task", "..."));
  EXPECT_TRUE(check_id("task", "größe"));
}

TEST(IdsTest, IdsThatCouldEscapeAFolderAreRefusedByName) {
  const std::string_view with_nul("a\0b", 3);
  for (const std::string_view id :
       {std::string_view(""), std::string_view("."), std::string_view(".."), std::string_view("a/b"),
        std::string_view("a\\b"), std::string_view("a\nb"), std::string_view("\x7f"), with_nul}) {
    const auto outcome = check_id("executor", id);
    ASSERT_FALSE(outcome) << id;
    EXPECT_EQ(outcome.error().code(), ErrorCode::InvalidArgument);
    EXPECT_EQ(outcome.error().message().rfind("check executor id: ", 0), 0U) << outcome.error().message();
  }
}

TEST(IdsTest, IdsOfMoreThan255BytesAreRefusedWithTheirLength) {
  const auto outcome = check_id("framework", std::string(256, 'x'));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().message(), "check framework id: 256 bytes are more than 255");
}

}  // namespace
}  // namespace tepui

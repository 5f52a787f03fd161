#include "agent/containerizer/task_user.hpp"

#include <gtest/gtest.h>

namespace tepui::agent {
namespace {

TEST(TaskUserTest, AnEmptyUserMeansTheDefault) {
  const auto user = choose_task_user("", "", TaskUserPolicy{});
  ASSERT_TRUE(user);
  EXPECT_EQ(user->name, "nobody");
  EXPECT_NE(user->uid, 0U);
}

TEST(TaskUserTest, TheCommandsUserGoesBeforeTheFrameworks) {
  const auto both = choose_task_user("daemon", "nobody", TaskUserPolicy{});
  ASSERT_TRUE(both);
  EXPECT_EQ(both->name, "daemon");
  const auto framework = choose_task_user("", "daemon", TaskUserPolicy{});
  ASSERT_TRUE(framework);
  EXPECT_EQ(framework->name, "daemon");
}

TEST(TaskUserTest, RootIsRefusedWithACureUnlessAllowed) {
  const auto refused = choose_task_user("root", "", TaskUserPolicy{});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::PermissionDenied);
  EXPECT_NE(refused.error().to_string().find("--allow-root-tasks"), std::string::npos);
  const auto allowed = choose_task_user("root", "", TaskUserPolicy{.allow_root = true});
  ASSERT_TRUE(allowed);
  EXPECT_EQ(allowed->uid, 0U);
}

TEST(TaskUserTest, AnUnknownUserIsNamed) {
  const auto unknown = choose_task_user("no-such-account", "", TaskUserPolicy{});
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code(), ErrorCode::NotFound);
  EXPECT_NE(unknown.error().to_string().find("no-such-account"), std::string::npos);
}

TEST(TaskUserTest, ABareZeroIsRootToo) {
  const auto refused = choose_task_user("0", "", TaskUserPolicy{});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::PermissionDenied);
}

}  // namespace
}  // namespace tepui::agent

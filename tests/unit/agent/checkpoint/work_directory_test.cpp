#include "agent/checkpoint/work_directory.hpp"

#include <unistd.h>

#include <filesystem>

#include <gtest/gtest.h>

#include "tests/fakes/requires.hpp"
#include "tests/fakes/temp_dir.hpp"

namespace tepui::agent {
namespace {

TEST(WorkDirectoryTest, IsMadeWithItsParents) {
  const TempDir dir;
  const auto opened = WorkDirectory::open(dir / "a/b");
  ASSERT_TRUE(opened) << opened.error().to_string();
  EXPECT_EQ(opened->path(), std::filesystem::canonical(dir / "a/b"));
}

TEST(WorkDirectoryTest, ASecondAgentOnItIsRefusedUntilTheFirstIsGone) {
  const TempDir dir;
  {
    const auto first = WorkDirectory::open(dir / "w");
    ASSERT_TRUE(first);
    const auto second = WorkDirectory::open(dir / "w");
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code(), ErrorCode::FailedPrecondition);
    EXPECT_NE(second.error().to_string().find("another agent"), std::string::npos);
  }
  EXPECT_TRUE(WorkDirectory::open(dir / "w"));
}

TEST(WorkDirectoryTest, ADirectoryOfAnotherUserIsRefusedByName) {
  TEPUI_REQUIRES(root);
  const TempDir dir;
  const auto path = dir / "w";
  std::filesystem::create_directory(path);
  ASSERT_EQ(::chown(path.c_str(), 65534, 65534), 0);
  const auto opened = WorkDirectory::open(path);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code(), ErrorCode::PermissionDenied);
  EXPECT_NE(opened.error().to_string().find(path.string()), std::string::npos);
}

TEST(WorkDirectoryTest, OneThatAnotherGroupMayWriteToIsRefusedByName) {
  TEPUI_REQUIRES(root);
  const TempDir dir;
  const auto path = dir / "w";
  std::filesystem::create_directory(path);
  ASSERT_EQ(::chown(path.c_str(), 0, 65534), 0);
  std::filesystem::permissions(path, std::filesystem::perms(0770));
  const auto opened = WorkDirectory::open(path);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code(), ErrorCode::PermissionDenied);
  EXPECT_NE(opened.error().to_string().find("group 65534"), std::string::npos) << opened.error().to_string();
}

TEST(WorkDirectoryTest, AFileInItsPlaceIsRefusedByName) {
  const TempDir dir;
  const auto path = dir.write("file", "x");
  const auto opened = WorkDirectory::open(path);
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().to_string().find(path.string()), std::string::npos);
}

}  // namespace
}  // namespace tepui::agent

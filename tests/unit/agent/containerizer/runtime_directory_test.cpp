#include "agent/containerizer/runtime_directory.hpp"

#include <unistd.h>

#include <filesystem>

#include <gtest/gtest.h>

#include "tests/fakes/requires.hpp"
#include "tests/fakes/temp_dir.hpp"

namespace tepui::agent {
namespace {

namespace fs = std::filesystem;

void expect_refused(const fs::path& path, ErrorCode code, const std::string& word) {
  const auto opened = open_runtime_directory(path);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code(), code) << opened.error().to_string();
  EXPECT_NE(opened.error().to_string().find(path.string()), std::string::npos) << opened.error().to_string();
  EXPECT_NE(opened.error().to_string().find(word), std::string::npos) << opened.error().to_string();
}

TEST(RuntimeDirectoryTest, IsMadeWithItsParentsAndRemovedAgain) {
  const TempDir dir;
  const auto opened = open_runtime_directory(dir / "a/b");
  ASSERT_TRUE(opened) << opened.error().to_string();
  EXPECT_TRUE(opened->is_made_here);
  EXPECT_TRUE(fs::is_directory(dir / "a/b/containers"));
  remove_runtime_directory(dir / "a/b", opened->is_made_here);
  EXPECT_FALSE(fs::exists(dir / "a/b"));
}

TEST(RuntimeDirectoryTest, OneThatWasThereStays) {
  const TempDir dir;
  const auto opened = open_runtime_directory(dir.path());
  ASSERT_TRUE(opened) << opened.error().to_string();
  EXPECT_FALSE(opened->is_made_here);
  remove_runtime_directory(dir.path(), opened->is_made_here);
  EXPECT_TRUE(fs::is_empty(dir.path()));
}

TEST(RuntimeDirectoryTest, ASecondAgentOnItIsRefusedUntilTheFirstIsGone) {
  const TempDir dir;
  {
    const auto first = open_runtime_directory(dir / "r");
    ASSERT_TRUE(first);
    expect_refused(dir / "r", ErrorCode::Unavailable, "another agent");
  }
  EXPECT_TRUE(open_runtime_directory(dir / "r"));
}

TEST(RuntimeDirectoryTest, OneOfAnotherUserIsRefused) {
  TEPUI_REQUIRES(root);
  const TempDir dir;
  fs::create_directories(dir / "r/containers");
  ASSERT_EQ(::chown((dir / "r/containers").c_str(), 65534, 65534), 0);
  expect_refused(dir / "r", ErrorCode::PermissionDenied, "belongs to user 65534");
  ASSERT_EQ(::chown((dir / "r").c_str(), 65534, 65534), 0);
  expect_refused(dir / "r", ErrorCode::PermissionDenied, "belongs to user 65534");
}

TEST(RuntimeDirectoryTest, OneThatOthersMayWriteToIsRefused) {
  const TempDir dir;
  fs::create_directory(dir / "r");
  fs::permissions(dir / "r", fs::perms(0777));
  expect_refused(dir / "r", ErrorCode::PermissionDenied, "others may write to it");
}

TEST(RuntimeDirectoryTest, ASymlinkInPlaceOfTheContainersIsRefused) {
  const TempDir dir;
  fs::create_directories(dir / "r");
  fs::create_directories(dir / "elsewhere");
  fs::create_symlink(dir / "elsewhere", dir / "r/containers");
  EXPECT_FALSE(open_runtime_directory(dir / "r"));
}

}  // namespace
}  // namespace tepui::agent

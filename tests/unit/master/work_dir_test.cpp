#include "master/work_dir.hpp"

#include <unistd.h>

#include <gtest/gtest.h>

#include "tests/fakes/requires.hpp"
#include "tests/fakes/temp_dir.hpp"

namespace tepui::master {
namespace {

namespace fs = std::filesystem;

TEST(WorkDirTest, IsMadeWithItsParents) {
  const TempDir folder;
  EXPECT_TRUE(prepare_work_dir(folder / "a/b"));
  EXPECT_TRUE(prepare_work_dir(folder / "a/b"));
  EXPECT_TRUE(fs::is_directory(folder / "a/b"));
}

TEST(WorkDirTest, AFileInItsPlaceIsNamed) {
  const TempDir folder;
  const std::string file = folder.write("file", "");
  const auto prepared = prepare_work_dir(file);
  ASSERT_FALSE(prepared);
  EXPECT_NE(prepared.error().to_string().find(file), std::string::npos);
}

TEST(WorkDirTest, OneThatEverybodyMayWriteToIsRefused) {
  const TempDir folder;
  fs::create_directory(folder / "open");
  fs::permissions(folder / "open", fs::perms(0777));
  EXPECT_EQ(prepare_work_dir(folder / "open").error().code(), ErrorCode::PermissionDenied);
}

TEST(WorkDirTest, OneOfAnotherUserIsRefused) {
  TEPUI_REQUIRES(root);
  const TempDir folder;
  ASSERT_EQ(::chown(folder.path().c_str(), 65534, 65534), 0);
  const auto prepared = prepare_work_dir(folder.path());
  ASSERT_FALSE(prepared);
  EXPECT_EQ(prepared.error().code(), ErrorCode::PermissionDenied);
  EXPECT_NE(prepared.error().to_string().find("65534"), std::string::npos);
}

TEST(WorkDirTest, TheAddressFileIsReplacedWhole) {
  const TempDir folder;
  ASSERT_TRUE(write_address_file(folder.path(), "127.0.0.1:5050"));
  ASSERT_TRUE(write_address_file(folder.path(), "127.0.0.1:5051"));
  EXPECT_EQ(folder.read("master.address"), "127.0.0.1:5051\n");
  remove_address_file(folder.path());
  remove_address_file(folder.path());
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

}  // namespace
}  // namespace tepui::master

#include "lib/linux/remove_tree.hpp"

#include <gtest/gtest.h>

#include "lib/linux/sys.hpp"
#include "tests/fakes/temp_dir.hpp"

namespace tepui::sys {
namespace {

class RemoveTreeTest : public ::testing::Test {
 protected:
  TempDir folder_;
  UniqueFd parent_ = open_directory_at(AT_FDCWD, folder_.path().string()).value();
};

TEST_F(RemoveTreeTest, EverythingBelowGoesAndTheRestStays) {
  folder_.write("tree/a/b/c", "1");
  folder_.write("tree/d", "2");
  folder_.write("kept", "3");
  ASSERT_TRUE(remove_tree_at(parent_.borrow(), "tree"));
  EXPECT_EQ(list_directory(parent_.borrow()).value(), std::vector<std::string>{"kept"});
  EXPECT_TRUE(remove_tree_at(parent_.borrow(), "tree")) << "what is gone is success";
}

TEST_F(RemoveTreeTest, SymlinksAreUnlinkedAndNeverFollowed) {
  folder_.write("canary/file", "alive");
  folder_.write("tree/x", "1");
  ASSERT_TRUE(symlink_at("../canary", parent_.borrow(), "tree/relative"));
  ASSERT_TRUE(symlink_at((folder_.path() / "canary").string(), parent_.borrow(), "tree/absolute"));
  ASSERT_TRUE(symlink_at("canary", parent_.borrow(), "top"));
  ASSERT_TRUE(remove_tree_at(parent_.borrow(), "tree"));
  ASSERT_TRUE(remove_tree_at(parent_.borrow(), "top"));
  EXPECT_EQ(folder_.read("canary/file"), "alive");
}

TEST_F(RemoveTreeTest, OnlyASingleNameIsAccepted) {
  for (const char* name : {"", ".", "..", "a/b", "/"}) EXPECT_FALSE(remove_tree_at(parent_.borrow(), name)) << name;
}

TEST_F(RemoveTreeTest, DeepTreesGoWithoutRecursionInPaths) {
  std::string path = "tree";
  for (int i = 0; i < 300; ++i) path += "/d";
  std::filesystem::create_directories(folder_.path() / path);
  EXPECT_TRUE(remove_tree_at(parent_.borrow(), "tree"));
}

TEST_F(RemoveTreeTest, EmptyingLeavesTheDirectory) {
  folder_.write("tree/a/b", "1");
  const UniqueFd tree = open_directory_at(parent_.borrow(), "tree").value();
  ASSERT_TRUE(remove_contents(tree.borrow()));
  EXPECT_TRUE(list_directory(tree.borrow()).value().empty());
}

TEST_F(RemoveTreeTest, MeasuringCountsBlocksOfRegularFiles) {
  folder_.write("tree/a", std::string(8192, 'x'));
  folder_.write("tree/b/c", std::string(4096, 'x'));
  ASSERT_TRUE(symlink_at("/etc/passwd", parent_.borrow(), "tree/link"));
  const UniqueFd tree = open_directory_at(parent_.borrow(), "tree").value();
  EXPECT_GE(measure_tree(tree.borrow()).value(), 12288U);
  EXPECT_LE(measure_tree(tree.borrow()).value(), 65536U);
}

}  // namespace
}  // namespace tepui::sys

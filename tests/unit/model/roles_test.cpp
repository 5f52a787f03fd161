#include "lib/model/roles.hpp"

#include <gtest/gtest.h>

namespace tepui {
namespace {

TEST(RolesTest, AcceptsPathsOfComponents) {
  for (const char* role : {"*", "a", "a/b/c", "a-b", "a.b", "...", "A_1"}) EXPECT_TRUE(check_role(role)) << role;
}

TEST(RolesTest, RefusesWhatMesosRefuses) {
  for (const char* role : {"", "/", "/a", "a/", "a//b", ".", "..", "a/..", "a/*", "-a", "a/-b", "a b", "a\tb", "a\b", "a\n"}) {
    EXPECT_FALSE(check_role(role)) << role;
  }
}

TEST(RolesTest, AncestorsEndAtSlashes) {
  EXPECT_TRUE(is_strict_ancestor_role("a", "a/b"));
  EXPECT_FALSE(is_strict_ancestor_role("a", "a"));
  EXPECT_FALSE(is_strict_ancestor_role("a", "ab"));
  EXPECT_FALSE(is_strict_ancestor_role("a/b", "a"));
}

}  // namespace
}  // namespace tepui

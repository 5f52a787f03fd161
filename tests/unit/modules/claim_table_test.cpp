#include "lib/modules/claim_table.hpp"

#include <gtest/gtest.h>

namespace tepui::modules {
namespace {

TEST(ClaimTableTest, TheFirstClaimantKeepsTheThing) {
  ClaimTable table;
  ASSERT_TRUE(table.claim("a/one", "network namespace"));
  EXPECT_EQ(table.claimant("network namespace"), "a/one");
  EXPECT_EQ(table.claimant("pid namespace"), "");
}

TEST(ClaimTableTest, TheSameIsolatorMayClaimTwice) {
  ClaimTable table;
  ASSERT_TRUE(table.claim("a/one", "mount on '/tmp'"));
  EXPECT_TRUE(table.claim("a/one", "mount on '/tmp'"));
}

TEST(ClaimTableTest, ASecondClaimantIsRefusedWithBothNames) {
  ClaimTable table;
  ASSERT_TRUE(table.claim("a/one", "network namespace"));
  auto second = table.claim("b/two", "network namespace");
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code(), ErrorCode::AlreadyExists);
  EXPECT_EQ(second.error().message(), "isolators 'a/one' and 'b/two' both claim the network namespace");
  EXPECT_EQ(table.claimant("network namespace"), "a/one");
}

}  // namespace
}  // namespace tepui::modules

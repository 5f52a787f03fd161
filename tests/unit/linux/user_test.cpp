#include "lib/linux/user.hpp"

#include <algorithm>

#include <gtest/gtest.h>

namespace tepui::sys {
namespace {

TEST(UserTest, OnlyDecimalIdsInRangeAreRead) {
  EXPECT_EQ(parse_user_id("0").value(), 0U);
  EXPECT_EQ(parse_user_id("2147483646").value(), 2147483646U);
  for (const char* text : {"2147483647", "2147483648", "4294967295", "4294967296", "-1", "+0", "0x0", "", "1000:", " 0",
                           "0 ", "1e3", "00", "007", "99999999999999999999"}) {
    auto id = parse_user_id(text);
    ASSERT_FALSE(id) << text;
    EXPECT_EQ(id.error().code(), ErrorCode::InvalidArgument) << text;
  }
}

TEST(UserTest, HostileNamesAreRefusedAndUnknownOnesNotFound) {
  for (const char* text : {"", "1000:", "2147483648:0", "-1", "+0", "0x0", " 0", "1e3", "a/b", "root\n", "4294967295"}) {
    auto account = lookup_account(text);
    ASSERT_FALSE(account) << text;
    EXPECT_EQ(account.error().code(), ErrorCode::InvalidArgument) << text;
  }
  EXPECT_EQ(lookup_account("no-such-user-here").error().code(), ErrorCode::NotFound);
}

TEST(UserTest, RootAndNobodyAreFoundByNameAndByNumber) {
  EXPECT_EQ(lookup_account("root").value().uid, 0U);
  EXPECT_EQ(lookup_account("0").value().name, "root");
  const Account nobody = lookup_account("nobody").value();
  EXPECT_GT(nobody.uid, 0U);
  EXPECT_EQ(account_of_uid(nobody.uid).value().name, "nobody");
  EXPECT_EQ(std::count(nobody.supplementary_gids.begin(), nobody.supplementary_gids.end(), nobody.gid), 0);
}

TEST(UserTest, ANumberWithoutAnAccountHasTheSameGroupAndNoOthers) {
  const Account account = lookup_account("1234567890").value();
  EXPECT_EQ(account.uid, 1234567890U);
  EXPECT_EQ(account.gid, 1234567890U);
  EXPECT_TRUE(account.supplementary_gids.empty());
}

}  // namespace
}  // namespace tepui::sys

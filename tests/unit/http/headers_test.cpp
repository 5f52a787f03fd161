// Fields without case.
#include "lib/http/headers.hpp"

#include <gtest/gtest.h>

namespace tepui::http {
namespace {

TEST(HeadersTest, NamesCompareWithoutCaseAndSetReplacesAll) {
  Headers headers{{"Accept", "a"}, {"ACCEPT", "b"}, {"X", "y"}};
  EXPECT_EQ(headers.count("accept"), 2U);
  EXPECT_EQ(*headers.find("aCCept"), "a");
  headers.set("accept", "c");
  EXPECT_EQ(headers.count("Accept"), 1U);
  EXPECT_EQ(headers.value_or("Accept", ""), "c");
  EXPECT_EQ(headers.value_or("Z", "none"), "none");
  EXPECT_EQ(headers.size(), 2U);
}

}  // namespace
}  // namespace tepui::http

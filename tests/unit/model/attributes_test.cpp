#include "lib/model/attributes.hpp"

#include <gtest/gtest.h>

namespace tepui {
namespace {

TEST(AttributesTest, KeepsOrderAndDuplicates) {
  const auto parsed = parse_attributes("rack:a1;cores:[0-7];zones:{y,x};weight:1.5;rack:b2");
  ASSERT_TRUE(parsed);
  ASSERT_EQ(parsed->size(), 5U);
  EXPECT_EQ(format_attributes(*parsed), "rack:a1;cores:[0-7];zones:{x,y};weight:1.5;rack:b2");
  EXPECT_TRUE(std::holds_alternative<std::string>((*parsed)[0].value));
  EXPECT_TRUE(std::holds_alternative<Scalar>((*parsed)[3].value));
}

TEST(AttributesTest, TextMayHaveColons) {
  const auto parsed = parse_attributes("url:http://x:80");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(std::get<std::string>(parsed->front().value), "http://x:80");
}

TEST(AttributesTest, ErrorsNameThePiece) {
  for (const std::string piece : {"rack", "rack:", ":a", "x:[2-1]", "x:{a"}) {
    const auto parsed = parse_attributes("a:b;" + piece);
    ASSERT_FALSE(parsed) << piece;
    EXPECT_NE(parsed.error().to_string().find("'" + piece + "'"), std::string::npos) << parsed.error().to_string();
  }
}

}  // namespace
}  // namespace tepui

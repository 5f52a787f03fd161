#include "tepui/sdk/config.hpp"

#include <gtest/gtest.h>

namespace tepui::sdk {
namespace {

TEST(SdkConfigTest, AnObjectOfStringsIsRead) {
  Config config;
  ASSERT_TRUE(Config::parse(R"( { "a" : "1", "b":"x\"\\\n\u0009ü" } )", config).ok());
  EXPECT_EQ(config.text("a", ""), "1");
  EXPECT_EQ(config.text("b", ""), "x\"\\\n\tü");
  EXPECT_EQ(config.text("c", "none"), "none");
  EXPECT_TRUE(config.allow_only({"a", "b"}).ok());
  EXPECT_EQ(config.allow_only({"a"}).message(), "read parameter 'b': no such parameter");
}

TEST(SdkConfigTest, AnythingElseIsRefused) {
  for (const char* text : {"", "[]", "{", R"({"a":1})", R"({"a":"b"} x)", R"({"a" "b"})", R"({"a":"b)", R"({"a":"\u12"})"}) {
    Config config;
    EXPECT_EQ(Config::parse(text, config).code(), TEPUI_INVALID_ARGUMENT) << text;
  }
}

TEST(SdkConfigTest, NumbersAndFlagsAreChecked) {
  Config config;
  ASSERT_TRUE(Config::parse(R"({"n":"7","bad":"7x","flag":"true","odd":"yes"})", config).ok());
  std::int64_t number = 1;
  EXPECT_TRUE(config.read_number("n", 1, 10, number).ok());
  EXPECT_EQ(number, 7);
  EXPECT_FALSE(config.read_number("n", 8, 10, number).ok());
  EXPECT_FALSE(config.read_number("bad", 1, 10, number).ok());
  EXPECT_TRUE(config.read_number("missing", 1, 10, number).ok());
  bool flag = false;
  EXPECT_TRUE(config.read_flag("flag", flag).ok());
  EXPECT_TRUE(flag);
  EXPECT_FALSE(config.read_flag("odd", flag).ok());
}

}  // namespace
}  // namespace tepui::sdk

#include "lib/base/log.hpp"

#include <string>

#include <gtest/gtest.h>

namespace tepui {
namespace {

using log::Format;
using log::format_for_test;

TEST(LogTest, TextFieldsAreQuotedOnlyWhereNeeded) {
  EXPECT_EQ(format_for_test(Format::Text, "container started", {{"container", "c1"}, {"pid", 7}, {"ok", true}}),
            "container started container=c1 pid=7 ok=true");
  EXPECT_EQ(format_for_test(Format::Text, "m", {{"a", "two words"}, {"b", ""}, {"c", "k=v"}}),
            "m a=\"two words\" b=\"\" c=\"k=v\"");
}

TEST(LogTest, AValueCannotForgeALine) {
  const std::string line =
      format_for_test(Format::Text, "task refused", {{"task", "x\n2026-01-01T00:00:00.000Z I forged"}});
  EXPECT_EQ(line.find('\n'), std::string::npos);
  EXPECT_EQ(line, "task refused task=\"x\\n2026-01-01T00:00:00.000Z I forged\"");
}

TEST(LogTest, ControlBytesAndQuotesAreEscapedInBothFormats) {
  EXPECT_EQ(format_for_test(Format::Text, "m", {{"k", "a\"b\\c\x1b[0m"}}), "m k=\"a\\\"b\\\\c\\u001b[0m\"");
  EXPECT_EQ(format_for_test(Format::JsonLines, "m", {{"k", "a\"b\\c\x1b[0m"}}),
            "\"message\":\"m\",\"k\":\"a\\\"b\\\\c\\u001b[0m\"");
}

TEST(LogTest, JsonWritesNumbersAndBooleansBare) {
  EXPECT_EQ(format_for_test(Format::JsonLines, "m", {{"pid", 7}, {"ok", false}, {"id", "7"}}),
            "\"message\":\"m\",\"pid\":7,\"ok\":false,\"id\":\"7\"");
}

TEST(LogTest, ErrorsPrintTheirWholeChain) {
  const Error error = Error(ErrorCode::NotFound, "open \"x\"").wrap("start");
  EXPECT_EQ(format_for_test(Format::Text, "failed", {{"error", error}}), "failed error=\"start: open \\\"x\\\"\"");
}

TEST(LogTest, LevelsAreReadByName) {
  log::Level level = log::Level::Info;
  EXPECT_TRUE(log::try_parse_level("error", level));
  EXPECT_EQ(level, log::Level::Error);
  EXPECT_FALSE(log::try_parse_level("loud", level));
  EXPECT_EQ(level, log::Level::Error);
}

}  // namespace
}  // namespace tepui

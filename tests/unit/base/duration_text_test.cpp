#include "lib/base/duration_text.hpp"

#include <chrono>

#include <gtest/gtest.h>

namespace tepui {
namespace {

using namespace std::chrono_literals;

TEST(DurationTextTest, EveryUnitOfMesosIsRead) {
  EXPECT_EQ(*parse_duration("1ns"), 1ns);
  EXPECT_EQ(*parse_duration("2us"), 2us);
  EXPECT_EQ(*parse_duration("3ms"), 3ms);
  EXPECT_EQ(*parse_duration("5secs"), 5s);
  EXPECT_EQ(*parse_duration("15mins"), 15min);
  EXPECT_EQ(*parse_duration("2hrs"), 2h);
  EXPECT_EQ(*parse_duration("1days"), 24h);
  EXPECT_EQ(*parse_duration("1weeks"), 24h * 7);
}

TEST(DurationTextTest, FractionsAreRead) { EXPECT_EQ(*parse_duration("1.5secs"), 1500ms); }

TEST(DurationTextTest, WhatIsNoDurationIsRefused) {
  for (const char* text : {"", "5", "secs", "5 secs", "5sec", "-1secs", "nansecs", "infsecs", "1e300secs", "5secsx"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
}

TEST(DurationTextTest, FormattingTakesTheLargestUnitThatKeepsTheValueWhole) {
  EXPECT_EQ(format_duration(0ns), "0secs");
  EXPECT_EQ(format_duration(5s), "5secs");
  EXPECT_EQ(format_duration(1500ms), "1500ms");
  EXPECT_EQ(format_duration(60s), "1mins");
  EXPECT_EQ(format_duration(24h * 14), "2weeks");
}

TEST(DurationTextTest, WhatIsFormattedReadsBackTheSame) {
  for (const auto duration :
       {std::chrono::nanoseconds(1), std::chrono::nanoseconds(90s), std::chrono::nanoseconds(25h)}) {
    EXPECT_EQ(*parse_duration(format_duration(duration)), duration);
  }
}

}  // namespace
}  // namespace tepui

#include "lib/model/resources_text.hpp"

#include <gtest/gtest.h>

namespace tepui {
namespace {

TEST(ResourcesTextTest, ReadsWhatOperatorsWrite) {
  const auto parsed = parse_resources(" cpus:4; mem : 2048;ports:[31000-32000, 80-81];disks:{b,a};cpus(web/eu):0.5;");
  ASSERT_TRUE(parsed) << parsed.error().to_string();
  EXPECT_EQ(format_resources(*parsed), "cpus:4;cpus(web/eu):0.5;disks:{a,b};mem:2048;ports:[80-81,31000-32000]");
}

TEST(ResourcesTextTest, TheDefaultRoleIsUsedWhereNoneIsGiven) {
  const auto parsed = parse_resources("cpus:1;mem(b):2", "a");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(format_resources(*parsed), "cpus(a):1;mem(b):2");
}

TEST(ResourcesTextTest, WhatIsWrittenReadsTheSame) {
  const auto parsed = parse_resources("cpus:4;mem:2048;ports:[31000-32000];disks:{a,b};cpus(role):4");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(*parse_resources(format_resources(*parsed)), *parsed);
}

TEST(ResourcesTextTest, ErrorsNameThePiece) {
  for (const std::string piece :
       {"cpus", "cpus:", ":4", "cpus:-1", "cpus:nan", "cpus:inf", "cpus:x", "cpus:1e300", "ports:[5-1]", "ports:5",
        "ports:[0-18446744073709551616]", "disks:{a", "disks:{a,,b}", "cpus(:1", "cpus(a b):1", "cpus(..):1", "cpus():1",
        "cpus:[1-2]", "mem:{a}"}) {
    const auto parsed = parse_resources("mem:1;" + piece + ";disk:2");
    ASSERT_FALSE(parsed) << piece;
    EXPECT_EQ(parsed.error().code(), ErrorCode::InvalidArgument) << piece;
    EXPECT_NE(parsed.error().to_string().find("'" + piece + "'"), std::string::npos) << parsed.error().to_string();
  }
}

TEST(ResourcesTextTest, ANameCannotHaveTwoKinds) {
  EXPECT_FALSE(parse_resources("x:1;x:[1-2]"));
  EXPECT_FALSE(parse_resources("x:1;x(a):{b}"));
  EXPECT_EQ(format_resources(*parse_resources("cpus:1;cpus:2")), "cpus:3");
}

}  // namespace
}  // namespace tepui

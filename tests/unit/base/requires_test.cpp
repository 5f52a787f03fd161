#include "tests/fakes/requires.hpp"

#include <unistd.h>

#include <string>

#include <gtest/gtest.h>

namespace tepui {
namespace {

TEST(RequiresTest, WhatIsThereIsNotMissing) {
  EXPECT_EQ(needs::first_missing({}), "");
  EXPECT_EQ(needs::first_missing({needs::program("sh")}), "");
  EXPECT_EQ(needs::root.missing().empty(), ::geteuid() == 0);
}

TEST(RequiresTest, WhatIsMissingIsNamedWithTheReason) {
  EXPECT_EQ(needs::first_missing({needs::program("sh"), needs::program("no-such-program")}),
            "needs program(no-such-program): no-such-program is not on PATH");
  EXPECT_EQ(needs::first_missing({needs::cgroup1("no-such-controller")}),
            "needs cgroup1(no-such-controller): no cgroup v1 hierarchy holds no-such-controller");
}

}  // namespace
}  // namespace tepui

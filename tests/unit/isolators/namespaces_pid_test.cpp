#include <gtest/gtest.h>

#include "tests/unit/isolators/linked_isolator.hpp"

namespace tepui {
namespace {

using NamespacesPidTest = LinkedIsolatorTest;

TEST_F(NamespacesPidTest, ThePlanHasAPidNamespaceAndNothingElse) {
  auto isolator = create();
  ASSERT_TRUE(isolator->prepare(container(100, 0), plan_, claims_));
  EXPECT_EQ(plan_.lines, std::vector<std::string>{"namespaces/pid add_namespace pid"});
  EXPECT_TRUE(isolator->isolate(container(100, 0), -1));
  EXPECT_TRUE(isolator->usage("c1")->empty());
  EXPECT_TRUE(isolator->cleanup("c1"));
  EXPECT_TRUE(isolator->cleanup("c1"));
}

TEST_F(NamespacesPidTest, AParameterIsRefused) { EXPECT_FALSE(try_create({{"init", "false"}})); }

}  // namespace
}  // namespace tepui

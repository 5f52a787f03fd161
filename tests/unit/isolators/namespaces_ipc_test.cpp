#include <gtest/gtest.h>

#include "tests/unit/isolators/linked_isolator.hpp"

namespace tepui {
namespace {

using NamespacesIpcTest = LinkedIsolatorTest;

TEST_F(NamespacesIpcTest, ThePlanHasIpcUtsAndCgroupNamespaces) {
  ASSERT_TRUE(create()->prepare(container(100, 0), plan_, claims_));
  EXPECT_EQ(plan_.lines, (std::vector<std::string>{"namespaces/ipc add_namespace ipc", "namespaces/ipc add_namespace uts",
                                                   "namespaces/ipc add_namespace cgroup"}));
}

TEST_F(NamespacesIpcTest, UtsAndCgroupCanBeLeftOut) {
  ASSERT_TRUE(create({{"uts", "false"}, {"cgroup", "false"}})->prepare(container(100, 0), plan_, claims_));
  EXPECT_EQ(plan_.lines, std::vector<std::string>{"namespaces/ipc add_namespace ipc"});
  EXPECT_FALSE(try_create({{"uts", "no"}}));
}

TEST_F(NamespacesIpcTest, AHostWithoutCgroupsGetsNoCgroupNamespace) {
  auto isolator = try_create({}, 0);
  ASSERT_TRUE(isolator);
  ASSERT_TRUE((*isolator)->prepare(container(100, 0), plan_, claims_));
  EXPECT_FALSE(plan_.has("namespaces/ipc add_namespace cgroup"));
}

}  // namespace
}  // namespace tepui

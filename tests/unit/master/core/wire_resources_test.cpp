#include "master/core/wire_resources.hpp"

#include <gtest/gtest.h>

#include "lib/model/resources_text.hpp"

namespace tepui::master {
namespace {

TEST(WireResourcesTest, AgentsSeeAllOfItAndFrameworksWhatTheyUnderstand) {
  const Resources all = parse_resources("cpus:4;cpus(a):1;ports:[1-5,7-9];disks:{x,y}")->allocated_to("a");
  EXPECT_EQ(*resources_from_wire(resources_for_agent(all)), all);
  EXPECT_EQ(*resources_from_wire(resources_for_framework(all, Framework())), all.unallocated());
}

}  // namespace
}  // namespace tepui::master

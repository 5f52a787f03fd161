#include "master/core/allocator.hpp"

#include <gtest/gtest.h>

#include "lib/model/resources_text.hpp"

namespace tepui::master {
namespace {

Framework framework(const std::string& id, std::set<std::string> roles) {
  Framework made;
  made.id = id;
  made.roles = std::move(roles);
  return made;
}

Agent agent(const std::string& id, std::string_view resources) {
  Agent made;
  made.id = id;
  made.total = made.free = *parse_resources(resources);
  return made;
}

TEST(AllocatorTest, ThePoorestRoleComesFirstWhateverItsFrameworksAreCalled) {
  const MasterConfig config;
  Allocator allocator(config);
  allocator.set_total(*parse_resources("cpus:8;mem:800"));
  const Framework rich = framework("a", {"rich"});
  const Framework poor = framework("b", {"poor"});
  const Agent one = agent("s1", "cpus:4;mem:400");
  const Agent two = agent("s2", "cpus:4;mem:400");
  allocator.hold("a", parse_resources("cpus:1")->allocated_to("rich"));
  const auto round = allocator.allocate({&rich, &poor}, {&one, &two}, {});
  ASSERT_EQ(round.size(), 2U);
  EXPECT_EQ(round[0].framework_id, "b");
  EXPECT_EQ(round[1].framework_id, "a");
}

TEST(AllocatorTest, ReservationsGoToTheirRoleAndTheRestToTheFirst) {
  const MasterConfig config;
  Allocator allocator(config);
  const Framework general = framework("a", {"*"});
  const Framework special = framework("b", {"special"});
  const Agent one = agent("s1", "cpus:4;cpus(special):2");
  allocator.set_total(one.total);
  const auto round = allocator.allocate({&general, &special}, {&one}, {});
  ASSERT_EQ(round.size(), 2U);
  EXPECT_EQ(round[0].role, "*");
  EXPECT_EQ(round[0].resources.quantity("cpus"), Scalar::from_millis(4000));
  EXPECT_EQ(round[1].role, "special");
  EXPECT_EQ(round[1].resources.quantity("cpus"), Scalar::from_millis(2000));
}

TEST(AllocatorTest, WeightsOfRolesCount) {
  MasterConfig config;
  config.role_weights["heavy"] = 3;
  Allocator allocator(config);
  const Framework heavy = framework("a", {"heavy"});
  const Framework light = framework("b", {"light"});
  std::vector<Agent> agents;
  for (int i = 0; i < 8; ++i) agents.push_back(agent("s" + std::to_string(i), "cpus:1;mem:100"));
  std::vector<const Agent*> list;
  for (const Agent& one : agents) list.push_back(&one);
  allocator.set_total(*parse_resources("cpus:8;mem:800"));
  int heavy_offers = 0;
  for (const auto& allocation : allocator.allocate({&heavy, &light}, list, {})) heavy_offers += allocation.role == "heavy" ? 1 : 0;
  EXPECT_EQ(heavy_offers, 6);
}

TEST(AllocatorTest, HeldAndReleasedSharesAreWhereTheyWere) {
  const MasterConfig config;
  Allocator allocator(config);
  allocator.set_total(*parse_resources("cpus:10"));
  const Resources part = parse_resources("cpus:4")->allocated_to("r");
  allocator.hold("a", part);
  EXPECT_DOUBLE_EQ(allocator.role_share("r"), 0.4);
  allocator.release("a", part);
  EXPECT_DOUBLE_EQ(allocator.role_share("r"), 0);
  allocator.remove_framework("a");
  EXPECT_DOUBLE_EQ(allocator.role_share("r"), 0);
}

}  // namespace
}  // namespace tepui::master

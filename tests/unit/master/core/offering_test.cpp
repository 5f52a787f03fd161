#include "master/core/offering.hpp"

#include "lib/model/resources_text.hpp"
#include "master/core/wire_resources.hpp"
#include "tests/unit/master/core/core_harness.hpp"

namespace tepui::master {
namespace {

using namespace std::chrono_literals;

TEST(OfferingTest, AnOfferSaysWhereTheAgentIsAndWhatItHas) {
  CoreHarness harness;
  auto subscribe = CoreHarness::agent_subscribe({}, "cpus:4;mem:1024;ports:[31000-32000]", 5051);
  auto& attribute = *subscribe.mutable_agent_info()->add_attributes();
  attribute.set_name("rack");
  attribute.set_type(mesos::v1::Value::TEXT);
  attribute.mutable_text()->set_value("a1");
  const Peer agent = harness.subscribe_agent(subscribe);
  const Peer framework = harness.subscribe();
  const auto offers = harness.take_offers(framework);
  ASSERT_EQ(offers.size(), 1U);
  EXPECT_EQ(offers[0].id().value(), harness.core().master_id() + "-O0");
  EXPECT_EQ(offers[0].agent_id().value(), harness.core().master_id() + "-S0");
  EXPECT_EQ(offers[0].agent_id().value(), agent.id);
  EXPECT_EQ(offers[0].framework_id().value(), framework.id);
  EXPECT_EQ(offers[0].hostname(), "host");
  EXPECT_EQ(offers[0].url().address().ip(), "127.0.0.1");
  EXPECT_EQ(offers[0].url().address().port(), 5051);
  EXPECT_EQ(offers[0].url().path(), "/slave(1)");
  EXPECT_EQ(offers[0].attributes_size(), 1);
  EXPECT_EQ(*resources_from_wire(offers[0].resources()), *parse_resources("cpus:4;mem:1024;ports:[31000-32000]"));
}

TEST(OfferingTest, FrameworksOfOldSeeRolesAndNoAllocation) {
  CoreHarness harness;
  harness.subscribe_agent(CoreHarness::agent_subscribe({}, "cpus:4;cpus(old):1;mem:64"));
  auto info = CoreHarness::framework_info();
  info.set_role("old");
  const auto offers = harness.take_offers(harness.subscribe(info));
  ASSERT_EQ(offers.size(), 1U);
  EXPECT_FALSE(offers[0].has_allocation_info());
  ASSERT_EQ(offers[0].resources_size(), 3);
  std::multiset<std::string> roles;
  for (const auto& resource : offers[0].resources()) {
    EXPECT_FALSE(resource.has_allocation_info());
    EXPECT_EQ(resource.reservations_size(), 0);
    roles.insert(resource.role());
  }
  EXPECT_EQ(roles, (std::multiset<std::string>{"*", "*", "old"}));
}

TEST(OfferingTest, FrameworksOfTodaySeeReservationsAndAllocations) {
  CoreHarness harness;
  harness.subscribe_agent(CoreHarness::agent_subscribe({}, "cpus(eng):1;mem:64"));
  auto info = CoreHarness::framework_info("x", {Capability::MULTI_ROLE, Capability::RESERVATION_REFINEMENT});
  info.add_roles("eng/ads");
  const auto offers = harness.take_offers(harness.subscribe(info));
  ASSERT_EQ(offers.size(), 1U);
  EXPECT_EQ(offers[0].allocation_info().role(), "eng/ads");
  for (const auto& resource : offers[0].resources()) {
    EXPECT_FALSE(resource.has_role());
    EXPECT_EQ(resource.allocation_info().role(), "eng/ads");
    EXPECT_EQ(resource.reservations_size(), resource.name() == "cpus" ? 1 : 0);
  }
}

TEST(OfferingTest, DeclinedResourcesComeBackWhenTheRefusalEnds) {
  CoreHarness harness;
  harness.subscribe_agent();
  const Peer framework = harness.subscribe();
  harness.decline(framework, harness.take_offers(framework)[0].id().value(), 10);
  harness.advance(9s);
  EXPECT_TRUE(harness.take_offers(framework).empty());
  harness.advance(3s);
  EXPECT_EQ(harness.take_offers(framework).size(), 1U);
}

TEST(OfferingTest, RefusingForZeroSecondsRefusesNothing) {
  CoreHarness harness;
  harness.subscribe_agent();
  const Peer framework = harness.subscribe();
  harness.decline(framework, harness.take_offers(framework)[0].id().value(), 0);
  harness.advance(1s);
  EXPECT_EQ(harness.take_offers(framework).size(), 1U);
}

TEST(OfferingTest, WhatOneDeclinesAnotherIsOffered) {
  CoreHarness harness;
  harness.subscribe_agent();
  const Peer first = harness.subscribe();
  const Peer second = harness.subscribe();
  harness.decline(first, harness.take_offers(first)[0].id().value(), 100);
  harness.advance(1s);
  EXPECT_EQ(harness.take_offers(second).size(), 1U);
}

TEST(OfferingTest, ReviveForgetsRefusalsAndOffersAtOnce) {
  CoreHarness harness;
  harness.subscribe_agent();
  const Peer framework = harness.subscribe();
  harness.decline(framework, harness.take_offers(framework)[0].id().value(), 4294967295.0);
  EXPECT_EQ(harness.call(framework, harness.call_of(framework, SchedulerCall::REVIVE)).status, 202);
  EXPECT_EQ(harness.take_offers(framework).size(), 1U);
}

TEST(OfferingTest, SuppressedRolesAreOfferedNothingUntilRevived) {
  CoreHarness harness;
  const Peer framework = harness.subscribe();
  harness.call(framework, harness.call_of(framework, SchedulerCall::SUPPRESS));
  harness.subscribe_agent();
  harness.advance(5s);
  EXPECT_TRUE(harness.take_offers(framework).empty());
  harness.call(framework, harness.call_of(framework, SchedulerCall::REVIVE));
  EXPECT_EQ(harness.take_offers(framework).size(), 1U);
}

TEST(OfferingTest, AnUnknownRoleDropsTheWholeSuppress) {
  CoreHarness harness;
  auto info = CoreHarness::framework_info("x", {Capability::MULTI_ROLE});
  info.add_roles("a");
  const Peer framework = harness.subscribe(info);
  auto suppress = harness.call_of(framework, SchedulerCall::SUPPRESS);
  suppress.mutable_suppress()->add_roles("a");
  suppress.mutable_suppress()->add_roles("b");
  EXPECT_EQ(harness.call(framework, suppress).status, 202);
  harness.subscribe_agent();
  EXPECT_EQ(harness.take_offers(framework).size(), 1U);
}

TEST(OfferingTest, CrumbsAreNotOffered) {
  CoreHarness harness;
  const Peer framework = harness.subscribe();
  harness.subscribe_agent(CoreHarness::agent_subscribe({}, "cpus:0.005;mem:31;ports:[1-100]"));
  harness.advance(2s);
  EXPECT_TRUE(harness.take_offers(framework).empty());
}

TEST(OfferingTest, AFrameworkMaySetItsOwnMinimumForARole) {
  CoreHarness harness;
  auto info = CoreHarness::framework_info();
  (*info.mutable_offer_filters())["*"].mutable_min_allocatable_resources();  // present but empty: no minimum
  const Peer framework = harness.subscribe(info);
  harness.subscribe_agent(CoreHarness::agent_subscribe({}, "cpus:0.005"));
  EXPECT_EQ(harness.take_offers(framework).size(), 1U);
}

TEST(OfferingTest, AgentsWithGpusAreForThoseWhoAskForThem) {
  CoreHarness harness;
  const Peer plain = harness.subscribe();
  const Peer gpu = harness.subscribe(CoreHarness::framework_info("gpu", {Capability::GPU_RESOURCES}));
  harness.subscribe_agent(CoreHarness::agent_subscribe({}, "cpus:4;mem:1024;gpus:1"));
  EXPECT_TRUE(harness.take_offers(plain).empty());
  EXPECT_EQ(harness.take_offers(gpu).size(), 1U);
}

TEST(OfferingTest, EveryAgentGoesToWhoeverIsPoorest) {
  CoreHarness harness;
  const Peer first = harness.subscribe();
  const Peer second = harness.subscribe();
  for (int i = 0; i < 6; ++i) harness.subscribe_agent();
  EXPECT_EQ(harness.take_offers(first).size(), 3U);
  EXPECT_EQ(harness.take_offers(second).size(), 3U);
}

TEST(OfferingTest, AnOfferNobodyAnswersIsRescindedInTime) {
  MasterConfig config;
  config.offer_timeout = 30s;
  CoreHarness harness(config);
  harness.subscribe_agent();
  const Peer framework = harness.subscribe();
  const auto offers = harness.take_offers(framework);
  harness.advance(30s);
  const auto rescinds = harness.take(framework, SchedulerEvent::RESCIND);
  ASSERT_EQ(rescinds.size(), 1U);
  EXPECT_EQ(rescinds[0].rescind().offer_id().value(), offers[0].id().value());
}

}  // namespace
}  // namespace tepui::master

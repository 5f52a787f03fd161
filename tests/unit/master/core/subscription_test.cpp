#include "master/core/subscription.hpp"

#include "tests/unit/master/core/core_harness.hpp"

namespace tepui::master {
namespace {

using namespace std::chrono_literals;

std::string error_of(CoreHarness& harness, const mesos::v1::FrameworkInfo& info) {
  const Peer peer = harness.subscribe(info);
  const auto events = harness.take(peer);
  EXPECT_EQ(events.size(), 1U);
  EXPECT_TRUE(harness.is_closed(peer.stream));
  return events.empty() ? "" : events.front().error().message();
}

TEST(SubscriptionTest, ANewFrameworkIsToldItsIdThenHearsAHeartbeat) {
  CoreHarness harness;
  const Peer framework = harness.subscribe();
  const auto events = harness.take(framework);
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].type(), SchedulerEvent::SUBSCRIBED);
  EXPECT_EQ(framework.id, harness.core().master_id() + "-0000");
  EXPECT_EQ(events[0].subscribed().heartbeat_interval_seconds(), 15);
  EXPECT_EQ(events[0].subscribed().master_info().address().port(), 5050);
  EXPECT_EQ(events[1].type(), SchedulerEvent::HEARTBEAT);
  EXPECT_EQ(harness.subscribe().id, harness.core().master_id() + "-0001");
}

TEST(SubscriptionTest, HeartbeatsComeEveryFifteenSeconds) {
  CoreHarness harness;
  const Peer framework = harness.subscribe();
  harness.take(framework);
  harness.advance(46s);
  EXPECT_EQ(harness.take(framework, SchedulerEvent::HEARTBEAT).size(), 3U);
}

TEST(SubscriptionTest, AnIdNobodyKnowsIsAccepted) {
  CoreHarness harness;
  auto info = CoreHarness::framework_info();
  info.mutable_id()->set_value("from-another-master");
  EXPECT_EQ(harness.subscribe(info).id, "from-another-master");
}

TEST(SubscriptionTest, RefusalsAreAnErrorEventAndTheEndOfTheStream) {
  CoreHarness harness;
  auto info = CoreHarness::framework_info();
  info.add_roles("a");
  EXPECT_NE(error_of(harness, info).find("not MULTI_ROLE"), std::string::npos);
  info = CoreHarness::framework_info("x", {Capability::MULTI_ROLE});
  info.add_roles("a");
  info.add_roles("a");
  EXPECT_NE(error_of(harness, info).find("duplicate"), std::string::npos);
  info = CoreHarness::framework_info("x", {Capability::MULTI_ROLE});
  info.add_roles("a//b");
  EXPECT_NE(error_of(harness, info).find("a//b"), std::string::npos);
  info = CoreHarness::framework_info();
  info.set_failover_timeout(-1);
  EXPECT_NE(error_of(harness, info).find("failover_timeout"), std::string::npos);
  info.set_failover_timeout(1e300);
  EXPECT_NE(error_of(harness, info).find("failover_timeout"), std::string::npos);
  info = CoreHarness::framework_info();
  info.mutable_id()->set_value("../x");
  EXPECT_NE(error_of(harness, info).find("framework"), std::string::npos);
  EXPECT_TRUE(harness.cluster().frameworks.all().empty());
}

TEST(SubscriptionTest, TakingOverEndsTheOlderStreamAndDiscardsOffersInSilence) {
  CoreHarness harness;
  harness.subscribe_agent();
  const Peer old = harness.subscribe();
  ASSERT_EQ(harness.take_offers(old).size(), 1U);
  auto info = CoreHarness::framework_info();
  info.mutable_id()->set_value(old.id);
  const Peer fresh = harness.subscribe(info);
  const auto events = harness.take(old);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].error().message(), "Framework failed over");
  EXPECT_TRUE(harness.is_closed(old.stream));
  EXPECT_EQ(fresh.id, old.id);
  EXPECT_EQ(harness.take_offers(fresh).size(), 1U);
  EXPECT_EQ(harness.call(old, harness.call_of(old, SchedulerCall::REVIVE)).status, 400);
}

TEST(SubscriptionTest, AFrameworkThatStaysAwayLosesItsTasksAndItsId) {
  CoreHarness harness;
  const Peer agent = harness.subscribe_agent();
  const Peer framework = harness.subscribe();
  const auto offers = harness.take_offers(framework);
  harness.accept(framework, {offers[0].id().value()}, {CoreHarness::task("t", agent.id)});
  harness.disconnect(framework);
  harness.advance(59s);
  EXPECT_NE(harness.cluster().frameworks.find(framework.id), nullptr);
  harness.take_agent(agent);
  harness.advance(2s);
  EXPECT_EQ(harness.cluster().frameworks.find(framework.id), nullptr);
  EXPECT_EQ(harness.take_agent(agent, AgentEvent::TEARDOWN).size(), 1U);
  EXPECT_TRUE(harness.cluster().tasks.all().empty());
  auto info = CoreHarness::framework_info();
  info.mutable_id()->set_value(framework.id);
  EXPECT_EQ(error_of(harness, info), "Framework has been removed");
}

TEST(SubscriptionTest, AFrameworkThatComesBackInTimeKeepsItsTasks) {
  CoreHarness harness;
  const Peer agent = harness.subscribe_agent();
  const Peer framework = harness.subscribe();
  harness.accept(framework, {harness.take_offers(framework)[0].id().value()}, {CoreHarness::task("t", agent.id)});
  harness.disconnect(framework);
  harness.advance(59s);
  auto info = CoreHarness::framework_info();
  info.mutable_id()->set_value(framework.id);
  harness.subscribe(info);
  harness.advance(60s);
  EXPECT_EQ(harness.cluster().tasks.all().size(), 1U);
}

TEST(SubscriptionTest, WithoutAFailoverTimeoutAFrameworkEndsWithItsStream) {
  CoreHarness harness;
  auto info = CoreHarness::framework_info();
  info.clear_failover_timeout();
  const Peer framework = harness.subscribe(info);
  harness.disconnect(framework);
  EXPECT_TRUE(harness.cluster().frameworks.is_completed(framework.id));
}

TEST(SubscriptionTest, TeardownEndsTheStreamAndTheId) {
  CoreHarness harness;
  const Peer framework = harness.subscribe();
  EXPECT_EQ(harness.call(framework, harness.call_of(framework, SchedulerCall::TEARDOWN)).status, 202);
  EXPECT_TRUE(harness.is_closed(framework.stream));
  EXPECT_EQ(harness.call(framework, harness.call_of(framework, SchedulerCall::REVIVE)).status, 400);
}

TEST(SubscriptionTest, ThePrincipalCannotChange) {
  CoreHarness harness;
  auto info = CoreHarness::framework_info();
  info.set_principal("a");
  const Peer framework = harness.subscribe(info);
  info.mutable_id()->set_value(framework.id);
  info.set_principal("b");
  EXPECT_NE(error_of(harness, info).find("principal"), std::string::npos);
  EXPECT_FALSE(harness.is_closed(framework.stream));
}

TEST(SubscriptionTest, UserAndCheckpointStayAsTheyWere) {
  CoreHarness harness;
  auto info = CoreHarness::framework_info();
  info.set_checkpoint(true);
  const Peer framework = harness.subscribe(info);
  info.mutable_id()->set_value(framework.id);
  info.set_user("other");
  info.set_checkpoint(false);
  info.set_name("renamed");
  harness.subscribe(info);
  const Framework& known = *harness.cluster().frameworks.find(framework.id);
  EXPECT_EQ(known.info.user(), "nobody");
  EXPECT_TRUE(known.info.checkpoint());
  EXPECT_EQ(known.info.name(), "renamed");
}

TEST(SubscriptionTest, TheListOfCompletedFrameworksIsBounded) {
  MasterConfig config;
  config.max_completed_frameworks = 3;
  CoreHarness harness(config);
  for (int i = 0; i < 5; ++i) {
    const Peer framework = harness.subscribe();
    harness.call(framework, harness.call_of(framework, SchedulerCall::TEARDOWN));
  }
  EXPECT_EQ(harness.cluster().frameworks.completed().size(), 3U);
  EXPECT_EQ(harness.registry().size(), 3U);
}

}  // namespace
}  // namespace tepui::master

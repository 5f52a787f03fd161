#include "master/core/registry.hpp"

#include "tests/unit/master/core/core_harness.hpp"

namespace tepui::master {
namespace {

using namespace std::chrono_literals;

TEST(RegistryTest, AfterARestartAgentsAndFrameworksAreAwaited) {
  CoreHarness harness;
  const Peer agent = harness.subscribe_agent();
  const Peer framework = harness.subscribe();
  const std::string old_master = harness.core().master_id();
  harness.restart_master();
  EXPECT_NE(harness.core().master_id(), old_master);
  EXPECT_EQ(harness.cluster().agents.find(agent.id)->state, AgentState::Recovered);
  EXPECT_TRUE(harness.cluster().frameworks.find(framework.id)->is_recovered);
}

TEST(RegistryTest, AnAgentThatDoesNotComeBackInTenMinutesIsUnreachable) {
  CoreHarness harness;
  const Peer agent = harness.subscribe_agent();
  harness.restart_master();
  harness.advance(599s);
  EXPECT_EQ(harness.cluster().agents.find(agent.id)->state, AgentState::Recovered);
  harness.advance(2s);
  EXPECT_EQ(harness.cluster().agents.find(agent.id)->state, AgentState::Unreachable);
  harness.restart_master();
  EXPECT_EQ(harness.cluster().agents.find(agent.id)->state, AgentState::Unreachable);
}

TEST(RegistryTest, TheFailoverTimeoutHoldsAfterARestart) {
  CoreHarness harness;
  auto info = CoreHarness::framework_info();
  info.set_failover_timeout(3600);
  const Peer framework = harness.subscribe(info);
  harness.restart_master();
  harness.advance(3599s);
  EXPECT_NE(harness.cluster().frameworks.find(framework.id), nullptr);
  harness.advance(2s);
  EXPECT_TRUE(harness.cluster().frameworks.is_completed(framework.id));
}

TEST(RegistryTest, WhatIsTornDownStaysSoAfterARestart) {
  CoreHarness harness;
  const Peer framework = harness.subscribe();
  harness.call(framework, harness.call_of(framework, SchedulerCall::TEARDOWN));
  harness.restart_master();
  EXPECT_TRUE(harness.cluster().frameworks.is_completed(framework.id));
  auto info = CoreHarness::framework_info();
  info.mutable_id()->set_value(framework.id);
  const Peer again = harness.subscribe(info);
  EXPECT_EQ(harness.take(again, SchedulerEvent::ERROR).size(), 1U);
}

TEST(RegistryTest, TasksAreLearnedFromTheirAgents) {
  CoreHarness harness;
  const Peer agent = harness.subscribe_agent();
  const Peer framework = harness.subscribe();
  harness.accept(framework, {harness.take_offers(framework)[0].id().value()}, {CoreHarness::task("t", agent.id)});
  harness.update(agent, framework, "t", mesos::v1::TASK_RUNNING);
  auto back = CoreHarness::agent_subscribe(agent.id);
  auto& told = *back.add_tasks();
  told.mutable_framework_id()->set_value(framework.id);
  *told.mutable_task() = harness.cluster().tasks.find(framework.id, "t")->info;
  *told.mutable_status() = harness.cluster().tasks.find(framework.id, "t")->status;
  *back.add_frameworks() = harness.cluster().frameworks.find(framework.id)->info;
  harness.restart_master();
  harness.registry().clear();
  harness.restart_master();  // even a registry that lost everything
  harness.subscribe_agent(back);
  const Task* task = harness.cluster().tasks.find(framework.id, "t");
  ASSERT_NE(task, nullptr);
  EXPECT_EQ(task->state, TaskState::Running);
  EXPECT_TRUE(task->is_holding);
  EXPECT_TRUE(harness.cluster().frameworks.find(framework.id)->is_recovered);
}

TEST(RegistryTest, EntriesThatDoNotParseAreCountedAndLeftAlone) {
  CoreHarness harness;
  harness.registry()["agents/x"] = "\xff\xff";
  harness.registry()["frameworks/y"] = "";
  harness.registry()["something/else"] = "z";
  harness.restart_master();
  EXPECT_EQ(harness.cluster().counters.bad_registry_entries, 2U);
  EXPECT_EQ(harness.registry().size(), 3U);
}

TEST(RegistryTest, UnreachableIsDurableBeforeAnybodyHears) {
  CoreHarness harness;
  const Peer agent = harness.subscribe_agent();
  harness.subscribe();
  harness.disconnect(agent);
  harness.clock().advance(76s);
  bool is_stored = false;
  for (const Effect& effect : harness.core().tick()) {
    if (std::holds_alternative<StoreInRegistry>(effect)) is_stored = true;
    const auto* send = std::get_if<SendToScheduler>(&effect);
    EXPECT_TRUE(is_stored || send == nullptr || send->event.type() == SchedulerEvent::HEARTBEAT);
  }
  EXPECT_TRUE(is_stored);
}

}  // namespace
}  // namespace tepui::master

#include "master/core/task_updates.hpp"

#include "tests/unit/master/core/core_harness.hpp"

namespace tepui::master {
namespace {

using namespace std::chrono_literals;

class TaskUpdatesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    agent_ = harness_.subscribe_agent();
    framework_ = harness_.subscribe();
    harness_.accept(framework_, {harness_.take_offers(framework_).at(0).id().value()}, {CoreHarness::task("t", agent_.id)});
    harness_.take_agent(agent_);
  }
  [[nodiscard]] const Task* task() const { return harness_.cluster().tasks.find(framework_.id, "t"); }
  CoreHarness harness_;
  Peer agent_;
  Peer framework_;
};

TEST_F(TaskUpdatesTest, AnUpdateIsForwardedWithItsUuid) {
  const auto sent = harness_.update(agent_, framework_, "t", mesos::v1::TASK_RUNNING);
  const auto updates = harness_.take_updates(framework_);
  ASSERT_EQ(updates.size(), 1U);
  EXPECT_EQ(updates[0].uuid(), sent.uuid());
  EXPECT_EQ(updates[0].agent_id().value(), agent_.id);
  EXPECT_EQ(task()->state, TaskState::Running);
}

TEST_F(TaskUpdatesTest, AcknowledgementsGoToTheAgentAndTheLastOneEndsTheTask) {
  const auto running = harness_.update(agent_, framework_, "t", mesos::v1::TASK_RUNNING);
  harness_.acknowledge(framework_, running);
  EXPECT_EQ(harness_.take_agent(agent_, AgentEvent::ACKNOWLEDGE).size(), 1U);
  ASSERT_NE(task(), nullptr);
  const auto finished = harness_.update(agent_, framework_, "t", mesos::v1::TASK_FINISHED);
  EXPECT_FALSE(task()->is_holding);
  harness_.acknowledge(framework_, finished);
  const auto acks = harness_.take_agent(agent_, AgentEvent::ACKNOWLEDGE);
  ASSERT_EQ(acks.size(), 1U);
  EXPECT_EQ(acks[0].acknowledge().uuid(), finished.uuid());
  EXPECT_EQ(task(), nullptr);
  EXPECT_EQ(harness_.cluster().frameworks.find(framework_.id)->completed_tasks.size(), 1U);
}

TEST_F(TaskUpdatesTest, ResourcesAreFreeAsSoonAsTheAgentKnowsTheEnd) {
  harness_.update(agent_, framework_, "t", mesos::v1::TASK_STARTING, mesos::v1::TASK_FAILED);
  EXPECT_FALSE(task()->is_holding);
  EXPECT_EQ(task()->status.state(), mesos::v1::TASK_STARTING);
  EXPECT_EQ(task()->state, TaskState::Failed);
}

TEST_F(TaskUpdatesTest, WhatATaskGivesBackIsOfferedSoon) {
  harness_.update(agent_, framework_, "t", mesos::v1::TASK_FINISHED);
  harness_.advance(100ms);
  EXPECT_EQ(harness_.take_offers(framework_).size(), 1U);
}

TEST_F(TaskUpdatesTest, RepeatedUpdatesAreForwardedAgainAndChangeNothing) {
  harness_.update(agent_, framework_, "t", mesos::v1::TASK_FINISHED);
  harness_.update(agent_, framework_, "t", mesos::v1::TASK_FINISHED);
  EXPECT_EQ(harness_.take_updates(framework_).size(), 2U);
}

TEST_F(TaskUpdatesTest, WhatFollowsATerminalStateDoesNotDisturbIt) {
  harness_.update(agent_, framework_, "t", mesos::v1::TASK_FAILED);
  harness_.update(agent_, framework_, "t", mesos::v1::TASK_FINISHED);
  EXPECT_EQ(task()->state, TaskState::Failed);
  EXPECT_EQ(states_of(harness_.take_updates(framework_)), (std::vector<std::string>{"TASK_FAILED", "TASK_FINISHED"}));
}

TEST_F(TaskUpdatesTest, AnUpdateOfATaskNobodyKnowsIsForwardedSoThatItIsAcknowledged) {
  const auto sent = harness_.update(agent_, framework_, "forgotten", mesos::v1::TASK_FINISHED);
  EXPECT_EQ(harness_.take_updates(framework_).size(), 1U);
  harness_.acknowledge(framework_, sent);
  EXPECT_EQ(harness_.take_agent(agent_, AgentEvent::ACKNOWLEDGE).size(), 1U);
}

TEST_F(TaskUpdatesTest, AgentsCannotReportWhatOnlyAMasterConcludes) {
  harness_.update(agent_, framework_, "t", mesos::v1::TASK_UNREACHABLE);
  EXPECT_TRUE(harness_.take_updates(framework_).empty());
  EXPECT_EQ(harness_.cluster().counters.invalid_status_updates, 1U);
}

TEST_F(TaskUpdatesTest, AnUpdateForATornDownFrameworkIsAnsweredWithTeardown) {
  harness_.call(framework_, harness_.call_of(framework_, SchedulerCall::TEARDOWN));
  harness_.take_agent(agent_);
  harness_.update(agent_, framework_, "t", mesos::v1::TASK_KILLED);
  EXPECT_EQ(harness_.take_agent(agent_, AgentEvent::TEARDOWN).size(), 1U);
}

TEST_F(TaskUpdatesTest, AnAcknowledgementForAnAgentThatIsAwayIsDropped) {
  const auto finished = harness_.update(agent_, framework_, "t", mesos::v1::TASK_FINISHED);
  harness_.disconnect(agent_);
  EXPECT_EQ(harness_.acknowledge(framework_, finished).status, 202);
  EXPECT_NE(task(), nullptr);
}

TEST_F(TaskUpdatesTest, AKillGoesToTheAgentWithItsPolicy) {
  auto kill = harness_.call_of(framework_, SchedulerCall::KILL);
  kill.mutable_kill()->mutable_task_id()->set_value("t");
  kill.mutable_kill()->mutable_kill_policy()->mutable_grace_period()->set_nanoseconds(5);
  harness_.call(framework_, kill);
  const auto events = harness_.take_agent(agent_, AgentEvent::KILL);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].kill().kill_policy().grace_period().nanoseconds(), 5);
}

TEST_F(TaskUpdatesTest, AKillWithTheWrongAgentIsIgnored) {
  EXPECT_EQ(harness_.kill(framework_, "t", "another").status, 202);
  EXPECT_TRUE(harness_.take_agent(agent_, AgentEvent::KILL).empty());
}

TEST_F(TaskUpdatesTest, AKillOfAnUnknownTaskIsAnsweredAsReconciliation) {
  harness_.kill(framework_, "nobody");
  const auto updates = harness_.take_updates(framework_);
  ASSERT_EQ(updates.size(), 1U);
  EXPECT_EQ(updates[0].state(), mesos::v1::TASK_LOST);
  EXPECT_EQ(updates[0].reason(), mesos::v1::TaskStatus::REASON_RECONCILIATION);
}

TEST_F(TaskUpdatesTest, AKillForAnAgentThatIsAwayIsRememberedUntilItIsBack) {
  harness_.update(agent_, framework_, "t", mesos::v1::TASK_RUNNING);
  harness_.disconnect(agent_);
  harness_.kill(framework_, "t");
  auto again = CoreHarness::agent_subscribe(agent_.id);
  auto& told = *again.add_tasks();
  told.mutable_framework_id()->set_value(framework_.id);
  *told.mutable_task() = task()->info;
  *told.mutable_status() = task()->status;
  const Peer back = harness_.subscribe_agent(again);
  EXPECT_EQ(harness_.take_agent(back, AgentEvent::KILL).size(), 1U);
}

TEST_F(TaskUpdatesTest, AnOperatorMayKillByIds) {
  auto result = harness_.core().kill_task(framework_.id, "t");
  EXPECT_EQ(result.status, 202);
  harness_.perform(result.effects);
  EXPECT_EQ(harness_.take_agent(agent_, AgentEvent::KILL).size(), 1U);
  EXPECT_EQ(harness_.core().kill_task(framework_.id, "x").status, 404);
  EXPECT_EQ(harness_.core().kill_task("x", "t").status, 404);
}

TEST_F(TaskUpdatesTest, MetricsCountTasksByState) {
  harness_.update(agent_, framework_, "t", mesos::v1::TASK_RUNNING);
  EXPECT_EQ(harness_.core().metrics().at("master/tasks_running"), 1);
  EXPECT_EQ(harness_.core().metrics().at("master/cpus_used"), 1);
  EXPECT_EQ(harness_.core().metrics().at("master/cpus_total"), 4);
  harness_.acknowledge(framework_, harness_.update(agent_, framework_, "t", mesos::v1::TASK_FINISHED));
  EXPECT_EQ(harness_.core().metrics().at("master/tasks_running"), 0);
  EXPECT_EQ(harness_.core().metrics().at("master/tasks_finished"), 1);
}

}  // namespace
}  // namespace tepui::master

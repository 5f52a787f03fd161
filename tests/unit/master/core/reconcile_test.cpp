#include "master/core/reconcile.hpp"

#include "tests/unit/master/core/core_harness.hpp"

namespace tepui::master {
namespace {

using namespace std::chrono_literals;
using mesos::v1::TaskStatus;

std::vector<TaskStatus> reconcile(CoreHarness& harness, const Peer& framework, const std::string& task_id = {},
                                  const std::string& agent_id = {}) {
  harness.take(framework);
  auto call = harness.call_of(framework, SchedulerCall::RECONCILE);
  call.mutable_reconcile();
  if (!task_id.empty()) {
    auto& task = *call.mutable_reconcile()->add_tasks();
    task.mutable_task_id()->set_value(task_id);
    if (!agent_id.empty()) task.mutable_agent_id()->set_value(agent_id);
  }
  EXPECT_EQ(harness.call(framework, call).status, 202);
  return harness.take_updates(framework);
}

Peer subscribe_aware(CoreHarness& harness) {
  return harness.subscribe(CoreHarness::framework_info("aware", {Capability::PARTITION_AWARE}));
}

void expect_answer(const std::vector<TaskStatus>& answers, mesos::v1::TaskState state) {
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(mesos::v1::TaskState_Name(answers[0].state()), mesos::v1::TaskState_Name(state));
  EXPECT_EQ(answers[0].source(), TaskStatus::SOURCE_MASTER);
  EXPECT_EQ(answers[0].reason(), TaskStatus::REASON_RECONCILIATION);
  EXPECT_FALSE(answers[0].has_uuid());
}

TEST(ReconcileTest, ImplicitNamesEveryTaskTheMasterTracks) {
  CoreHarness harness;
  const Peer agent = harness.subscribe_agent();
  const Peer framework = harness.subscribe();
  harness.accept(framework, {harness.take_offers(framework)[0].id().value()},
                 {CoreHarness::task("a", agent.id), CoreHarness::task("b", agent.id), CoreHarness::task("c", agent.id)});
  harness.update(agent, framework, "b", mesos::v1::TASK_RUNNING);
  harness.update(agent, framework, "c", mesos::v1::TASK_FINISHED);
  const auto answers = reconcile(harness, framework);
  EXPECT_EQ(states_of(answers), (std::vector<std::string>{"TASK_STAGING", "TASK_RUNNING", "TASK_FINISHED"}));
  for (const auto& status : answers) EXPECT_FALSE(status.has_uuid());
  expect_answer(reconcile(harness, framework, "b"), mesos::v1::TASK_RUNNING);
}

TEST(ReconcileTest, AnUnknownTaskIsGoneFromAKnownAgentAndUnknownElsewhere) {
  CoreHarness harness;
  const Peer agent = harness.subscribe_agent();
  const Peer framework = subscribe_aware(harness);
  expect_answer(reconcile(harness, framework, "x", agent.id), mesos::v1::TASK_GONE);
  expect_answer(reconcile(harness, framework, "x", "nobody"), mesos::v1::TASK_UNKNOWN);
  expect_answer(reconcile(harness, framework, "x"), mesos::v1::TASK_UNKNOWN);
  EXPECT_EQ(reconcile(harness, framework, "x", "nobody")[0].agent_id().value(), "nobody");
}

TEST(ReconcileTest, WithoutPartitionAwarenessAllOfThemAreLost) {
  CoreHarness harness;
  const Peer agent = harness.subscribe_agent();
  const Peer framework = harness.subscribe();
  expect_answer(reconcile(harness, framework, "x", agent.id), mesos::v1::TASK_LOST);
  expect_answer(reconcile(harness, framework, "x", "nobody"), mesos::v1::TASK_LOST);
  expect_answer(reconcile(harness, framework, "x"), mesos::v1::TASK_LOST);
}

TEST(ReconcileTest, AnUnreachableAgentsTasksAreUnreachableSinceThen) {
  CoreHarness harness;
  const Peer agent = harness.subscribe_agent();
  const Peer framework = subscribe_aware(harness);
  harness.disconnect(agent);
  harness.advance(76s);
  const auto answers = reconcile(harness, framework, "x", agent.id);
  expect_answer(answers, mesos::v1::TASK_UNREACHABLE);
  EXPECT_GT(answers[0].unreachable_time().nanoseconds(), 0);
}

TEST(ReconcileTest, NothingIsSaidWhileAnAgentIsAwaitedAfterARestart) {
  CoreHarness harness;
  const Peer agent = harness.subscribe_agent();
  harness.restart_master();
  const Peer framework = subscribe_aware(harness);
  EXPECT_TRUE(reconcile(harness, framework, "x", agent.id).empty());
  EXPECT_TRUE(reconcile(harness, framework, "x").empty());
  expect_answer(reconcile(harness, framework, "x", "nobody"), mesos::v1::TASK_UNKNOWN);
  harness.subscribe_agent(CoreHarness::agent_subscribe(agent.id));
  expect_answer(reconcile(harness, framework, "x", agent.id), mesos::v1::TASK_GONE);
}

}  // namespace
}  // namespace tepui::master

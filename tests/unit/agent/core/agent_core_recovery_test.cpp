#include <signal.h>

#include <gtest/gtest.h>

#include "tests/unit/agent/core/core_fixture.hpp"

namespace tepui::agent {
namespace {

using namespace mesos::v1;  // the wire's states read best bare
using States = std::vector<mesos::v1::TaskState>;

class AgentCoreRecoveryTest : public CoreFixture {
 protected:
  void restart(const std::vector<RecoveredContainer>& containers) {
    start();
    take(core_->recover(containers));
  }
};

TEST_F(AgentCoreRecoveryTest, ARunningTaskIsAdoptedWithoutAWord) {
  run_task();
  const std::string container = container_of("t");
  restart({{container, 42, true}});
  EXPECT_TRUE(effects_.empty());
  subscribe();
  const auto call = seen<SendToMaster>().at(0).call.subscribe();
  ASSERT_EQ(call.tasks_size(), 1);
  EXPECT_EQ(call.tasks(0).status().state(), TASK_RUNNING);
  take(core_->container_terminated(container, exited(0)));
  EXPECT_EQ(sent_states(), (States{TASK_FINISHED}));
}

TEST_F(AgentCoreRecoveryTest, ATaskThatEndedMeanwhileTellsItsTrueExitStatus) {
  run_task();
  const std::string container = container_of("t");
  restart({{container, 42, false}});
  take(core_->container_terminated(container, exited(7)));
  subscribe();
  EXPECT_EQ(sent_states(), (States{TASK_FAILED}));
  EXPECT_EQ(sent()[0].message(), "Command exited with status 7");
}

TEST_F(AgentCoreRecoveryTest, ATaskWhoseContainerNeverCameToBeIsLaunchedInAnother) {
  subscribe();
  launch(task_info("t"));
  const std::string container = container_of("t");
  restart({});
  ASSERT_EQ(seen<LaunchContainer>().size(), 1U);
  EXPECT_NE(seen<LaunchContainer>()[0].container_id, container);
  EXPECT_EQ(seen<LaunchContainer>()[0].container_id, container_of("t"));
  EXPECT_EQ(log_.tasks().at({"F", "t"}).container_id, container_of("t"));
  EXPECT_EQ(log_.tasks().at({"F", "t"}).updates.size(), 1U);
  EXPECT_EQ(seen<LaunchContainer>()[0].agent_id.value(), "M-S0");
  EXPECT_EQ(seen<LaunchContainer>()[0].framework.name(), "n");
}

TEST_F(AgentCoreRecoveryTest, AContainerThatRanBeforeTheUpdateWasWrittenIsReportedRunning) {
  subscribe();
  launch(task_info("t"));
  restart({{container_of("t"), 42, true}});
  subscribe();
  acknowledge_newest("t");
  EXPECT_EQ(sent_states(), (States{TASK_STARTING, TASK_RUNNING}));
}

TEST_F(AgentCoreRecoveryTest, ARunningTaskWithoutAContainerFails) {
  run_task();
  restart({});
  subscribe();
  EXPECT_EQ(sent_states(), (States{TASK_FAILED}));
  EXPECT_EQ(sent()[0].source(), TaskStatus::SOURCE_AGENT);
}

TEST_F(AgentCoreRecoveryTest, ContainersWithoutATaskAreDestroyed) {
  restart({{"orphan", 1, true}});
  ASSERT_EQ(seen<DestroyContainer>().size(), 1U);
  EXPECT_EQ(seen<DestroyContainer>()[0].container_id, "orphan");
  take(core_->container_terminated("orphan", signalled(SIGKILL)));
  EXPECT_EQ(seen<ForgetContainer>().size(), 1U);
}

TEST_F(AgentCoreRecoveryTest, AKillIsRepeated) {
  run_task();
  kill("t", std::chrono::seconds(9));
  restart({{container_of("t"), 42, true}});
  ASSERT_EQ(seen<KillContainer>().size(), 1U);
  EXPECT_EQ(seen<KillContainer>()[0].grace, std::chrono::seconds(9));
  take(core_->container_terminated(container_of("t"), signalled(SIGTERM)));
  subscribe();
  EXPECT_EQ(sent_states(), (States{TASK_KILLED}));
}

TEST_F(AgentCoreRecoveryTest, UnacknowledgedUpdatesAreSentAgainInOrder) {
  subscribe();
  launch(task_info("t"));
  const std::string container = container_of("t");
  take(core_->container_running(container, 42));
  const auto first = sent().at(0);
  take(core_->container_terminated(container, exited(0)));
  restart({});
  subscribe();
  EXPECT_EQ(sent_states(), (States{TASK_STARTING}));
  EXPECT_EQ(sent()[0].uuid(), first.uuid());
  acknowledge_newest("t");
  acknowledge_newest("t");
  acknowledge_newest("t");
  EXPECT_EQ(sent_states(), (States{TASK_STARTING, TASK_RUNNING, TASK_FINISHED}));
  EXPECT_TRUE(core_->tasks().empty());
}

TEST_F(AgentCoreRecoveryTest, AnAcknowledgedEndWhoseRemovalWasCutOffIsForgotten) {
  run_task();
  take(core_->container_terminated(container_of("t"), exited(0)));
  CheckpointRecord record;
  record.mutable_acknowledgement()->mutable_framework_id()->set_value("F");
  record.mutable_acknowledgement()->mutable_task_id()->set_value("t");
  record.mutable_acknowledgement()->set_uuid(sent().back().uuid());
  ASSERT_TRUE(log_.apply(record));
  restart({});
  EXPECT_TRUE(core_->tasks().empty());
  EXPECT_TRUE(log_.tasks().empty());
  EXPECT_TRUE(log_.frameworks().empty());
}

TEST_F(AgentCoreRecoveryTest, ATornDownFrameworkStaysTornDown) {
  run_task();
  const std::string container = container_of("t");
  tear_down();
  restart({{container, 42, true}});
  EXPECT_EQ(seen<DestroyContainer>().size(), 1U);
  subscribe();
  EXPECT_EQ(seen<SendToMaster>().at(0).call.subscribe().tasks_size(), 0);
  take(core_->container_terminated(container, signalled(SIGKILL)));
  EXPECT_TRUE(sent().empty());
  EXPECT_TRUE(log_.frameworks().empty());
}

TEST_F(AgentCoreRecoveryTest, TheStateOfALogIsTheSameAfterCompaction) {
  run_task(true);
  launch(task_info("u"));
  kill("t");
  CheckpointRecord record;
  record.mutable_container()->set_container_id("c");
  record.mutable_container()->set_data("data");
  ASSERT_TRUE(log_.apply(record));
  CheckpointState compacted;
  for (const auto& each : log_.to_records()) ASSERT_TRUE(compacted.apply(each));
  EXPECT_EQ(compacted.containers(), log_.containers());
  EXPECT_EQ(compacted.agent()->SerializeAsString(), log_.agent()->SerializeAsString());
  ASSERT_EQ(compacted.tasks().size(), 2U);
  for (const auto& [key, task] : log_.tasks()) {
    const auto& other = compacted.tasks().at(key);
    EXPECT_EQ(other.container_id, task.container_id);
    EXPECT_EQ(other.kill_grace, task.kill_grace);
    EXPECT_EQ(other.updates.size() - other.acknowledged, task.updates.size() - task.acknowledged);
    EXPECT_EQ(other.updates.back().SerializeAsString(), task.updates.back().SerializeAsString());
  }
}

}  // namespace
}  // namespace tepui::agent

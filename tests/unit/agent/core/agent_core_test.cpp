#include "agent/core/agent_core.hpp"

#include <signal.h>

#include <gtest/gtest.h>

#include "tests/unit/agent/core/core_fixture.hpp"

namespace tepui::agent {
namespace {

using namespace mesos::v1;  // the wire's states read best bare
using States = std::vector<mesos::v1::TaskState>;
using AgentCoreTest = CoreFixture;

TEST_F(AgentCoreTest, TheFirstSubscribeHasNoIdAndTheGivenOneIsKept) {
  subscribe();
  const auto sends = seen<SendToMaster>();
  ASSERT_EQ(sends.size(), 1U);
  EXPECT_EQ(sends[0].call.type(), Call::SUBSCRIBE);
  EXPECT_FALSE(sends[0].call.subscribe().agent_info().has_id());
  ASSERT_TRUE(log_.agent());
  EXPECT_EQ(log_.agent()->id().value(), "M-S0");
  start();
  subscribe();
  EXPECT_EQ(seen<SendToMaster>()[0].call.subscribe().agent_info().id().value(), "M-S0");
  EXPECT_EQ(seen<Checkpoint>().size(), 0U);
}

TEST_F(AgentCoreTest, ALaunchIsDurableBeforeItsContainerAndItsUpdateBeforeItIsSent) {
  subscribe();
  forget_effects();
  launch(task_info("t"));
  std::vector<std::string> order;
  for (const auto& effect : effects_) {
    if (const auto* checkpoint = std::get_if<Checkpoint>(&effect)) {
      order.push_back(checkpoint->record.has_framework()       ? "framework"
                      : checkpoint->record.has_task_launched() ? "task"
                                                               : "update");
    }
    if (std::holds_alternative<SendToMaster>(effect)) order.push_back("send");
    if (std::holds_alternative<LaunchContainer>(effect)) order.push_back("launch");
  }
  EXPECT_EQ(order, (std::vector<std::string>{"framework", "task", "update", "send", "launch"}));
}

TEST_F(AgentCoreTest, ATaskStartsRunsAndFinishes) {
  subscribe();
  launch(task_info("t"));
  const std::string container = container_of("t");
  acknowledge_newest("t");
  take(core_->container_running(container, 42));
  acknowledge_newest("t");
  take(core_->container_terminated(container, exited(0)));
  EXPECT_EQ(sent_states(), (States{TASK_STARTING, TASK_RUNNING, TASK_FINISHED}));
  const auto status = sent().back();
  EXPECT_EQ(status.source(), TaskStatus::SOURCE_EXECUTOR);
  EXPECT_FALSE(status.has_reason());
  EXPECT_EQ(status.uuid().size(), 16U);
  EXPECT_EQ(status.agent_id().value(), "M-S0");
  EXPECT_EQ(status.executor_id().value(), "t");
  EXPECT_EQ(status.container_status().container_id().value(), container);
  EXPECT_EQ(status.container_status().executor_pid(), 42U);
  EXPECT_EQ(status.container_status().network_infos(0).ip_addresses(0).ip_address(), "127.0.0.1");
  EXPECT_EQ(status.timestamp(), to_epoch_seconds(clock_.wall()));
  acknowledge_newest("t");
  EXPECT_TRUE(core_->tasks().empty());
  EXPECT_TRUE(core_->frameworks().empty());
  EXPECT_TRUE(log_.tasks().empty());
  EXPECT_TRUE(log_.frameworks().empty());
  ASSERT_EQ(core_->completed_tasks().size(), 1U);
  EXPECT_EQ(core_->completed_tasks()[0].latest.state(), TASK_FINISHED);
}

TEST_F(AgentCoreTest, OnlyOneUpdateOfATaskIsInFlight) {
  subscribe();
  launch(task_info("t"));
  take(core_->container_running(container_of("t"), 42));
  take(core_->container_terminated(container_of("t"), exited(3)));
  EXPECT_EQ(sent_states(), (States{TASK_STARTING}));
  acknowledge_newest("t");
  EXPECT_EQ(sent_states(), (States{TASK_STARTING, TASK_RUNNING}));
  acknowledge_newest("t");
  EXPECT_EQ(sent_states(), (States{TASK_STARTING, TASK_RUNNING, TASK_FAILED}));
  EXPECT_EQ(sent().back().message(), "Command exited with status 3");
}

TEST_F(AgentCoreTest, AnUpdateTellsTheNewestState) {
  subscribe();
  launch(task_info("t"));
  take(core_->container_running(container_of("t"), 42));
  acknowledge_newest("t");
  take(core_->container_terminated(container_of("t"), exited(0)));
  clock_.advance(std::chrono::seconds(10));
  forget_effects();
  take(core_->tick());
  const auto sends = seen<SendToMaster>();
  ASSERT_EQ(sends.size(), 1U);
  EXPECT_EQ(sends[0].call.update().status().state(), TASK_RUNNING);
  EXPECT_EQ(sends[0].call.update().latest_state(), TASK_FINISHED);
}

TEST_F(AgentCoreTest, AnUpdateIsSentAgainAfterTenSecondsDoublingToTenMinutes) {
  subscribe();
  launch(task_info("t"));
  std::vector<std::int64_t> pauses;
  for (int i = 0; i < 9; ++i) {
    forget_effects();
    const auto next = core_->next_deadline();
    ASSERT_TRUE(next);
    pauses.push_back(std::chrono::duration_cast<std::chrono::seconds>(*next - clock_.monotonic()).count());
    clock_.advance_to(*next);
    take(core_->tick());
    EXPECT_EQ(sent_states(), (States{TASK_STARTING}));
  }
  EXPECT_EQ(pauses, (std::vector<std::int64_t>{10, 20, 40, 80, 160, 320, 600, 600, 600}));
  acknowledge_newest("t");
  EXPECT_FALSE(core_->next_deadline());
}

TEST_F(AgentCoreTest, LateAndStrangeAcknowledgementsChangeNothing) {
  run_task();
  TaskStatus stranger;
  stranger.mutable_task_id()->set_value("t");
  stranger.set_uuid("0123456789abcdef");
  acknowledge(stranger);
  stranger.mutable_task_id()->set_value("nobody");
  acknowledge(stranger);
  EXPECT_TRUE(effects_.empty());
  take(core_->container_terminated(container_of("t"), exited(0)));
  const auto terminal = sent().back();
  acknowledge(terminal);
  forget_effects();
  acknowledge(terminal);
  EXPECT_TRUE(effects_.empty());
}

TEST_F(AgentCoreTest, NothingIsSentWhileDisconnectedAndEverythingAfterwards) {
  run_task();
  take(core_->link_disconnected());
  take(core_->container_terminated(container_of("t"), signalled(SIGSEGV)));
  EXPECT_TRUE(sent().empty());
  EXPECT_FALSE(core_->next_deadline());
  take(core_->link_connected());
  ASSERT_EQ(seen<SendToMaster>().size(), 1U);
  const auto subscribe_call = seen<SendToMaster>()[0].call.subscribe();
  ASSERT_EQ(subscribe_call.tasks_size(), 1);
  EXPECT_EQ(subscribe_call.tasks(0).status().state(), TASK_FAILED);
  EXPECT_EQ(subscribe_call.frameworks_size(), 1);
  EXPECT_TRUE(sent().empty());
  take(core_->receive(subscribed()));
  EXPECT_EQ(sent_states(), (States{TASK_FAILED}));
  EXPECT_EQ(sent()[0].message(), "Command terminated with signal Segmentation fault");
}

TEST_F(AgentCoreTest, AKillUsesTheCallsPolicyThenTheTasksThenThreeSeconds) {
  run_task();
  kill("t");
  EXPECT_EQ(seen<KillContainer>().at(0).grace, std::chrono::seconds(3));
  kill("t", std::chrono::seconds(1));
  EXPECT_EQ(seen<KillContainer>().at(1).grace, std::chrono::seconds(1));
  kill("t", std::chrono::seconds(60));
  EXPECT_EQ(seen<KillContainer>().size(), 2U);  // only shorter
  EXPECT_TRUE(sent().empty());                  // the framework cannot see TASK_KILLING
  take(core_->container_terminated(container_of("t"), signalled(SIGTERM)));
  EXPECT_EQ(sent_states(), (States{TASK_KILLED}));
  EXPECT_EQ(sent()[0].message(), "Command terminated with signal Terminated");

  auto slow = task_info("slow");
  slow.mutable_kill_policy()->mutable_grace_period()->set_nanoseconds(30'000'000'000);
  launch(slow);
  kill("slow");
  EXPECT_EQ(seen<KillContainer>().back().grace, std::chrono::seconds(30));
}

TEST_F(AgentCoreTest, AKilledTaskIsSeenKillingByFrameworksThatAskedForIt) {
  run_task(true);
  kill("t");
  EXPECT_EQ(sent_states(), (States{TASK_KILLING}));
  kill("t", std::chrono::seconds(0));
  EXPECT_EQ(sent_states(), (States{TASK_KILLING}));
}

TEST_F(AgentCoreTest, AKillBeforeTheLaunchIsThroughEndsAsKilled) {
  subscribe();
  launch(task_info("t"), true);
  kill("t");
  EXPECT_EQ(seen<KillContainer>().size(), 1U);
  take(core_->container_launch_failed(container_of("t"), {"cancelled"}));
  acknowledge_newest("t");
  EXPECT_EQ(sent_states(), (States{TASK_STARTING, TASK_KILLED}));
  EXPECT_EQ(sent().back().reason(), TaskStatus::REASON_TASK_KILLED_DURING_LAUNCH);
}

TEST_F(AgentCoreTest, AKillOfAnEndedOrUnknownTaskChangesNothing) {
  run_task();
  take(core_->container_terminated(container_of("t"), exited(0)));
  forget_effects();
  kill("t");
  kill("nobody");
  EXPECT_TRUE(effects_.empty());
}

TEST_F(AgentCoreTest, AFailedLaunchIsTheAgentsWord) {
  subscribe();
  launch(task_info("t"));
  acknowledge_newest("t");
  take(core_->container_launch_failed(container_of("t"), {"launch container 'c': no"}));
  const auto status = sent().back();
  EXPECT_EQ(status.state(), TASK_FAILED);
  EXPECT_EQ(status.source(), TaskStatus::SOURCE_AGENT);
  EXPECT_EQ(status.reason(), TaskStatus::REASON_CONTAINER_LAUNCH_FAILED);
  EXPECT_EQ(status.message(), "launch container 'c': no");
}

TEST_F(AgentCoreTest, AMemoryLimitationIsNamedWhateverElseHappened) {
  run_task();
  kill("t");
  ContainerEnd end = signalled(SIGKILL);
  end.limitation = ContainerEnd::Limitation{TaskStatus::REASON_CONTAINER_LIMITATION_MEMORY, "memory limit 64 MiB, peak 64 MiB"};
  take(core_->container_terminated(container_of("t"), end));
  const auto status = sent().back();
  EXPECT_EQ(status.state(), TASK_FAILED);
  EXPECT_EQ(status.source(), TaskStatus::SOURCE_AGENT);
  EXPECT_EQ(status.reason(), TaskStatus::REASON_CONTAINER_LIMITATION_MEMORY);
  EXPECT_EQ(status.message(), "memory limit 64 MiB, peak 64 MiB");
}

TEST_F(AgentCoreTest, ALaunchOfAnExistingTaskIsRefused) {
  run_task();
  launch(task_info("t"));
  EXPECT_TRUE(seen<LaunchContainer>().empty());
  EXPECT_TRUE(effects_.empty());
  EXPECT_EQ(core_->counters().invalid_events, 1U);
}

TEST_F(AgentCoreTest, WhatThisVersionCannotRunIsRefusedByName) {
  subscribe();
  auto info = task_info("t");
  info.mutable_command()->add_uris()->set_value("http://x/y");
  launch(info);
  EXPECT_TRUE(seen<LaunchContainer>().empty());
  EXPECT_EQ(sent_states(), (States{TASK_ERROR}));
  EXPECT_EQ(sent()[0].reason(), TaskStatus::REASON_TASK_INVALID);
  EXPECT_NE(sent()[0].message().find("command.uris"), std::string::npos);
  acknowledge_newest("t");
  EXPECT_TRUE(core_->tasks().empty());
}

TEST_F(AgentCoreTest, LostTasksAreAnsweredAndSentAgainUntilAcknowledged) {
  take(core_->link_connected());
  auto event = subscribed();
  for (const char* id : {"aware", "unaware"}) {
    auto& lost = *event.mutable_subscribed()->add_lost_tasks();
    lost.mutable_framework_id()->set_value("F");
    lost.mutable_task_id()->set_value(id);
    lost.set_partition_aware(std::string(id) == "aware");
  }
  take(core_->receive(event));
  EXPECT_EQ(sent_states(), (States{TASK_DROPPED, TASK_LOST}));
  EXPECT_EQ(sent()[0].reason(), TaskStatus::REASON_RECONCILIATION);
  EXPECT_TRUE(log_.tasks().empty());
  clock_.advance(std::chrono::seconds(10));
  take(core_->tick());
  EXPECT_EQ(sent().size(), 4U);
  acknowledge_newest("aware");
  acknowledge_newest("unaware");
  EXPECT_TRUE(core_->tasks().empty());
  EXPECT_TRUE(core_->completed_tasks().empty());
}

TEST_F(AgentCoreTest, ATeardownDestroysAndReportsNothing) {
  run_task();
  const std::string container = container_of("t");
  tear_down();
  ASSERT_EQ(seen<DestroyContainer>().size(), 1U);
  take(core_->container_terminated(container, signalled(SIGKILL)));
  EXPECT_TRUE(sent().empty());
  EXPECT_TRUE(core_->tasks().empty());
  EXPECT_TRUE(log_.tasks().empty());
  EXPECT_TRUE(log_.frameworks().empty());
  EXPECT_EQ(seen<ForgetContainer>().size(), 1U);
}

TEST_F(AgentCoreTest, ATeardownEndsTheUpdatesOfTasksThatNeverArrived) {
  take(core_->link_connected());
  auto event = subscribed();
  auto& lost = *event.mutable_subscribed()->add_lost_tasks();
  lost.mutable_framework_id()->set_value("F");
  lost.mutable_task_id()->set_value("t");
  take(core_->receive(event));
  tear_down();
  EXPECT_TRUE(core_->tasks().empty());
  EXPECT_EQ(core_->next_deadline(), std::nullopt);
}

TEST_F(AgentCoreTest, ARemovedAgentDestroysEverythingAndAsksAgainAsANewOne) {
  run_task();
  const std::string container = container_of("t");
  Event event;
  event.set_type(Event::ERROR);
  event.mutable_error()->set_message("agent was removed");
  event.mutable_error()->set_agent_removed(true);
  take(core_->receive(event));
  EXPECT_EQ(seen<DestroyContainer>().size(), 1U);
  EXPECT_TRUE(core_->link_connected().empty());
  EXPECT_TRUE(seen<Resubscribe>().empty());
  take(core_->container_terminated(container, signalled(SIGKILL)));
  EXPECT_EQ(seen<Resubscribe>().size(), 1U);
  forget_effects();
  take(core_->link_connected());
  EXPECT_FALSE(seen<SendToMaster>().at(0).call.subscribe().agent_info().has_id());
  EXPECT_FALSE(log_.agent());
}

TEST_F(AgentCoreTest, ARefusedAgentEndsAndLeavesItsTasks) {
  run_task();
  Event event;
  event.set_type(Event::ERROR);
  event.mutable_error()->set_message("version too old");
  take(core_->receive(event));
  ASSERT_EQ(seen<Terminate>().size(), 1U);
  EXPECT_EQ(seen<Terminate>()[0].message, "version too old");
  EXPECT_TRUE(seen<DestroyContainer>().empty());
}

TEST_F(AgentCoreTest, ATaskEndsAtItsMaxCompletionTime) {
  subscribe();
  auto info = task_info("t");
  info.mutable_max_completion_time()->set_nanoseconds(5'000'000'000);
  launch(info);
  acknowledge_newest("t");
  take(core_->container_running(container_of("t"), 42));
  acknowledge_newest("t");
  forget_effects();
  ASSERT_TRUE(core_->next_deadline());
  clock_.advance_to(*core_->next_deadline());
  take(core_->tick());
  ASSERT_EQ(seen<DestroyContainer>().size(), 1U);
  take(core_->container_terminated(container_of("t"), signalled(SIGKILL)));
  EXPECT_EQ(sent_states(), (States{TASK_FAILED}));
  EXPECT_EQ(sent()[0].reason(), TaskStatus::REASON_MAX_COMPLETION_TIME_REACHED);
}

}  // namespace
}  // namespace tepui::agent

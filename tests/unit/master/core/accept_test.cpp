#include "master/core/accept.hpp"

#include <limits>

#include "tests/unit/master/core/core_harness.hpp"

namespace tepui::master {
namespace {

using mesos::v1::TaskStatus;
using Operation = mesos::v1::Offer::Operation;

class AcceptTest : public ::testing::Test {
 protected:
  void SetUp() override {
    agent_ = harness_.subscribe_agent();
    framework_ = harness_.subscribe();
    offer_id_ = harness_.take_offers(framework_).at(0).id().value();
    harness_.take_agent(agent_);
  }
  TaskStatus launch_one(const mesos::v1::TaskInfo& task) {
    harness_.accept(framework_, {offer_id_}, {task});
    const auto updates = harness_.take_updates(framework_);
    return updates.size() == 1 ? updates[0] : TaskStatus();
  }
  void expect_invalid(const mesos::v1::TaskInfo& task, const std::string& words) {
    const TaskStatus status = launch_one(task);
    EXPECT_EQ(status.state(), mesos::v1::TASK_ERROR);
    EXPECT_EQ(status.reason(), TaskStatus::REASON_TASK_INVALID);
    EXPECT_EQ(status.source(), TaskStatus::SOURCE_MASTER);
    EXPECT_FALSE(status.has_uuid());
    EXPECT_NE(status.message().find(words), std::string::npos) << status.message();
    EXPECT_TRUE(harness_.cluster().tasks.all().empty());
    EXPECT_TRUE(harness_.take_agent(agent_, AgentEvent::LAUNCH).empty());
  }
  CoreHarness harness_;
  Peer agent_;
  Peer framework_;
  std::string offer_id_;
};

TEST_F(AcceptTest, TasksGoToTheAgentInOneLaunchWithTheirFramework) {
  EXPECT_EQ(harness_.accept(framework_, {offer_id_}, {CoreHarness::task("a", agent_.id), CoreHarness::task("b", agent_.id)}).status, 202);
  const auto events = harness_.take_agent(agent_, AgentEvent::LAUNCH);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].launch().tasks_size(), 2);
  EXPECT_EQ(events[0].launch().framework_info().id().value(), framework_.id);
  EXPECT_EQ(events[0].launch().tasks(0).resources(0).allocation_info().role(), "*");
  EXPECT_EQ(harness_.cluster().tasks.all().size(), 2U);
  EXPECT_TRUE(harness_.take_updates(framework_).empty());
}

TEST_F(AcceptTest, LeftoversAreRefusedForAWhile) {
  harness_.accept(framework_, {offer_id_}, {CoreHarness::task("a", agent_.id)}, 10);
  harness_.advance(std::chrono::seconds(9));
  EXPECT_TRUE(harness_.take_offers(framework_).empty());
  harness_.advance(std::chrono::seconds(2));
  const auto offers = harness_.take_offers(framework_);
  ASSERT_EQ(offers.size(), 1U);
  EXPECT_EQ(offers[0].resources(0).scalar().value(), 3);
  ASSERT_EQ(offers[0].executor_ids_size(), 1);
  EXPECT_EQ(offers[0].executor_ids(0).value(), "a");
}

TEST_F(AcceptTest, ZeroAmountsAreAcceptedAndDropped) {
  auto task = CoreHarness::task("a", agent_.id);
  auto& gpus = *task.add_resources();
  gpus.set_name("gpus");
  gpus.set_type(mesos::v1::Value::SCALAR);
  gpus.mutable_scalar()->set_value(0);
  harness_.accept(framework_, {offer_id_}, {task});
  const auto events = harness_.take_agent(agent_, AgentEvent::LAUNCH);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].launch().tasks(0).resources_size(), 2);
}

TEST_F(AcceptTest, ATaskThatWantsMoreThanTheOfferIsAnErrorAndTheOthersRun) {
  harness_.accept(framework_, {offer_id_},
                  {CoreHarness::task("big", agent_.id, "cpus:5;mem:32"), CoreHarness::task("fits", agent_.id, "cpus:4;mem:32"),
                   CoreHarness::task("late", agent_.id, "cpus:0.001;mem:32")});
  const auto updates = harness_.take_updates(framework_);
  ASSERT_EQ(updates.size(), 2U);
  EXPECT_EQ(updates[0].task_id().value(), "big");
  EXPECT_NE(updates[0].message().find("take cpus 5 from 4"), std::string::npos) << updates[0].message();
  EXPECT_EQ(updates[1].task_id().value(), "late");
  EXPECT_EQ(harness_.take_agent(agent_, AgentEvent::LAUNCH).size(), 1U);
}

TEST_F(AcceptTest, ATaskForAnotherAgentIsAnError) { expect_invalid(CoreHarness::task("a", "elsewhere"), "elsewhere"); }

TEST_F(AcceptTest, ATaskWithABadIdIsAnError) { expect_invalid(CoreHarness::task("../a", agent_.id), "task"); }

TEST_F(AcceptTest, ATaskWithoutResourcesIsAnError) {
  expect_invalid(CoreHarness::task("a", agent_.id, ""), "uses no resources");
}

TEST_F(AcceptTest, ATaskWithNeitherCommandNorExecutorIsAnError) {
  auto task = CoreHarness::task("a", agent_.id);
  task.clear_command();
  expect_invalid(task, "CommandInfo or ExecutorInfo");
}

TEST_F(AcceptTest, ATaskWithCommandAndExecutorIsAnError) {
  auto task = CoreHarness::task("a", agent_.id);
  task.mutable_executor()->mutable_executor_id()->set_value("e");
  task.mutable_executor()->mutable_command()->set_value("run");
  expect_invalid(task, "CommandInfo or ExecutorInfo");
}

TEST_F(AcceptTest, CustomExecutorsAreRefusedByName) {
  auto task = CoreHarness::task("a", agent_.id);
  task.clear_command();
  task.mutable_executor()->mutable_executor_id()->set_value("e");
  task.mutable_executor()->mutable_command()->set_value("run");
  expect_invalid(task, "custom executors");
}

TEST_F(AcceptTest, WhatIsNotOfferedYetIsNamed) {
  auto task = CoreHarness::task("a", agent_.id);
  task.mutable_health_check();
  expect_invalid(task, "health checks");
}

TEST_F(AcceptTest, ContainersOfTypeDockerAreRefusedByName) {
  auto task = CoreHarness::task("a", agent_.id);
  task.mutable_container()->set_type(mesos::v1::ContainerInfo::DOCKER);
  expect_invalid(task, "DOCKER");
}

TEST_F(AcceptTest, AMesosContainerWithoutAnImageIsAPlainTask) {
  auto task = CoreHarness::task("a", agent_.id);
  task.mutable_container()->set_type(mesos::v1::ContainerInfo::MESOS);
  task.mutable_container()->mutable_mesos();
  harness_.accept(framework_, {offer_id_}, {task});
  EXPECT_EQ(harness_.take_agent(agent_, AgentEvent::LAUNCH).size(), 1U);
}

TEST_F(AcceptTest, TheHostsNetworkNeedsNoName) {
  auto task = CoreHarness::task("a", agent_.id);
  task.mutable_container()->set_type(mesos::v1::ContainerInfo::MESOS);
  task.mutable_container()->add_network_infos();
  harness_.accept(framework_, {offer_id_}, {task});
  EXPECT_EQ(harness_.take_agent(agent_, AgentEvent::LAUNCH).size(), 1U);
}

TEST_F(AcceptTest, NamedNetworksAreRefusedByName) {
  auto task = CoreHarness::task("a", agent_.id);
  task.mutable_container()->set_type(mesos::v1::ContainerInfo::MESOS);
  task.mutable_container()->add_network_infos()->set_name("blue");
  expect_invalid(task, "blue");
}

TEST_F(AcceptTest, NegativeDurationsAreErrors) {
  auto task = CoreHarness::task("a", agent_.id);
  task.mutable_kill_policy()->mutable_grace_period()->set_nanoseconds(-1);
  expect_invalid(task, "grace_period");
}

TEST_F(AcceptTest, AmountsThatAreNoNumbersAreErrors) {
  auto task = CoreHarness::task("a", agent_.id);
  task.mutable_resources(0)->mutable_scalar()->set_value(std::numeric_limits<double>::quiet_NaN());
  expect_invalid(task, "cpus");
}

TEST_F(AcceptTest, AFractionOfAGpuIsAnError) {
  expect_invalid(CoreHarness::task("a", agent_.id, "cpus:1;gpus:0.5"), "whole");
}

TEST_F(AcceptTest, ATaskIdInUseIsAnError) {
  harness_.accept(framework_, {offer_id_}, {CoreHarness::task("a", agent_.id)}, 0);
  harness_.advance(std::chrono::seconds(1));
  offer_id_ = harness_.take_offers(framework_).at(0).id().value();
  const TaskStatus status = launch_one(CoreHarness::task("a", agent_.id));
  EXPECT_EQ(status.state(), mesos::v1::TASK_ERROR);
  EXPECT_NE(status.message().find("duplicate"), std::string::npos);
}

TEST_F(AcceptTest, OffersOfOneAgentArePooled) {
  harness_.accept(framework_, {offer_id_}, {CoreHarness::task("a", agent_.id, "cpus:2;mem:512")}, 0);
  harness_.advance(std::chrono::seconds(1));
  const auto part = harness_.take_offers(framework_);
  harness_.update(agent_, framework_, "a", mesos::v1::TASK_FINISHED);
  harness_.advance(std::chrono::seconds(1));
  const auto rest = harness_.take_offers(framework_);
  ASSERT_EQ(part.size(), 1U);
  ASSERT_EQ(rest.size(), 1U);
  harness_.accept(framework_, {part[0].id().value(), rest[0].id().value()},
                  {CoreHarness::task("b", agent_.id, "cpus:4;mem:1024")});
  EXPECT_EQ(harness_.take_agent(agent_, AgentEvent::LAUNCH).size(), 2U);
}

TEST_F(AcceptTest, OffersOfTwoAgentsCannotBePooled) {
  const Peer other = harness_.subscribe_agent();
  const auto more = harness_.take_offers(framework_);
  harness_.accept(framework_, {offer_id_, more.at(0).id().value()}, {CoreHarness::task("a", agent_.id)});
  const auto updates = harness_.take_updates(framework_);
  ASSERT_EQ(updates.size(), 1U);
  EXPECT_EQ(updates[0].state(), mesos::v1::TASK_LOST);
  EXPECT_EQ(updates[0].reason(), TaskStatus::REASON_INVALID_OFFERS);
  EXPECT_TRUE(harness_.cluster().offers.all().empty());
  EXPECT_TRUE(harness_.take_agent(other, AgentEvent::LAUNCH).empty());
}

TEST_F(AcceptTest, AnOfferThatIsGoneLosesTheTasksAndGivesTheOthersBack) {
  const TaskStatus status = [this] {
    harness_.accept(framework_, {offer_id_, "no-such-offer"}, {CoreHarness::task("a", agent_.id)});
    return harness_.take_updates(framework_).at(0);
  }();
  EXPECT_EQ(status.state(), mesos::v1::TASK_LOST);
  EXPECT_EQ(status.reason(), TaskStatus::REASON_INVALID_OFFERS);
  harness_.advance(std::chrono::seconds(1));
  EXPECT_EQ(harness_.take_offers(framework_).size(), 1U);
}

TEST_F(AcceptTest, PartitionAwareFrameworksAreToldDropped) {
  const Peer aware = harness_.subscribe(CoreHarness::framework_info("aware", {Capability::PARTITION_AWARE}));
  harness_.accept(aware, {"no-such-offer"}, {CoreHarness::task("a", agent_.id)});
  EXPECT_EQ(states_of(harness_.take_updates(aware)), (std::vector<std::string>{"TASK_DROPPED"}));
}

TEST_F(AcceptTest, AnotherFrameworksOfferIsNotYours) {
  const Peer thief = harness_.subscribe();
  harness_.accept(thief, {offer_id_}, {CoreHarness::task("a", agent_.id)});
  EXPECT_EQ(states_of(harness_.take_updates(thief)), (std::vector<std::string>{"TASK_LOST"}));
  EXPECT_NE(harness_.cluster().offers.find(offer_id_), nullptr);
  harness_.decline(thief, offer_id_);
  EXPECT_NE(harness_.cluster().offers.find(offer_id_), nullptr);
}

TEST_F(AcceptTest, TasksOfAGroupAreErrorsThatNameTheOperation) {
  auto accept = harness_.call_of(framework_, SchedulerCall::ACCEPT);
  accept.mutable_accept()->add_offer_ids()->set_value(offer_id_);
  auto& operation = *accept.mutable_accept()->add_operations();
  operation.set_type(Operation::LAUNCH_GROUP);
  operation.mutable_launch_group()->mutable_executor()->mutable_executor_id()->set_value("e");
  *operation.mutable_launch_group()->mutable_task_group()->add_tasks() = CoreHarness::task("a", agent_.id);
  harness_.call(framework_, accept);
  const auto updates = harness_.take_updates(framework_);
  ASSERT_EQ(updates.size(), 1U);
  EXPECT_EQ(updates[0].state(), mesos::v1::TASK_ERROR);
  EXPECT_EQ(updates[0].reason(), TaskStatus::REASON_TASK_GROUP_INVALID);
  EXPECT_NE(updates[0].message().find("LAUNCH_GROUP"), std::string::npos);
}

TEST_F(AcceptTest, AnOperationWithAnIdIsAnsweredWhenItIsNotOffered) {
  auto accept = harness_.call_of(framework_, SchedulerCall::ACCEPT);
  accept.mutable_accept()->add_offer_ids()->set_value(offer_id_);
  auto& operation = *accept.mutable_accept()->add_operations();
  operation.set_type(Operation::RESERVE);
  operation.mutable_id()->set_value("op");
  operation.mutable_reserve();
  harness_.call(framework_, accept);
  const auto events = harness_.take(framework_, SchedulerEvent::UPDATE_OPERATION_STATUS);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].update_operation_status().status().state(), mesos::v1::OPERATION_ERROR);
  EXPECT_EQ(events[0].update_operation_status().status().operation_id().value(), "op");
}

}  // namespace
}  // namespace tepui::master

#include "master/core/scheduler_calls.hpp"

#include "tests/unit/master/core/core_harness.hpp"

namespace tepui::master {
namespace {

TEST(SchedulerCallsTest, StatusesFollowTheOrderOfChecks) {
  CoreHarness harness;
  const Peer framework = harness.subscribe();
  SchedulerCall shapeless;
  EXPECT_EQ(harness.call(framework, shapeless).status, 400);
  auto call = harness.call_of(framework, SchedulerCall::REVIVE);
  EXPECT_EQ(harness.call(framework, call).status, 202);
  const auto unknown = harness.call({"nobody", framework.stream}, harness.call_of({"nobody", ""}, SchedulerCall::REVIVE));
  EXPECT_EQ(unknown.status, 400);
  EXPECT_EQ(unknown.message, "Framework cannot be found");
  EXPECT_EQ(harness.call({framework.id, ""}, call).status, 400);
  EXPECT_EQ(harness.call({framework.id, "another"}, call).status, 400);
  call.set_type(SchedulerCall::UNKNOWN);
  EXPECT_EQ(harness.call(framework, call).status, 501);
  harness.disconnect(framework);
  call.set_type(SchedulerCall::REVIVE);
  EXPECT_EQ(harness.call(framework, call).status, 403);
}

TEST(SchedulerCallsTest, EveryTypeNeedsItsBody) {
  CoreHarness harness;
  const Peer framework = harness.subscribe();
  for (const auto type : {SchedulerCall::ACCEPT, SchedulerCall::DECLINE, SchedulerCall::KILL, SchedulerCall::SHUTDOWN,
                          SchedulerCall::ACKNOWLEDGE, SchedulerCall::RECONCILE, SchedulerCall::MESSAGE, SchedulerCall::REQUEST,
                          SchedulerCall::UPDATE_FRAMEWORK, SchedulerCall::RECONCILE_OPERATIONS}) {
    EXPECT_EQ(harness.call(framework, harness.call_of(framework, type)).status, 400) << SchedulerCall::Type_Name(type);
  }
  EXPECT_TRUE(MasterCore::call_error(SchedulerCall()));
}

TEST(SchedulerCallsTest, IdsInASubscriptionMustAgree) {
  SchedulerCall call;
  call.set_type(SchedulerCall::SUBSCRIBE);
  EXPECT_TRUE(MasterCore::call_error(call));
  *call.mutable_subscribe()->mutable_framework_info() = CoreHarness::framework_info();
  EXPECT_FALSE(MasterCore::call_error(call));
  call.mutable_framework_id()->set_value("a");
  EXPECT_TRUE(MasterCore::call_error(call));
  call.mutable_subscribe()->mutable_framework_info()->mutable_id()->set_value("a");
  EXPECT_FALSE(MasterCore::call_error(call));
}

TEST(SchedulerCallsTest, AnAcknowledgementNeedsSixteenBytes) {
  CoreHarness harness;
  const Peer framework = harness.subscribe();
  auto call = harness.call_of(framework, SchedulerCall::ACKNOWLEDGE);
  call.mutable_acknowledge()->mutable_agent_id()->set_value("a");
  call.mutable_acknowledge()->mutable_task_id()->set_value("t");
  call.mutable_acknowledge()->set_uuid("short");
  EXPECT_EQ(harness.call(framework, call).status, 400);
  call.mutable_acknowledge()->set_uuid(std::string(16, 'x'));
  EXPECT_EQ(harness.call(framework, call).status, 202);
}

TEST(SchedulerCallsTest, MessagesGoToTheAgent) {
  CoreHarness harness;
  const Peer agent = harness.subscribe_agent();
  const Peer framework = harness.subscribe();
  auto call = harness.call_of(framework, SchedulerCall::MESSAGE);
  call.mutable_message()->mutable_agent_id()->set_value(agent.id);
  call.mutable_message()->mutable_executor_id()->set_value("e");
  call.mutable_message()->set_data("x");
  EXPECT_EQ(harness.call(framework, call).status, 202);
  EXPECT_EQ(harness.take_agent(agent, AgentEvent::MESSAGE).size(), 1U);
  call.mutable_message()->mutable_agent_id()->set_value("nobody");
  EXPECT_EQ(harness.call(framework, call).status, 202);
}

TEST(SchedulerCallsTest, CallsThatComeLaterAreNamed) {
  CoreHarness harness;
  const Peer framework = harness.subscribe();
  auto call = harness.call_of(framework, SchedulerCall::RECONCILE_OPERATIONS);
  call.mutable_reconcile_operations();
  const auto result = harness.call(framework, call);
  EXPECT_EQ(result.status, 501);
  EXPECT_NE(result.message.find("RECONCILE_OPERATIONS"), std::string::npos);
}

}  // namespace
}  // namespace tepui::master

#include "master/core/agent_link.hpp"

#include "lib/model/resources_text.hpp"
#include "tests/unit/master/core/core_harness.hpp"

namespace tepui::master {
namespace {

using namespace std::chrono_literals;
using mesos::v1::TaskStatus;

class AgentLinkTest : public ::testing::Test {
 protected:
  void start(std::vector<Capability::Type> can = {}) {
    agent_ = harness_.subscribe_agent();
    framework_ = harness_.subscribe(CoreHarness::framework_info("test", std::move(can)));
    harness_.accept(framework_, {harness_.take_offers(framework_).at(0).id().value()}, {CoreHarness::task("t", agent_.id)});
    harness_.update(agent_, framework_, "t", mesos::v1::TASK_RUNNING);
    harness_.take(framework_);
    harness_.take_agent(agent_);
    told_ = harness_.cluster().tasks.find(framework_.id, "t")->info;
  }
  /// The agent's word for its return, with task "t" in `state`.
  AgentCall::Subscribe with_task(mesos::v1::TaskState state) {
    auto subscribe = CoreHarness::agent_subscribe(agent_.id);
    auto& task = *subscribe.add_tasks();
    task.mutable_framework_id()->set_value(framework_.id);
    *task.mutable_task() = told_;
    task.mutable_status()->mutable_task_id()->set_value("t");
    task.mutable_status()->set_state(state);
    auto info = CoreHarness::framework_info();
    info.mutable_id()->set_value(framework_.id);
    *subscribe.add_frameworks() = info;
    return subscribe;
  }
  AgentEvent::Subscribed answer(const Peer& agent) { return harness_.take_agent(agent, AgentEvent::SUBSCRIBED).at(0).subscribed(); }
  CoreHarness harness_;
  Peer agent_;
  Peer framework_;
  mesos::v1::TaskInfo told_;
};

TEST_F(AgentLinkTest, AnAgentIsAdmittedUnderANewIdDurablyFirst) {
  MasterCore& core = harness_.core();
  AgentCall call;
  call.set_type(AgentCall::SUBSCRIBE);
  *call.mutable_subscribe() = CoreHarness::agent_subscribe();
  const CallResult result = core.agent_call(call, "s");
  ASSERT_EQ(result.effects.size(), 2U);
  EXPECT_TRUE(std::holds_alternative<StoreInRegistry>(result.effects[0]));
  const auto& sent = std::get<SendToAgent>(result.effects[1]);
  EXPECT_EQ(sent.event.subscribed().agent_id().value(), core.master_id() + "-S0");
  EXPECT_EQ(sent.event.subscribed().master_info().id(), core.master_id());
}

TEST_F(AgentLinkTest, AgentsHearHeartbeats) {
  const Peer agent = harness_.subscribe_agent();
  harness_.take_agent(agent);
  harness_.advance(31s);
  EXPECT_EQ(harness_.take_agent(agent, AgentEvent::HEARTBEAT).size(), 2U);
}

TEST_F(AgentLinkTest, ResourcesThatMakeNoSenseAreRefusedByName) {
  auto subscribe = CoreHarness::agent_subscribe();
  subscribe.mutable_agent_info()->mutable_resources(0)->mutable_scalar()->set_value(-1);
  const Peer agent = harness_.subscribe_agent(subscribe);
  const auto events = harness_.take_agent(agent, AgentEvent::ERROR);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_NE(events[0].error().message().find("cpus"), std::string::npos);
  EXPECT_FALSE(events[0].error().agent_removed());
  EXPECT_TRUE(harness_.is_closed(agent.stream));
}

TEST_F(AgentLinkTest, OffersAreRescindedWhenTheAgentDisconnects) {
  const Peer agent = harness_.subscribe_agent();
  const Peer framework = harness_.subscribe();
  harness_.take(framework);
  harness_.disconnect(agent);
  EXPECT_EQ(harness_.take(framework, SchedulerEvent::RESCIND).size(), 1U);
  harness_.advance(5s);
  EXPECT_TRUE(harness_.take_offers(framework).empty());
}

TEST_F(AgentLinkTest, AnAgentBackInTimeKeepsItsTasksAndNobodyHears) {
  start();
  harness_.disconnect(agent_);
  harness_.advance(74s);
  harness_.subscribe_agent(with_task(mesos::v1::TASK_RUNNING));
  harness_.advance(100s);
  EXPECT_TRUE(harness_.take_updates(framework_).empty());
  EXPECT_EQ(harness_.cluster().tasks.all().size(), 1U);
}

TEST_F(AgentLinkTest, AnAgentThatStaysAwayIsUnreachable) {
  start({Capability::PARTITION_AWARE});
  harness_.disconnect(agent_);
  harness_.advance(76s);
  const auto events = harness_.take(framework_);
  std::vector<TaskStatus> updates;
  bool is_failure_told = false;
  for (const auto& event : events) {
    if (event.type() == SchedulerEvent::UPDATE) updates.push_back(event.update().status());
    if (event.type() == SchedulerEvent::FAILURE) is_failure_told = event.failure().agent_id().value() == agent_.id;
  }
  ASSERT_EQ(updates.size(), 1U);
  EXPECT_EQ(updates[0].state(), mesos::v1::TASK_UNREACHABLE);
  EXPECT_EQ(updates[0].reason(), TaskStatus::REASON_AGENT_REMOVED);
  EXPECT_GT(updates[0].unreachable_time().nanoseconds(), 0);
  EXPECT_TRUE(is_failure_told);
}

TEST_F(AgentLinkTest, OthersAreToldLost) {
  start();
  harness_.disconnect(agent_);
  harness_.advance(76s);
  EXPECT_EQ(states_of(harness_.take_updates(framework_)), (std::vector<std::string>{"TASK_LOST"}));
}

TEST_F(AgentLinkTest, AnUnreachableAgentThatReturnsBringsItsTasksBack) {
  start({Capability::PARTITION_AWARE});
  harness_.disconnect(agent_);
  harness_.advance(76s);
  harness_.take(framework_);
  harness_.subscribe_agent(with_task(mesos::v1::TASK_RUNNING));
  const auto updates = harness_.take_updates(framework_);
  ASSERT_EQ(updates.size(), 1U);
  EXPECT_EQ(updates[0].state(), mesos::v1::TASK_RUNNING);
  EXPECT_EQ(updates[0].reason(), TaskStatus::REASON_AGENT_REREGISTERED);
  EXPECT_TRUE(harness_.cluster().tasks.find(framework_.id, "t")->is_holding);
}

TEST_F(AgentLinkTest, TasksThatNeverArrivedAreHandedBackAsLost) {
  start({Capability::PARTITION_AWARE});
  harness_.disconnect(agent_);
  const Peer back = harness_.subscribe_agent(CoreHarness::agent_subscribe(agent_.id));
  const auto subscribed = answer(back);
  ASSERT_EQ(subscribed.lost_tasks_size(), 1);
  EXPECT_EQ(subscribed.lost_tasks(0).task_id().value(), "t");
  EXPECT_TRUE(subscribed.lost_tasks(0).partition_aware());
  harness_.update(back, framework_, "t", mesos::v1::TASK_DROPPED);
  EXPECT_EQ(states_of(harness_.take_updates(framework_)), (std::vector<std::string>{"TASK_DROPPED"}));
  EXPECT_EQ(harness_.cluster().agents.find(agent_.id)->held, Resources());
}

TEST_F(AgentLinkTest, AnEndThatTheAgentNoLongerNamesWasAcknowledged) {
  start();
  harness_.update(agent_, framework_, "t", mesos::v1::TASK_FINISHED);
  harness_.disconnect(agent_);
  const Peer back = harness_.subscribe_agent(CoreHarness::agent_subscribe(agent_.id));
  EXPECT_EQ(answer(back).lost_tasks_size(), 0);
  EXPECT_TRUE(harness_.cluster().tasks.all().empty());
}

TEST_F(AgentLinkTest, FrameworksThatAreOverAreNamedToTheAgent) {
  start();
  harness_.disconnect(agent_);
  harness_.call(framework_, harness_.call_of(framework_, SchedulerCall::TEARDOWN));
  const Peer back = harness_.subscribe_agent(with_task(mesos::v1::TASK_RUNNING));
  const auto subscribed = answer(back);
  ASSERT_EQ(subscribed.completed_frameworks_size(), 1);
  EXPECT_EQ(subscribed.completed_frameworks(0).value(), framework_.id);
  EXPECT_TRUE(harness_.cluster().tasks.all().empty());
}

TEST_F(AgentLinkTest, ANewerStreamReplacesTheOlder) {
  start();
  const Peer newer = harness_.subscribe_agent(with_task(mesos::v1::TASK_RUNNING));
  EXPECT_TRUE(harness_.is_closed(agent_.stream));
  EXPECT_FALSE(harness_.is_closed(newer.stream));
  AgentCall call;
  call.set_type(AgentCall::UNSUBSCRIBE);
  call.mutable_agent_id()->set_value(agent_.id);
  EXPECT_EQ(harness_.core().agent_call(call, agent_.stream).status, 403);
  harness_.disconnect(agent_);  // the old stream's end is seen late
  EXPECT_TRUE(harness_.cluster().agents.find(agent_.id)->is_registered());
}

TEST_F(AgentLinkTest, AnAgentThatSaysGoodbyeTakesItsTasksAlong) {
  start({Capability::PARTITION_AWARE});
  AgentCall call;
  call.set_type(AgentCall::UNSUBSCRIBE);
  call.mutable_agent_id()->set_value(agent_.id);
  auto result = harness_.core().agent_call(call, agent_.stream);
  EXPECT_EQ(result.status, 202);
  harness_.perform(std::move(result.effects));
  EXPECT_EQ(states_of(harness_.take_updates(framework_)), (std::vector<std::string>{"TASK_GONE"}));
  EXPECT_EQ(harness_.cluster().agents.find(agent_.id), nullptr);
  EXPECT_TRUE(harness_.is_closed(agent_.stream));
}

TEST_F(AgentLinkTest, ANewAgentAtTheSameAddressEndsTheOldOne) {
  const Peer old = harness_.subscribe_agent(CoreHarness::agent_subscribe({}, "cpus:4;mem:1024", 5051));
  const Peer fresh = harness_.subscribe_agent(CoreHarness::agent_subscribe({}, "cpus:4;mem:1024", 5051));
  EXPECT_NE(fresh.id, old.id);
  EXPECT_TRUE(harness_.is_closed(old.stream));
  EXPECT_EQ(harness_.cluster().agents.all().size(), 1U);
}

TEST_F(AgentLinkTest, AnAgentWithAnIdNobodyKnowsIsBelieved) {
  const Peer agent = harness_.subscribe_agent(CoreHarness::agent_subscribe("old-master-S7"));
  EXPECT_EQ(agent.id, "old-master-S7");
  EXPECT_TRUE(harness_.cluster().agents.find("old-master-S7")->is_registered());
}

TEST_F(AgentLinkTest, AnAgentSmallerThanItsTasksHasNothingToOffer) {
  start();
  harness_.disconnect(agent_);
  auto smaller = with_task(mesos::v1::TASK_RUNNING);
  smaller.mutable_agent_info()->mutable_resources(0)->mutable_scalar()->set_value(0.5);
  harness_.subscribe_agent(smaller);
  const Agent& agent = *harness_.cluster().agents.find(agent_.id);
  EXPECT_EQ(agent.free.quantity("cpus"), Scalar());
  EXPECT_EQ(agent.held.quantity("cpus"), Scalar::from_millis(1000));
}

TEST_F(AgentLinkTest, MessagesAndExecutorExitsReachTheFramework) {
  start();
  AgentCall call;
  call.set_type(AgentCall::MESSAGE);
  call.mutable_agent_id()->set_value(agent_.id);
  call.mutable_message()->mutable_framework_id()->set_value(framework_.id);
  call.mutable_message()->mutable_executor_id()->set_value("t");
  call.mutable_message()->set_data("hello");
  harness_.perform(harness_.core().agent_call(call, agent_.stream).effects);
  call.set_type(AgentCall::EXITED_EXECUTOR);
  call.mutable_exited_executor()->mutable_framework_id()->set_value(framework_.id);
  call.mutable_exited_executor()->mutable_executor_id()->set_value("t");
  call.mutable_exited_executor()->set_status(256);
  harness_.perform(harness_.core().agent_call(call, agent_.stream).effects);
  const auto events = harness_.take(framework_);
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].message().data(), "hello");
  EXPECT_EQ(events[1].failure().status(), 256);
}

TEST_F(AgentLinkTest, ATaskStartedAgainElsewhereIsKilledWhereNobodyKnewOfIt) {
  start();
  harness_.restart_master();
  auto info = CoreHarness::framework_info();
  info.mutable_id()->set_value(framework_.id);
  const Peer framework = harness_.subscribe(info);
  const Peer other = harness_.subscribe_agent();
  harness_.accept(framework, {harness_.take_offers(framework).at(0).id().value()}, {CoreHarness::task("t", other.id)});
  const Peer back = harness_.subscribe_agent(with_task(mesos::v1::TASK_RUNNING));
  const auto events = harness_.take_agent(back);
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].type(), AgentEvent::SUBSCRIBED);
  EXPECT_EQ(events[1].type(), AgentEvent::KILL);
  EXPECT_EQ(harness_.cluster().tasks.find(framework.id, "t")->agent_id, other.id);
}

TEST_F(AgentLinkTest, ShapelessCallsAreRefused) {
  AgentCall call;
  EXPECT_EQ(harness_.core().agent_call(call, "s").status, 400);
  call.set_type(AgentCall::SUBSCRIBE);
  EXPECT_EQ(harness_.core().agent_call(call, "s").status, 400);
  call.set_type(AgentCall::UPDATE);
  call.mutable_agent_id()->set_value("nobody");
  EXPECT_EQ(harness_.core().agent_call(call, "s").status, 400);
  call.set_type(AgentCall::UNSUBSCRIBE);
  EXPECT_EQ(harness_.core().agent_call(call, "s").status, 404);
}

}  // namespace
}  // namespace tepui::master

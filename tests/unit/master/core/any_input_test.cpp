// Whatever schedulers and agents say, in whatever order: the core neither dies nor loses count. The invariants are looked at
// after every call.
#include <limits>

#include "lib/model/resources_text.hpp"
#include "master/core/wire_resources.hpp"
#include "tests/unit/master/core/core_harness.hpp"

namespace tepui::master {
namespace {

using namespace std::chrono_literals;

/// Draws calls from small pools of ids, so that they meet; some are nonsense.
class Chatter {
 public:
  explicit Chatter(std::uint64_t seed) : random_(seed) {}

  void say_something() {
    switch (random_.below(10)) {
      case 0: subscribe_framework(); break;
      case 1: subscribe_agent(); break;
      case 2: perform(harness_.core().stream_closed(stream())); break;
      case 3: harness_.advance(std::chrono::milliseconds(random_.below(60'000))); break;
      case 4:
      case 5: say_as_agent(); break;
      default: say_as_scheduler(); break;
    }
  }

 private:
  std::string pick(const std::vector<std::string>& from) { return from[random_.below(from.size())]; }
  bool chance(std::uint64_t percent) { return random_.below(100) < percent; }
  std::string stream() { return chance(10) || streams_.empty() ? "nobody" : pick(streams_); }
  std::string framework_id() { return chance(5) ? "" : pick({"f1", "f2", "f3", "../x"}); }
  std::string agent_id() { return chance(5) ? "" : pick({"a1", "a2", "a3"}); }
  std::string task_id() { return pick({"t1", "t2", "t3", "t4", "t5", "", "a/b"}); }
  void perform(Effects effects) { harness_.perform(std::move(effects)); }

  WireResources resources() {
    WireResources wire = resources_for_agent(*parse_resources(
        pick({"cpus:1;mem:32", "cpus:4;mem:1024;ports:[1-9]", "ports:[3-5]", "cpus:0.1;ports:[1-3,7-8];disks:{a,b}", "cpus(r):2;mem:9",
              "gpus:1;cpus:1", "disks:{b}", "cpus:0"})));
    if (chance(5) && !wire.empty()) {
      wire[0].mutable_scalar()->set_value(chance(50) ? -1 : std::numeric_limits<double>::infinity());
    }
    if (chance(5) && !wire.empty()) wire[0].mutable_allocation_info()->set_role(pick({"r", "*", "", " "}));
    if (chance(5) && !wire.empty()) wire[0].set_type(mesos::v1::Value::TEXT);
    return wire;
  }

  mesos::v1::TaskInfo task() {
    mesos::v1::TaskInfo task;
    task.set_name("t");
    task.mutable_task_id()->set_value(task_id());
    task.mutable_agent_id()->set_value(agent_id());
    *task.mutable_resources() = resources();
    if (!chance(10)) task.mutable_command();
    if (chance(10)) task.mutable_executor()->mutable_executor_id()->set_value("e");
    return task;
  }

  mesos::v1::FrameworkInfo framework_info() {
    mesos::v1::FrameworkInfo info;
    info.set_user("u");
    info.set_name("n");
    info.mutable_id()->set_value(framework_id());
    info.set_failover_timeout(chance(50) ? 30 : 0);
    if (chance(30)) {
      info.add_capabilities()->set_type(Capability::MULTI_ROLE);
      info.add_roles("r");
      if (chance(50)) info.add_roles("r/s");
    }
    if (chance(30)) info.add_capabilities()->set_type(Capability::PARTITION_AWARE);
    return info;
  }

  void subscribe_framework() {
    SchedulerCall call;
    call.set_type(SchedulerCall::SUBSCRIBE);
    *call.mutable_subscribe()->mutable_framework_info() = framework_info();
    *call.mutable_framework_id() = call.subscribe().framework_info().id();
    if (chance(20)) call.mutable_subscribe()->add_suppressed_roles(pick({"*", "r"}));
    streams_.push_back(harness_.new_stream());
    perform(harness_.core().scheduler_call(call, streams_.back()).effects);
  }

  void subscribe_agent() {
    AgentCall call;
    call.set_type(AgentCall::SUBSCRIBE);
    auto& subscribe = *call.mutable_subscribe();
    subscribe.mutable_agent_info()->set_hostname("h");
    subscribe.mutable_agent_info()->mutable_id()->set_value(agent_id());
    *subscribe.mutable_agent_info()->mutable_resources() = resources();
    subscribe.set_port(static_cast<std::uint32_t>(random_.below(3)));
    for (std::uint64_t i = random_.below(4); i > 0; --i) {
      auto& told = *subscribe.add_tasks();
      told.mutable_framework_id()->set_value(framework_id());
      *told.mutable_task() = task();
      told.mutable_status()->mutable_task_id()->CopyFrom(told.task().task_id());
      told.mutable_status()->set_state(state());
    }
    for (std::uint64_t i = random_.below(3); i > 0; --i) *subscribe.add_frameworks() = framework_info();
    streams_.push_back(harness_.new_stream());
    perform(harness_.core().agent_call(call, streams_.back()).effects);
  }

  mesos::v1::TaskState state() {
    return static_cast<mesos::v1::TaskState>(random_.below(mesos::v1::TaskState_ARRAYSIZE));
  }

  void say_as_agent() {
    AgentCall call;
    const Agent* agent = harness_.cluster().agents.find(agent_id());
    call.mutable_agent_id()->set_value(agent != nullptr ? agent->id : agent_id());
    call.set_type(chance(95) ? AgentCall::UPDATE : AgentCall::UNSUBSCRIBE);
    auto& update = *call.mutable_update();
    update.mutable_framework_id()->set_value(framework_id());
    update.mutable_status()->mutable_task_id()->set_value(task_id());
    update.mutable_status()->set_state(state());
    update.mutable_status()->set_uuid(pick({"0123456789abcdef", "fedcba9876543210"}));
    if (chance(30)) update.set_latest_state(state());
    perform(harness_.core().agent_call(call, agent != nullptr && chance(90) ? agent->stream : stream()).effects);
  }

  void say_as_scheduler() {
    SchedulerCall call;
    const Framework* framework = harness_.cluster().frameworks.find(framework_id());
    call.mutable_framework_id()->set_value(framework != nullptr ? framework->id : framework_id());
    call.set_type(static_cast<SchedulerCall::Type>(random_.below(SchedulerCall::Type_ARRAYSIZE)));
    if (call.type() == SchedulerCall::TEARDOWN && chance(80)) call.set_type(SchedulerCall::ACCEPT);
    fill_accept(*call.mutable_accept());
    for (const auto& id : call.accept().offer_ids()) *call.mutable_decline()->add_offer_ids() = id;
    call.mutable_kill()->mutable_task_id()->set_value(task_id());
    if (chance(50)) call.mutable_kill()->mutable_agent_id()->set_value(agent_id());
    call.mutable_acknowledge()->mutable_agent_id()->set_value(agent_id());
    call.mutable_acknowledge()->mutable_task_id()->set_value(task_id());
    call.mutable_acknowledge()->set_uuid(pick({"0123456789abcdef", "fedcba9876543210", "x"}));
    call.mutable_reconcile();
    if (chance(70)) call.mutable_reconcile()->add_tasks()->mutable_task_id()->set_value(task_id());
    if (chance(30)) call.mutable_revive()->add_roles(pick({"r", "*", "zzz"}));
    if (chance(30)) call.mutable_suppress()->add_roles(pick({"r", "*", "zzz"}));
    perform(harness_.core().scheduler_call(call, framework != nullptr && chance(90) ? framework->stream : stream()).effects);
  }

  void fill_accept(SchedulerCall::Accept& accept) {
    for (const auto& [id, offer] : harness_.cluster().offers.all()) {
      if (chance(40)) accept.add_offer_ids()->set_value(id);
    }
    if (chance(10)) accept.add_offer_ids()->set_value("no-such-offer");
    for (std::uint64_t i = random_.below(3); i > 0; --i) {
      auto& operation = *accept.add_operations();
      const int type = static_cast<int>(random_.below(15));
      const bool is_launch = chance(85) || !mesos::v1::Offer::Operation::Type_IsValid(type);
      operation.set_type(is_launch ? mesos::v1::Offer::Operation::LAUNCH
                                   : static_cast<mesos::v1::Offer::Operation::Type>(type));
      for (std::uint64_t n = random_.below(3); n > 0; --n) *operation.mutable_launch()->add_task_infos() = task();
    }
    accept.mutable_filters()->set_refuse_seconds(static_cast<double>(random_.below(20)) - 3);
  }

  SeededRandom random_;
  CoreHarness harness_;
  std::vector<std::string> streams_;
};

TEST(AnyInputTest, NeitherNonsenseNorChaosBreaksAnInvariant) {
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    SCOPED_TRACE(seed);
    Chatter chatter(seed);
    for (int step = 0; step < 250; ++step) {
      chatter.say_something();
      if (::testing::Test::HasFailure()) return;
    }
  }
}

}  // namespace
}  // namespace tepui::master

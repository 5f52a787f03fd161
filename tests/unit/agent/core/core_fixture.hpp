// CoreFixture: one AgentCore, a log in memory and short words for what the master and the containerizer say.
#pragma once

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "agent/core/agent_core.hpp"
#include "lib/base/try.hpp"
#include "tests/fakes/manual_clock.hpp"

namespace tepui::agent {

class CoreFixture : public ::testing::Test {
 protected:
  using Event = tepui::v1::AgentEvent;
  using Call = tepui::v1::AgentCall;

  CoreFixture() { start(); }

  /// A new agent process on the same log; what it was about to do is forgotten.
  void start() {
    AgentCoreConfig config;
    config.agent_info.set_hostname("host");
    auto& weight = *config.agent_info.add_attributes();
    weight.set_name("weight");
    weight.set_type(mesos::v1::Value::SCALAR);
    weight.mutable_scalar()->set_value(1.5);
    config.version = "0.1.0";
    config.ip = "127.0.0.1";
    config.port = 5051;
    config.boot_id = "boot" + std::to_string(++starts_);
    core_ = std::make_unique<AgentCore>(config, log_, clock_, random_);
    effects_.clear();
  }

  /// Takes effects: records go to the log at once.
  void take(const Effects& effects) {
    for (const auto& effect : effects) {
      effects_.push_back(effect);
      if (const auto* checkpoint = std::get_if<Checkpoint>(&effect)) {
        const auto applied = log_.apply(checkpoint->record);
        ASSERT_TRUE(applied) << applied.error().to_string();
      }
    }
  }

  template <class T>
  std::vector<T> seen() const {
    std::vector<T> found;
    for (const auto& effect : effects_) {
      if (const auto* it = std::get_if<T>(&effect)) found.push_back(*it);
    }
    return found;
  }
  void forget_effects() { effects_.clear(); }

  /// The statuses sent since forget_effects().
  std::vector<mesos::v1::TaskStatus> sent() const {
    std::vector<mesos::v1::TaskStatus> statuses;
    for (const auto& send : seen<SendToMaster>()) {
      if (send.call.type() == Call::UPDATE) statuses.push_back(send.call.update().status());
    }
    return statuses;
  }
  std::vector<mesos::v1::TaskState> sent_states() const {
    std::vector<mesos::v1::TaskState> states;
    for (const auto& status : sent()) states.push_back(status.state());
    return states;
  }

  void subscribe() {
    take(core_->link_connected());
    take(core_->receive(subscribed()));
  }
  static Event subscribed() {
    Event event;
    event.set_type(Event::SUBSCRIBED);
    event.mutable_subscribed()->mutable_agent_id()->set_value("M-S0");
    event.mutable_subscribed()->set_heartbeat_interval_seconds(15);
    return event;
  }
  static mesos::v1::TaskInfo task_info(const std::string& id) {
    mesos::v1::TaskInfo info;
    info.set_name(id);
    info.mutable_task_id()->set_value(id);
    info.mutable_agent_id()->set_value("M-S0");
    info.mutable_command()->set_value("sleep 1");
    return info;
  }
  void launch(const mesos::v1::TaskInfo& info, bool sees_killing = false) {
    Event event;
    event.set_type(Event::LAUNCH);
    auto& framework = *event.mutable_launch()->mutable_framework_info();
    framework.set_user("u");
    framework.set_name("n");
    framework.mutable_id()->set_value("F");
    if (sees_killing) {
      framework.add_capabilities()->set_type(mesos::v1::FrameworkInfo::Capability::TASK_KILLING_STATE);
    }
    *event.mutable_launch()->add_tasks() = info;
    take(core_->receive(event));
  }
  void kill(const std::string& task, std::optional<std::chrono::nanoseconds> grace = std::nullopt) {
    Event event;
    event.set_type(Event::KILL);
    event.mutable_kill()->mutable_framework_id()->set_value("F");
    event.mutable_kill()->mutable_task_id()->set_value(task);
    if (grace) event.mutable_kill()->mutable_kill_policy()->mutable_grace_period()->set_nanoseconds(grace->count());
    take(core_->receive(event));
  }
  void acknowledge(const mesos::v1::TaskStatus& status) {
    Event event;
    event.set_type(Event::ACKNOWLEDGE);
    event.mutable_acknowledge()->mutable_framework_id()->set_value("F");
    *event.mutable_acknowledge()->mutable_task_id() = status.task_id();
    event.mutable_acknowledge()->set_uuid(status.uuid());
    take(core_->receive(event));
  }
  /// Acknowledges the newest update sent for `task`.
  void acknowledge_newest(const std::string& task) {
    const auto statuses = sent();
    for (auto it = statuses.rbegin(); it != statuses.rend(); ++it) {
      if (it->task_id().value() == task) return acknowledge(*it);
    }
    FAIL() << "nothing was sent for " << task;
  }
  void tear_down() {
    Event event;
    event.set_type(Event::TEARDOWN);
    event.mutable_teardown()->mutable_framework_id()->set_value("F");
    take(core_->receive(event));
  }
  std::string container_of(const std::string& task) const { return core_->tasks().at({"F", task}).container_id; }
  static ContainerEnd exited(int code) {
    ContainerEnd end;
    end.wait_status = code << 8;
    return end;
  }
  static ContainerEnd signalled(int signal) {
    ContainerEnd end;
    end.wait_status = signal;
    return end;
  }
  /// Subscribed, with task "t" running and STARTING and RUNNING acknowledged.
  void run_task(bool sees_killing = false) {
    subscribe();
    launch(task_info("t"), sees_killing);
    acknowledge_newest("t");
    take(core_->container_running(container_of("t"), 42));
    acknowledge_newest("t");
    forget_effects();
  }

  ManualClock clock_;
  SeededRandom random_{7};
  CheckpointState log_;
  std::unique_ptr<AgentCore> core_;
  Effects effects_;
  int starts_ = 0;
};

}  // namespace tepui::agent

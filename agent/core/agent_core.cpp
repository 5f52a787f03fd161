#include "agent/core/agent_core.hpp"

#include <algorithm>

#include "agent/core/task_support.hpp"
#include "lib/base/uuid.hpp"

namespace tepui::agent {
namespace {

using tepui::v1::AgentCall;
using tepui::v1::AgentEvent;
using mesos::v1::TaskStatus;

}  // namespace

AgentCore::AgentCore(AgentCoreConfig config, const CheckpointState& state, const Clock& clock, RandomSource& random)
    : config_(std::move(config)), clock_(clock), random_(random), frameworks_(state.frameworks()) {
  if (state.agent() && state.agent()->has_id()) agent_id_ = state.agent()->id();
  for (const auto& [key, checkpointed] : state.tasks()) {
    Task task;
    task.key = key;
    task.info = checkpointed.task;
    task.container_id = checkpointed.container_id;
    task.kill_grace = checkpointed.kill_grace;
    task.unacknowledged.assign(checkpointed.updates.begin() + static_cast<std::ptrdiff_t>(checkpointed.acknowledged),
                               checkpointed.updates.end());
    if (!checkpointed.updates.empty()) {
      task.latest = checkpointed.updates.back();
    } else {
      *task.latest.mutable_task_id() = task.info.task_id();
      task.latest.set_state(mesos::v1::TASK_STAGING);
    }
    const auto framework = frameworks_.find(key.first);
    task.is_discarded = framework != frameworks_.end() && framework->second.is_torn_down;
    task_of_container_[task.container_id] = key;
    tasks_.emplace(key, std::move(task));
  }
}

Effects AgentCore::link_connected() {
  Effects effects;
  if (is_leaving_) return effects;
  link_ = Link::Subscribing;
  effects.push_back(SendToMaster{make_subscribe()});
  return effects;
}

Effects AgentCore::link_disconnected() {
  link_ = Link::Disconnected;
  for (auto& [key, task] : tasks_) task.resend_at.reset();
  return {};
}

Effects AgentCore::receive(const AgentEvent& event) {
  Effects effects;
  switch (event.type()) {
    case AgentEvent::SUBSCRIBED:
      if (link_ == Link::Subscribing) receive_subscribed(event.subscribed(), effects);
      break;
    case AgentEvent::LAUNCH:
      for (const auto& task : event.launch().tasks()) launch(event.launch().framework_info(), task, effects);
      break;
    case AgentEvent::KILL: {
      Task* const task = find(event.kill().framework_id().value(), event.kill().task_id().value());
      if (task == nullptr) break;  // it ended and was acknowledged before the kill came
      auto grace = std::chrono::nanoseconds(kDefaultKillGrace);
      const auto& policy = event.kill().has_kill_policy() ? event.kill().kill_policy() : task->info.kill_policy();
      if (policy.has_grace_period()) grace = std::chrono::nanoseconds(policy.grace_period().nanoseconds());
      kill(*task, std::max(grace, std::chrono::nanoseconds(0)), effects);
      break;
    }
    case AgentEvent::ACKNOWLEDGE: acknowledge(event.acknowledge(), effects); break;
    case AgentEvent::SHUTDOWN_EXECUTOR: {
      // A command task plays its own executor, whose id is the task's.
      const auto& shutdown = event.shutdown_executor();
      Task* const task = find(shutdown.framework_id().value(), shutdown.executor_id().value());
      if (task != nullptr) kill(*task, kShutdownGrace, effects);
      break;
    }
    case AgentEvent::TEARDOWN: tear_down(event.teardown().framework_id().value(), effects); break;
    case AgentEvent::UPDATE_FRAMEWORK: {
      const auto& framework = event.update_framework().framework_info();
      if (frameworks_.contains(framework.id().value())) remember_framework(framework, effects);
      break;
    }
    case AgentEvent::ERROR: receive_error(event.error(), effects); break;
    case AgentEvent::HEARTBEAT:
    case AgentEvent::MESSAGE: break;  // there is no executor that could read a message
    default: ++counters_.invalid_events; break;
  }
  return effects;
}

void AgentCore::receive_subscribed(const AgentEvent::Subscribed& subscribed, Effects& effects) {
  link_ = Link::Subscribed;
  subscription_ = subscribed;
  ++counters_.subscriptions;
  if (!agent_id_ || agent_id_->value() != subscribed.agent_id().value()) {
    agent_id_ = subscribed.agent_id();
    CheckpointRecord record;
    *record.mutable_agent() = agent_info();
    effects.push_back(Checkpoint{std::move(record)});
  }
  for (const auto& framework_id : subscribed.completed_frameworks()) tear_down(framework_id.value(), effects);
  for (auto& [key, task] : tasks_) send_front(task, effects);
  for (const auto& lost : subscribed.lost_tasks()) drop_lost_task(lost, effects);
}

void AgentCore::receive_error(const AgentEvent::Error& error, Effects& effects) {
  link_ = Link::Disconnected;
  if (!error.agent_removed()) {
    effects.push_back(Terminate{error.message()});
    return;
  }
  agent_id_.reset();
  CheckpointRecord record;
  record.mutable_agent_forgotten();
  effects.push_back(Checkpoint{std::move(record)});
  is_leaving_ = true;
  std::vector<std::string> framework_ids;
  for (const auto& [id, framework] : frameworks_) framework_ids.push_back(id);
  for (const auto& id : framework_ids) tear_down(id, effects);
  std::vector<TaskKey> ghosts;
  for (const auto& [key, task] : tasks_) {
    if (task.is_ghost) ghosts.push_back(key);
  }
  for (const auto& key : ghosts) remove_task(key, effects);
  leave_when_empty(effects);
}

void AgentCore::leave_when_empty(Effects& effects) {
  if (!is_leaving_ || !tasks_.empty()) return;
  is_leaving_ = false;
  effects.push_back(Resubscribe{});
}

void AgentCore::remember_framework(const mesos::v1::FrameworkInfo& framework, Effects& effects) {
  const auto [known, is_new] = frameworks_.try_emplace(framework.id().value());
  if (!is_new && known->second.info.SerializeAsString() == framework.SerializeAsString()) return;
  known->second.info = framework;
  CheckpointRecord record;
  *record.mutable_framework() = framework;
  effects.push_back(Checkpoint{std::move(record)});
}

void AgentCore::launch(const mesos::v1::FrameworkInfo& framework, const mesos::v1::TaskInfo& info, Effects& effects) {
  const TaskKey key{framework.id().value(), info.task_id().value()};
  const auto known = frameworks_.find(key.first);
  const bool is_torn_down = known != frameworks_.end() && known->second.is_torn_down;
  if (link_ != Link::Subscribed || is_torn_down || tasks_.contains(key)) {
    ++counters_.invalid_events;
    return;
  }
  remember_framework(framework, effects);
  Task& task = tasks_[key];
  task.key = key;
  task.info = info;
  name_container(task, effects);
  if (const auto refusal = reason_to_refuse(info)) {
    end_task(task, {mesos::v1::TASK_ERROR, TaskStatus::SOURCE_AGENT, TaskStatus::REASON_TASK_INVALID, *refusal}, effects);
    return;
  }
  add_update(task, {mesos::v1::TASK_STARTING, TaskStatus::SOURCE_EXECUTOR, std::nullopt, {}}, effects);
  effects.push_back(LaunchContainer{task.container_id, *agent_id_, frameworks_.at(key.first).info, info});
}

void AgentCore::name_container(Task& task, Effects& effects) {
  task.container_id = Uuid::random(random_).to_string();
  task_of_container_[task.container_id] = task.key;
  CheckpointRecord record;
  auto& launched = *record.mutable_task_launched();
  launched.mutable_framework_id()->set_value(task.key.first);
  *launched.mutable_task() = task.info;
  launched.set_container_id(task.container_id);
  effects.push_back(Checkpoint{std::move(record)});
}

void AgentCore::kill(Task& task, std::chrono::nanoseconds grace, Effects& effects) {
  if (task.phase == TaskPhase::Ended) return;
  if (task.kill_grace && *task.kill_grace <= grace) return;  // a later kill may only shorten
  const bool is_first = !task.kill_grace;
  task.kill_grace = grace;
  CheckpointRecord record;
  auto& kill = *record.mutable_task_kill();
  kill.mutable_framework_id()->set_value(task.key.first);
  kill.mutable_task_id()->set_value(task.key.second);
  kill.set_grace_ns(grace.count());
  effects.push_back(Checkpoint{std::move(record)});
  const auto can_see_killing = mesos::v1::FrameworkInfo::Capability::TASK_KILLING_STATE;
  if (is_first && task.phase == TaskPhase::Running && has_capability(task, can_see_killing)) {
    add_update(task, {mesos::v1::TASK_KILLING, TaskStatus::SOURCE_EXECUTOR, std::nullopt, {}}, effects);
  }
  effects.push_back(KillContainer{task.container_id, grace});
}

void AgentCore::acknowledge(const AgentEvent::Acknowledge& acknowledge, Effects& effects) {
  Task* const task = find(acknowledge.framework_id().value(), acknowledge.task_id().value());
  // A late duplicate finds the task gone or another update in front.
  if (task == nullptr || task->unacknowledged.empty()) return;
  if (task->unacknowledged.front().uuid() != acknowledge.uuid()) return;
  task->unacknowledged.pop_front();
  task->resend_at.reset();
  if (!task->is_ghost) {
    CheckpointRecord record;
    auto& acknowledged = *record.mutable_acknowledgement();
    *acknowledged.mutable_framework_id() = acknowledge.framework_id();
    *acknowledged.mutable_task_id() = acknowledge.task_id();
    acknowledged.set_uuid(acknowledge.uuid());
    effects.push_back(Checkpoint{std::move(record)});
  }
  if (!task->unacknowledged.empty()) {
    send_front(*task, effects);
  } else if (task->phase == TaskPhase::Ended) {
    remove_task(task->key, effects);
  }
}

void AgentCore::tear_down(const std::string& framework_id, Effects& effects) {
  // A framework may be known here only by tasks that never arrived: there is nothing to remember, but their updates end.
  const auto framework = frameworks_.find(framework_id);
  if (framework != frameworks_.end() && !framework->second.is_torn_down) {
    framework->second.is_torn_down = true;
    CheckpointRecord record;
    record.mutable_framework_torn_down()->set_value(framework_id);
    effects.push_back(Checkpoint{std::move(record)});
  }
  std::vector<TaskKey> ended;
  for (auto& [key, task] : tasks_) {
    if (key.first != framework_id) continue;
    task.is_discarded = true;
    task.unacknowledged.clear();
    task.resend_at.reset();
    if (task.phase == TaskPhase::Ended) {
      ended.push_back(key);
    } else {
      effects.push_back(DestroyContainer{task.container_id});
    }
  }
  for (const auto& key : ended) remove_task(key, effects);
}

void AgentCore::drop_lost_task(const AgentEvent::LostTask& lost, Effects& effects) {
  const TaskKey key{lost.framework_id().value(), lost.task_id().value()};
  if (tasks_.contains(key)) return;
  Task& task = tasks_[key];
  task.key = key;
  task.is_ghost = true;
  task.phase = TaskPhase::Ended;
  task.info.set_name(key.second);
  *task.info.mutable_task_id() = lost.task_id();
  *task.info.mutable_agent_id() = *agent_id_;
  add_update(task,
             {lost.partition_aware() ? mesos::v1::TASK_DROPPED : mesos::v1::TASK_LOST, TaskStatus::SOURCE_AGENT,
              TaskStatus::REASON_RECONCILIATION, "The task is unknown to the agent"},
             effects);
}

Effects AgentCore::tick() {
  Effects effects;
  const MonotonicTime now = clock_.monotonic();
  for (auto& [key, task] : tasks_) {
    if (task.resend_at && *task.resend_at <= now && is_subscribed()) {
      const auto after = std::min<std::chrono::nanoseconds>(task.resend_after * 2, kLongestResend);
      send_front(task, effects);
      task.resend_after = after;
      task.resend_at = now + after;
      ++counters_.updates_resent;
    }
    if (task.completion_deadline && *task.completion_deadline <= now) {
      task.completion_deadline.reset();
      task.is_overdue = true;
      effects.push_back(DestroyContainer{task.container_id});
    }
  }
  return effects;
}

std::optional<MonotonicTime> AgentCore::next_deadline() const {
  std::optional<MonotonicTime> next;
  const auto consider = [&next](const std::optional<MonotonicTime>& time) {
    if (time && (!next || *time < *next)) next = time;
  };
  for (const auto& [key, task] : tasks_) {
    if (is_subscribed()) consider(task.resend_at);
    consider(task.completion_deadline);
  }
  return next;
}

Effects AgentCore::destroy_all() {
  Effects effects;
  for (auto& [key, task] : tasks_) {
    task.is_discarded = true;
    if (task.phase != TaskPhase::Ended) effects.push_back(DestroyContainer{task.container_id});
  }
  return effects;
}

}  // namespace tepui::agent

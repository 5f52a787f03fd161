// The part of AgentCore that follows containers and writes status updates.
#include <algorithm>

#include "agent/core/agent_core.hpp"
#include "lib/base/uuid.hpp"

namespace tepui::agent {

using mesos::v1::TaskStatus;
using tepui::v1::AgentCall;

Effects AgentCore::recover(const std::vector<RecoveredContainer>& containers) {
  Effects effects;
  std::map<std::string, RecoveredContainer> found;
  for (const auto& container : containers) found[container.container_id] = container;
  std::vector<TaskKey> keys;
  for (const auto& [key, task] : tasks_) keys.push_back(key);
  for (const auto& key : keys) {
    Task& task = tasks_.at(key);
    const auto container = found.find(task.container_id);
    const bool exists = container != found.end();
    if (is_terminal(task.latest.state())) {
      task.phase = TaskPhase::Ended;
      task_of_container_.erase(task.container_id);
      if (task.unacknowledged.empty() || task.is_discarded) remove_task(key, effects);
      continue;  // its container, if any, is destroyed below
    }
    if (exists) {
      recover_container(task, container->second, effects);
      found.erase(container);
    } else {
      recover_without_container(task, effects);
    }
  }
  for (const auto& [id, container] : found) effects.push_back(DestroyContainer{id});
  std::vector<std::string> idle;
  for (const auto& [id, framework] : frameworks_) {
    const auto first = tasks_.lower_bound({id, std::string()});
    if (first == tasks_.end() || first->first.first != id) idle.push_back(id);
  }
  for (const auto& id : idle) remove_framework(id, effects);
  return effects;
}

void AgentCore::recover_container(Task& task, const RecoveredContainer& container, Effects& effects) {
  task.phase = TaskPhase::Running;
  task.pid = container.pid;
  if (task.is_discarded) {
    effects.push_back(DestroyContainer{task.container_id});
    return;
  }
  const auto state = task.latest.state();
  const bool has_run = state == mesos::v1::TASK_RUNNING || state == mesos::v1::TASK_KILLING;
  if (container.is_running) {
    if (!has_run) add_update(task, {mesos::v1::TASK_RUNNING, TaskStatus::SOURCE_EXECUTOR, std::nullopt, {}}, effects);
    start_completion_timer(task);
  }
  if (task.kill_grace) effects.push_back(KillContainer{task.container_id, *task.kill_grace});
}

void AgentCore::recover_without_container(Task& task, Effects& effects) {
  const auto state = task.latest.state();
  const bool has_run = state == mesos::v1::TASK_RUNNING || state == mesos::v1::TASK_KILLING;
  if (has_run || task.is_discarded) {
    ContainerEnd end;
    end.message = "The container was gone when the agent restarted";
    end_task(task, facts_of(end, task.kill_grace.has_value()), effects);
  } else if (task.kill_grace) {
    end_task(task, killed_during_launch(), effects);
  } else {
    // Nothing of it ever ran: the containerizer makes its plan durable before it starts anything. A container id is never
    // used twice, since a sandbox may be there already.
    task.phase = TaskPhase::Launching;
    task_of_container_.erase(task.container_id);
    name_container(task, effects);
    if (state == mesos::v1::TASK_STAGING) {
      add_update(task, {mesos::v1::TASK_STARTING, TaskStatus::SOURCE_EXECUTOR, std::nullopt, {}}, effects);
    }
    const auto agent_id = agent_id_ ? *agent_id_ : task.info.agent_id();
    effects.push_back(LaunchContainer{task.container_id, agent_id, frameworks_[task.key.first].info, task.info});
  }
}

Effects AgentCore::container_running(const std::string& container_id, int pid) {
  Effects effects;
  Task* const task = find_container(container_id);
  if (task == nullptr || task->phase != TaskPhase::Launching) return effects;
  task->phase = TaskPhase::Running;
  task->pid = pid;
  if (task->is_discarded) return effects;
  add_update(*task, {mesos::v1::TASK_RUNNING, TaskStatus::SOURCE_EXECUTOR, std::nullopt, {}}, effects);
  start_completion_timer(*task);
  return effects;
}

Effects AgentCore::container_launch_failed(const std::string& container_id, const FailedLaunch& failure) {
  Effects effects;
  Task* const task = find_container(container_id);
  if (task != nullptr && task->kill_grace) {
    end_task(*task, killed_during_launch(), effects);
  } else if (task != nullptr) {
    end_task(*task, {mesos::v1::TASK_FAILED, TaskStatus::SOURCE_AGENT, failure.reason, failure.message}, effects);
  }
  effects.push_back(ForgetContainer{container_id});
  return effects;
}

Effects AgentCore::container_terminated(const std::string& container_id, const ContainerEnd& end) {
  Effects effects;
  Task* const task = find_container(container_id);
  if (task != nullptr && task->is_overdue) {
    end_task(*task,
             {mesos::v1::TASK_FAILED, TaskStatus::SOURCE_EXECUTOR, TaskStatus::REASON_MAX_COMPLETION_TIME_REACHED,
              "The task ran longer than its max_completion_time"},
             effects);
  } else if (task != nullptr) {
    end_task(*task, facts_of(end, task->kill_grace.has_value()), effects);
  }
  effects.push_back(ForgetContainer{container_id});
  return effects;
}

StatusFacts AgentCore::killed_during_launch() {
  return {mesos::v1::TASK_KILLED, TaskStatus::SOURCE_AGENT, TaskStatus::REASON_TASK_KILLED_DURING_LAUNCH,
          "The task was killed before it ran"};
}

void AgentCore::start_completion_timer(Task& task) {
  if (!task.info.has_max_completion_time()) return;
  // The RUNNING status carries the wall time at which it began; a restart does not start the count again.
  const auto allowed = std::chrono::nanoseconds(task.info.max_completion_time().nanoseconds());
  const std::chrono::duration<double> since(to_epoch_seconds(clock_.wall()) - task.latest.timestamp());
  const auto passed = std::max(std::chrono::duration_cast<std::chrono::nanoseconds>(since), std::chrono::nanoseconds(0));
  const auto left = std::max(allowed - passed, std::chrono::nanoseconds(0));
  task.completion_deadline = clock_.monotonic() + std::chrono::duration_cast<MonotonicTime::duration>(left);
}

void AgentCore::add_update(Task& task, const StatusFacts& facts, Effects& effects) {
  if (is_terminal(task.latest.state()) && task.latest.has_uuid()) return;
  task.latest = make_status(task, facts);
  ++counters_.updates_made;
  if (!task.is_ghost) {
    CheckpointRecord record;
    record.mutable_update()->mutable_framework_id()->set_value(task.key.first);
    *record.mutable_update()->mutable_status() = task.latest;
    effects.push_back(Checkpoint{std::move(record)});
  }
  task.unacknowledged.push_back(task.latest);
  if (task.unacknowledged.size() == 1) send_front(task, effects);
}

void AgentCore::send_front(Task& task, Effects& effects) {
  if (!is_subscribed() || task.unacknowledged.empty() || task.is_discarded) return;
  AgentCall call;
  call.set_type(AgentCall::UPDATE);
  *call.mutable_agent_id() = *agent_id_;
  auto& update = *call.mutable_update();
  update.mutable_framework_id()->set_value(task.key.first);
  *update.mutable_status() = task.unacknowledged.front();
  update.set_latest_state(task.latest.state());
  effects.push_back(SendToMaster{std::move(call)});
  task.resend_after = kFirstResend;
  task.resend_at = clock_.monotonic() + kFirstResend;
}

void AgentCore::end_task(Task& task, const StatusFacts& facts, Effects& effects) {
  if (task.phase == TaskPhase::Ended) return;
  task.phase = TaskPhase::Ended;
  task.completion_deadline.reset();
  task_of_container_.erase(task.container_id);
  if (task.is_discarded) {
    const TaskKey key = task.key;
    task.latest.set_state(mesos::v1::TASK_KILLED);
    remove_task(key, effects);
    return;
  }
  switch (facts.state) {
    case mesos::v1::TASK_FINISHED: ++counters_.tasks_finished; break;
    case mesos::v1::TASK_KILLED: ++counters_.tasks_killed; break;
    case mesos::v1::TASK_LOST:
    case mesos::v1::TASK_DROPPED: ++counters_.tasks_lost; break;
    default: ++counters_.tasks_failed; break;
  }
  add_update(task, facts, effects);
}

void AgentCore::remove_task(const TaskKey& key, Effects& effects) {
  const auto found = tasks_.find(key);
  const TaskKey removed = found->first;  // `key` may live inside the task
  if (!found->second.is_ghost) {
    CheckpointRecord record;
    record.mutable_task_removed()->mutable_framework_id()->set_value(removed.first);
    record.mutable_task_removed()->mutable_task_id()->set_value(removed.second);
    effects.push_back(Checkpoint{std::move(record)});
    const auto framework = frameworks_.find(removed.first);
    completed_.push_back({removed, found->second.info, found->second.container_id, found->second.latest,
                          framework == frameworks_.end() ? mesos::v1::FrameworkInfo() : framework->second.info});
    if (completed_.size() > kCompletedTasksKept) completed_.pop_front();
  }
  tasks_.erase(found);
  const auto next = tasks_.lower_bound({removed.first, std::string()});
  if (next == tasks_.end() || next->first.first != removed.first) remove_framework(removed.first, effects);
  leave_when_empty(effects);
}

void AgentCore::remove_framework(const std::string& framework_id, Effects& effects) {
  if (frameworks_.erase(framework_id) == 0) return;
  CheckpointRecord record;
  record.mutable_framework_removed()->set_value(framework_id);
  effects.push_back(Checkpoint{std::move(record)});
}

TaskStatus AgentCore::make_status(const Task& task, const StatusFacts& facts) {
  TaskStatus status;
  status.mutable_task_id()->set_value(task.key.second);
  status.set_state(facts.state);
  status.set_source(facts.source);
  if (facts.reason) status.set_reason(*facts.reason);
  if (!facts.message.empty()) status.set_message(facts.message);
  if (agent_id_) *status.mutable_agent_id() = *agent_id_;
  status.mutable_executor_id()->set_value(task.key.second);
  status.set_timestamp(to_epoch_seconds(clock_.wall()));
  status.set_uuid(Uuid::random(random_).to_bytes());
  if (task.is_ghost) return status;
  auto& container = *status.mutable_container_status();
  container.mutable_container_id()->set_value(task.container_id);
  if (task.pid > 0) container.set_executor_pid(static_cast<std::uint32_t>(task.pid));
  container.add_network_infos()->add_ip_addresses()->set_ip_address(config_.ip);
  return status;
}

AgentCall AgentCore::make_subscribe() const {
  AgentCall call;
  call.set_type(AgentCall::SUBSCRIBE);
  if (agent_id_) *call.mutable_agent_id() = *agent_id_;
  auto& subscribe = *call.mutable_subscribe();
  *subscribe.mutable_agent_info() = agent_info();
  subscribe.set_version(config_.version);
  subscribe.set_ip(config_.ip);
  subscribe.set_port(config_.port);
  subscribe.set_boot_id(config_.boot_id);
  std::set<std::string> frameworks;
  for (const auto& [key, task] : tasks_) {
    if (task.is_ghost || task.is_discarded) continue;
    auto& told = *subscribe.add_tasks();
    told.mutable_framework_id()->set_value(key.first);
    *told.mutable_task() = task.info;
    *told.mutable_status() = task.latest;
    if (frameworks.insert(key.first).second) *subscribe.add_frameworks() = frameworks_.at(key.first).info;
  }
  return call;
}

mesos::v1::AgentInfo AgentCore::agent_info() const {
  mesos::v1::AgentInfo info = config_.agent_info;
  info.clear_id();
  if (agent_id_) *info.mutable_id() = *agent_id_;
  return info;
}

Task* AgentCore::find(const std::string& framework_id, const std::string& task_id) {
  const auto found = tasks_.find({framework_id, task_id});
  return found == tasks_.end() ? nullptr : &found->second;
}

Task* AgentCore::find_container(const std::string& container_id) {
  const auto found = task_of_container_.find(container_id);
  return found == task_of_container_.end() ? nullptr : &tasks_.at(found->second);
}

bool AgentCore::has_capability(const Task& task, mesos::v1::FrameworkInfo::Capability::Type type) const {
  const auto found = frameworks_.find(task.key.first);
  if (found == frameworks_.end()) return false;
  const auto& capabilities = found->second.info.capabilities();
  return std::any_of(capabilities.begin(), capabilities.end(),
                     [type](const auto& capability) { return capability.type() == type; });
}

}  // namespace tepui::agent

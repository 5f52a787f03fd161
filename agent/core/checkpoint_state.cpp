#include "agent/core/checkpoint_state.hpp"

#include <algorithm>
#include <string_view>

#include "lib/base/try.hpp"

namespace tepui::agent {
namespace {

Error unknown_task(const TaskKey& key) {
  return Error(ErrorCode::DataLoss,
               "apply checkpoint record: task '" + key.second + "' of framework '" + key.first + "' was never launched");
}

}  // namespace

Result<CheckpointedTask*> CheckpointState::task_of(const mesos::v1::FrameworkID& framework_id,
                                                   const mesos::v1::TaskID& task_id) {
  const TaskKey key{framework_id.value(), task_id.value()};
  const auto found = tasks_.find(key);
  if (found == tasks_.end()) return unknown_task(key);
  return &found->second;
}

Result<void> CheckpointState::apply_task_record(const CheckpointRecord& record) {
  if (record.has_task_launched()) {
    const auto& launched = record.task_launched();
    const TaskKey key{launched.framework_id().value(), launched.task().task_id().value()};
    auto& task = tasks_[key];  // a second one: the same task in another container, after a crash before the first ran
    task.task = launched.task();
    task.container_id = launched.container_id();
    return ok();
  }
  if (record.has_update()) {
    const auto& update = record.update();
    TEPUI_ASSIGN(CheckpointedTask* const task, task_of(update.framework_id(), update.status().task_id()));
    task->updates.push_back(update.status());
    return ok();
  }
  if (record.has_acknowledgement()) {
    const auto& acknowledgement = record.acknowledgement();
    TEPUI_ASSIGN(CheckpointedTask* const task, task_of(acknowledgement.framework_id(), acknowledgement.task_id()));
    if (task->acknowledged < task->updates.size() &&
        task->updates[task->acknowledged].uuid() == acknowledgement.uuid()) {
      ++task->acknowledged;
    }
    return ok();
  }
  if (record.has_task_kill()) {
    const auto& kill = record.task_kill();
    TEPUI_ASSIGN(CheckpointedTask* const task, task_of(kill.framework_id(), kill.task_id()));
    const std::chrono::nanoseconds grace(kill.grace_ns());
    task->kill_grace = task->kill_grace ? std::min(*task->kill_grace, grace) : grace;
    return ok();
  }
  const auto& removed = record.task_removed();
  tasks_.erase({removed.framework_id().value(), removed.task_id().value()});
  return ok();
}

Result<void> CheckpointState::apply(const CheckpointRecord& record) {
  if (record.has_agent()) {
    agent_ = record.agent();
  } else if (record.has_agent_forgotten()) {
    agent_.reset();
  } else if (record.has_framework()) {
    frameworks_[record.framework().id().value()].info = record.framework();
  } else if (record.has_framework_torn_down()) {
    const auto found = frameworks_.find(record.framework_torn_down().value());
    if (found != frameworks_.end()) found->second.is_torn_down = true;
  } else if (record.has_framework_removed()) {
    frameworks_.erase(record.framework_removed().value());
  } else if (record.has_container()) {
    containers_[record.container().container_id()] = record.container().data();
  } else if (record.has_container_removed()) {
    containers_.erase(record.container_removed().container_id());
  } else if (record.has_task_launched() || record.has_update() || record.has_acknowledgement() ||
             record.has_task_kill() || record.has_task_removed()) {
    return apply_task_record(record);
  } else {
    return Error(ErrorCode::DataLoss, "apply checkpoint record: it says nothing this version knows");
  }
  return ok();
}

namespace {

void append_task_records(const TaskKey& key, const CheckpointedTask& task, std::vector<CheckpointRecord>& records) {
  auto& launched = *records.emplace_back().mutable_task_launched();
  launched.mutable_framework_id()->set_value(key.first);
  *launched.mutable_task() = task.task;
  launched.set_container_id(task.container_id);
  if (task.kill_grace) {
    auto& kill = *records.emplace_back().mutable_task_kill();
    kill.mutable_framework_id()->set_value(key.first);
    kill.mutable_task_id()->set_value(key.second);
    kill.set_grace_ns(task.kill_grace->count());
  }
  // Of what is acknowledged only the newest still says something: the task's state.
  for (std::size_t i = task.acknowledged == 0 ? 0 : task.acknowledged - 1; i < task.updates.size(); ++i) {
    auto& update = *records.emplace_back().mutable_update();
    update.mutable_framework_id()->set_value(key.first);
    *update.mutable_status() = task.updates[i];
    if (i >= task.acknowledged) continue;
    auto& acknowledgement = *records.emplace_back().mutable_acknowledgement();
    acknowledgement.mutable_framework_id()->set_value(key.first);
    acknowledgement.mutable_task_id()->set_value(key.second);
    acknowledgement.set_uuid(task.updates[i].uuid());
  }
}

}  // namespace

std::vector<CheckpointRecord> CheckpointState::to_records() const {
  std::vector<CheckpointRecord> records;
  if (agent_) *records.emplace_back().mutable_agent() = *agent_;
  for (const auto& [id, framework] : frameworks_) {
    *records.emplace_back().mutable_framework() = framework.info;
    if (framework.is_torn_down) records.emplace_back().mutable_framework_torn_down()->set_value(id);
  }
  for (const auto& [key, task] : tasks_) append_task_records(key, task, records);
  for (const auto& [id, data] : containers_) {
    auto& container = *records.emplace_back().mutable_container();
    container.set_container_id(id);
    container.set_data(data);
  }
  return records;
}

}  // namespace tepui::agent

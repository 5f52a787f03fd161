#include "master/core/task_status.hpp"

#include <array>

namespace tepui::master {
namespace {

/// In the order of TaskState.
constexpr std::array<mesos::v1::TaskState, kTaskStates> kWireStates = {
    mesos::v1::TASK_STAGING, mesos::v1::TASK_STARTING, mesos::v1::TASK_RUNNING,     mesos::v1::TASK_KILLING,
    mesos::v1::TASK_FINISHED, mesos::v1::TASK_FAILED,  mesos::v1::TASK_KILLED,      mesos::v1::TASK_ERROR,
    mesos::v1::TASK_LOST,    mesos::v1::TASK_DROPPED,  mesos::v1::TASK_UNREACHABLE, mesos::v1::TASK_GONE,
    mesos::v1::TASK_GONE_BY_OPERATOR};

}  // namespace

std::optional<TaskState> model_task_state(mesos::v1::TaskState state) {
  for (std::size_t i = 0; i < kWireStates.size(); ++i) {
    if (kWireStates[i] == state) return static_cast<TaskState>(i);
  }
  return std::nullopt;
}

std::optional<TaskState> agent_told_state(mesos::v1::TaskState state) {
  const auto known = model_task_state(state);
  if (known == TaskState::Unreachable || known == TaskState::GoneByOperator) return std::nullopt;
  return known;
}

mesos::v1::TaskState wire_task_state(TaskState state) { return kWireStates.at(static_cast<std::size_t>(state)); }

mesos::v1::TaskStatus master_status(const Cluster& cluster, const std::string& task_id, const std::string& agent_id,
                                    mesos::v1::TaskState state, mesos::v1::TaskStatus::Reason reason,
                                    const std::string& message) {
  mesos::v1::TaskStatus status;
  status.mutable_task_id()->set_value(task_id);
  status.set_state(state);
  if (!agent_id.empty()) status.mutable_agent_id()->set_value(agent_id);
  status.set_source(mesos::v1::TaskStatus::SOURCE_MASTER);
  status.set_reason(reason);
  if (!message.empty()) status.set_message(message);
  status.set_timestamp(cluster.wall_seconds());
  return status;
}

mesos::v1::TaskState state_for(const Framework& framework, mesos::v1::TaskState state) {
  if (framework.is_partition_aware()) return state;
  switch (state) {
    case mesos::v1::TASK_DROPPED:
    case mesos::v1::TASK_UNREACHABLE:
    case mesos::v1::TASK_GONE:
    case mesos::v1::TASK_GONE_BY_OPERATOR:
    case mesos::v1::TASK_UNKNOWN: return mesos::v1::TASK_LOST;
    default: return state;
  }
}

void send_status(Cluster& cluster, const Framework& framework, const mesos::v1::TaskStatus& status) {
  mesos::v1::scheduler::Event event;
  event.set_type(mesos::v1::scheduler::Event::UPDATE);
  *event.mutable_update()->mutable_status() = status;
  cluster.outbox.send(framework, std::move(event));
}

}  // namespace tepui::master

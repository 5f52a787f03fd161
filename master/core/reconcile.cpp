#include "master/core/reconcile.hpp"

#include <algorithm>

#include "master/core/task_status.hpp"

namespace tepui::master {
namespace {

void tell_latest(Cluster& cluster, const Framework& framework, const Task& task) {
  mesos::v1::TaskStatus status = task.status;
  status.clear_uuid();
  status.clear_data();
  status.mutable_agent_id()->set_value(task.agent_id);
  status.set_source(mesos::v1::TaskStatus::SOURCE_MASTER);
  status.set_reason(mesos::v1::TaskStatus::REASON_RECONCILIATION);
  status.set_message("Reconciliation: Latest task state");
  status.set_timestamp(cluster.wall_seconds());
  send_status(cluster, framework, status);
}

bool is_any_agent_awaited(const Cluster& cluster) {
  const auto& agents = cluster.agents.all();
  return std::any_of(agents.begin(), agents.end(),
                     [](const auto& entry) { return entry.second.state == AgentState::Recovered; });
}

}  // namespace

void reconcile_task(Cluster& cluster, const Framework& framework, const std::string& task_id,
                    const std::string& agent_id) {
  if (const Task* task = cluster.tasks.find(framework.id, task_id)) {
    tell_latest(cluster, framework, *task);
    return;
  }
  const auto answer = [&](mesos::v1::TaskState state, const std::string& message, double unreachable_time = 0) {
    mesos::v1::TaskStatus status =
        master_status(cluster, task_id, agent_id, state_for(framework, state),
                      mesos::v1::TaskStatus::REASON_RECONCILIATION, "Reconciliation: " + message);
    if (unreachable_time > 0) {
      status.mutable_unreachable_time()->set_nanoseconds(static_cast<std::int64_t>(unreachable_time * 1e9));
    }
    send_status(cluster, framework, status);
  };
  if (agent_id.empty()) {
    if (!is_any_agent_awaited(cluster)) answer(mesos::v1::TASK_UNKNOWN, "Task is unknown");
    return;
  }
  const Agent* agent = cluster.agents.find(agent_id);
  if (agent == nullptr) {
    answer(mesos::v1::TASK_UNKNOWN, "Task and agent are unknown");
    return;
  }
  switch (agent->state) {
    case AgentState::Recovered: return;
    case AgentState::Registered:
    case AgentState::Disconnected: answer(mesos::v1::TASK_GONE, "Task is unknown to the agent"); return;
    case AgentState::Unreachable:
      answer(mesos::v1::TASK_UNREACHABLE, "Task is unreachable", agent->unreachable_time);
      return;
    case AgentState::Removed:
    case AgentState::Gone: answer(mesos::v1::TASK_GONE_BY_OPERATOR, "Task is gone with its agent"); return;
  }
}

void reconcile(Cluster& cluster, const Framework& framework, const mesos::v1::scheduler::Call::Reconcile& call) {
  if (call.tasks_size() == 0) {
    const Tasks& tasks = cluster.tasks;
    for (const Task* task : tasks.of_framework(framework.id)) tell_latest(cluster, framework, *task);
    return;
  }
  for (const auto& task : call.tasks()) {
    reconcile_task(cluster, framework, task.task_id().value(), task.agent_id().value());
  }
}

}  // namespace tepui::master

#include "master/core/agent_tasks.hpp"

#include <set>

#include <fmt/format.h>

#include "master/core/agent_link.hpp"
#include "master/core/task_status.hpp"
#include "master/core/task_updates.hpp"
#include "master/core/wire_resources.hpp"

namespace tepui::master {
namespace {

using tepui::v1::AgentTask;

/// Ports and items that something else on the agent holds already count once, whatever an agent says.
Resources not_yet_held(const Agent& agent, const Resources& resources) {
  Resources result;
  for (const auto& [identity, value] : resources.entries()) {
    Resources one(Resource{identity, value});
    if (kind_of(value) != ValueKind::Scalar) one = one.minus(agent.held.allocated_to(identity.allocation_role));
    result += one;
  }
  return result;
}

/// Resources count as allocated to the framework's first role where the agent's word has no role.
Resources held_by(const Framework& framework, const mesos::v1::TaskInfo& info) {
  const auto resources = resources_from_wire(info.resources());
  if (!resources) return {};
  Resources held;
  for (const auto& [identity, value] : resources->entries()) {
    Resource resource{identity, value};
    if (resource.identity.allocation_role.empty()) {
      resource.identity.allocation_role = framework.roles.empty() ? std::string(kUnreserved) : *framework.roles.begin();
    }
    held.add(resource);
  }
  return held;
}

void add_task(Cluster& cluster, Agent& agent, const Framework& framework, const AgentTask& told) {
  Task task;
  task.id = told.task().task_id().value();
  task.framework_id = framework.id;
  task.agent_id = agent.id;
  task.info = told.task();
  task.resources = not_yet_held(agent, held_by(framework, told.task()));
  task.state = agent_told_state(told.status().state()).value_or(TaskState::Staging);
  task.status = told.status();
  task.is_holding = !is_terminal(task.state);
  if (task.is_holding) cluster.hold(agent, framework.id, task.resources);
  cluster.tasks.add(std::move(task));
}

void refresh_task(Cluster& cluster, Agent& agent, Task& task, const AgentTask& told) {
  const auto state = agent_told_state(told.status().state());
  if (!state) return;
  const bool was_out_of_sight = task.state == TaskState::Unreachable;
  if (!kTaskLifecycle.at(task.state, event_reporting(*state))) return;
  task.state = *state;
  // The update itself is sent by the agent until it is acknowledged; only what the master made up is corrected here.
  if (was_out_of_sight) task.status = told.status();
  if (is_terminal(task.state)) {
    cluster.release_task(task);
  } else if (!task.is_holding) {
    task.is_holding = true;
    task.resources = not_yet_held(agent, task.resources);
    cluster.hold(agent, task.framework_id, task.resources);
  }
}

void kill_stray(Cluster& cluster, const Agent& agent, const TaskKey& key) {
  tepui::v1::AgentEvent event;
  event.set_type(tepui::v1::AgentEvent::KILL);
  event.mutable_kill()->mutable_framework_id()->set_value(key.first);
  event.mutable_kill()->mutable_task_id()->set_value(key.second);
  cluster.outbox.send(agent, std::move(event));
}

}  // namespace

LearnedTasks learn_tasks(Cluster& cluster, Agent& agent, const tepui::v1::AgentCall::Subscribe& subscribe,
                         tepui::v1::AgentEvent::Subscribed& answer) {
  std::set<TaskKey> named;
  LearnedTasks learned;
  for (const AgentTask& told : subscribe.tasks()) {
    const TaskKey key{told.framework_id().value(), told.task().task_id().value()};
    named.insert(key);
    const Framework* framework = cluster.frameworks.find(key.first);
    if (framework == nullptr) continue;  // completed: the answer says so
    Task* task = cluster.tasks.find(key.first, key.second);
    if (task == nullptr) {
      add_task(cluster, agent, *framework, told);
    } else if (task->agent_id == agent.id) {
      refresh_task(cluster, agent, *task, told);
    } else {
      learned.strays.push_back(key);
      continue;
    }
    learned.present.push_back(key);
  }
  for (Task* task : cluster.tasks.on_agent(agent.id)) {
    if (named.count({task->framework_id, task->id}) > 0) continue;
    if (is_terminal(task->state)) {
      forget_task(cluster, *task);
      continue;
    }
    auto& lost = *answer.add_lost_tasks();
    lost.mutable_framework_id()->set_value(task->framework_id);
    lost.mutable_task_id()->set_value(task->id);
    const Framework* framework = cluster.frameworks.find(task->framework_id);
    lost.set_partition_aware(framework != nullptr && framework->is_partition_aware());
  }
  return learned;
}

void tell_returned_tasks(Cluster& cluster, const std::vector<TaskKey>& returned) {
  for (const TaskKey& key : returned) {
    const Task* task = cluster.tasks.find(key.first, key.second);
    const Framework* framework = cluster.frameworks.find(key.first);
    if (task == nullptr || framework == nullptr || is_terminal(task->state)) continue;
    mesos::v1::TaskStatus status = task->status;
    status.clear_uuid();
    status.clear_data();
    status.mutable_agent_id()->set_value(task->agent_id);
    status.set_source(mesos::v1::TaskStatus::SOURCE_MASTER);
    status.set_reason(mesos::v1::TaskStatus::REASON_AGENT_REREGISTERED);
    status.set_message("Task is back with its agent");
    status.set_timestamp(cluster.wall_seconds());
    send_status(cluster, *framework, status);
  }
}

void repeat_kills(Cluster& cluster, Agent& agent, const std::vector<TaskKey>& strays) {
  for (const TaskKey& key : strays) kill_stray(cluster, agent, key);
  for (Task* task : cluster.tasks.on_agent(agent.id)) {
    if (task->is_kill_requested && !is_terminal(task->state)) request_kill(cluster, *task, nullptr);
  }
}

void lose_sight_of_task(Cluster& cluster, Task& task) {
  if (is_terminal(task.state)) {
    forget_task(cluster, task);
    return;
  }
  cluster.release_task(task);
  task.state = TaskState::Unreachable;
  const Framework* framework = cluster.frameworks.find(task.framework_id);
  if (framework == nullptr) return;
  const Agent* agent = cluster.agents.find(task.agent_id);
  task.status = master_status(cluster, task.id, task.agent_id, state_for(*framework, mesos::v1::TASK_UNREACHABLE),
                              mesos::v1::TaskStatus::REASON_AGENT_REMOVED,
                              fmt::format("Agent {} is unreachable", agent->info.hostname()));
  task.status.mutable_unreachable_time()->set_nanoseconds(static_cast<std::int64_t>(agent->unreachable_time * 1e9));
  send_status(cluster, *framework, task.status);
}

void forget_oldest_unreachable(Cluster& cluster) {
  std::size_t count = 0;
  Agent* oldest = nullptr;
  for (auto& [id, agent] : cluster.agents.all()) {
    if (agent.state != AgentState::Unreachable) continue;
    ++count;
    if (oldest == nullptr || agent.unreachable_time < oldest->unreachable_time) oldest = &agent;
  }
  if (count > cluster.config.max_unreachable_agents) {
    remove_agent(cluster, *oldest, "it was unreachable for longer than all others");
  }
}

}  // namespace tepui::master

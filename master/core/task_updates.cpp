#include "master/core/task_updates.hpp"

#include "master/core/task_status.hpp"

namespace tepui::master {
namespace {

/// Staging is where a task begins; nothing is updated to it.
bool may_agent_report(mesos::v1::TaskState state) {
  const auto told = agent_told_state(state);
  return told && *told != TaskState::Staging;
}

void record(Cluster& cluster, Task& task, const tepui::v1::AgentCall::Update& update) {
  const mesos::v1::TaskState latest = update.has_latest_state() ? update.latest_state() : update.status().state();
  const auto state = model_task_state(may_agent_report(latest) ? latest : update.status().state());
  const auto told = model_task_state(task.status.state());
  if (!told || !is_terminal(*told)) task.status = update.status();
  if (!kTaskLifecycle.at(task.state, event_reporting(*state))) return;
  task.state = *state;
  if (is_terminal(task.state)) cluster.release_task(task);
}

}  // namespace

void apply_update(Cluster& cluster, Agent& agent, const tepui::v1::AgentCall::Update& update) {
  ++cluster.counters.status_updates;
  const std::string& framework_id = update.framework_id().value();
  const Framework* framework = cluster.frameworks.find(framework_id);
  if (framework == nullptr || !may_agent_report(update.status().state())) {
    ++cluster.counters.invalid_status_updates;
    if (framework == nullptr && cluster.frameworks.is_completed(framework_id)) {
      tepui::v1::AgentEvent event;
      event.set_type(tepui::v1::AgentEvent::TEARDOWN);
      event.mutable_teardown()->mutable_framework_id()->set_value(framework_id);
      cluster.outbox.send(agent, std::move(event));
    }
    return;
  }
  Task* task = cluster.tasks.find(framework_id, update.status().task_id().value());
  // A task that is unknown here was acknowledged and forgotten, and the acknowledgement got lost: the framework says it again.
  if (task != nullptr && task->agent_id == agent.id) record(cluster, *task, update);
  mesos::v1::TaskStatus status = update.status();
  status.mutable_agent_id()->set_value(agent.id);
  send_status(cluster, *framework, status);
}

void acknowledge(Cluster& cluster, const Framework& framework, const mesos::v1::scheduler::Call::Acknowledge& call) {
  const Agent* agent = cluster.agents.find(call.agent_id().value());
  if (agent == nullptr || !agent->is_registered()) {
    ++cluster.counters.dropped_calls;
    return;
  }
  ++cluster.counters.acknowledgements;
  tepui::v1::AgentEvent event;
  event.set_type(tepui::v1::AgentEvent::ACKNOWLEDGE);
  auto& body = *event.mutable_acknowledge();
  body.mutable_framework_id()->set_value(framework.id);
  *body.mutable_task_id() = call.task_id();
  body.set_uuid(call.uuid());
  cluster.outbox.send(*agent, std::move(event));

  Task* task = cluster.tasks.find(framework.id, call.task_id().value());
  if (task == nullptr || task->agent_id != agent->id || task->status.uuid() != call.uuid()) return;
  const auto told = model_task_state(task->status.state());
  if (told && is_terminal(*told)) forget_task(cluster, *task);
}

void conclude_task(Cluster& cluster, Task& task, mesos::v1::TaskState state, mesos::v1::TaskStatus::Reason reason,
                   const std::string& message) {
  const Framework* framework = cluster.frameworks.find(task.framework_id);
  if (framework != nullptr) {
    task.status = master_status(cluster, task.id, task.agent_id, state_for(*framework, state), reason, message);
    send_status(cluster, *framework, task.status);
  }
  if (const auto known = model_task_state(task.status.state())) task.state = *known;
  forget_task(cluster, task);
}

void forget_task(Cluster& cluster, Task& task) {
  cluster.release_task(task);
  ++cluster.counters.tasks_ended[std::string(kTaskLifecycle.name_of(task.state))];
  if (Framework* framework = cluster.frameworks.find(task.framework_id)) {
    framework->completed_tasks.push_back({std::move(task.info), std::move(task.status)});
    while (framework->completed_tasks.size() > cluster.config.max_completed_tasks_per_framework) {
      framework->completed_tasks.pop_front();
    }
  }
  const std::string framework_id = task.framework_id;
  const std::string task_id = task.id;
  cluster.tasks.remove(framework_id, task_id);
}

void request_kill(Cluster& cluster, Task& task, const mesos::v1::KillPolicy* policy) {
  task.is_kill_requested = true;
  if (policy != nullptr) task.kill_policy = *policy;
  const Agent* agent = cluster.agents.find(task.agent_id);
  if (agent == nullptr || !agent->is_registered()) return;
  tepui::v1::AgentEvent event;
  event.set_type(tepui::v1::AgentEvent::KILL);
  auto& body = *event.mutable_kill();
  body.mutable_framework_id()->set_value(task.framework_id);
  body.mutable_task_id()->set_value(task.id);
  if (task.kill_policy) *body.mutable_kill_policy() = *task.kill_policy;
  cluster.outbox.send(*agent, std::move(event));
}

}  // namespace tepui::master

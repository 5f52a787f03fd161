#include "master/core/agent_link.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "master/core/agent_tasks.hpp"
#include "master/core/registry.hpp"
#include "master/core/subscription.hpp"
#include "master/core/task_status.hpp"
#include "master/core/task_updates.hpp"
#include "master/core/wire_resources.hpp"

namespace tepui::master {
namespace {

using tepui::v1::AgentCall;
using tepui::v1::AgentEvent;

MonotonicTime::duration ticks(std::chrono::nanoseconds duration) {
  return std::chrono::duration_cast<MonotonicTime::duration>(duration);
}

/// FAILURE with nothing but the agent's id: it is lost, whoever had something there.
void tell_agent_lost(Cluster& cluster, const std::string& agent_id) {
  for (const auto& [id, framework] : cluster.frameworks.all()) {
    mesos::v1::scheduler::Event event;
    event.set_type(mesos::v1::scheduler::Event::FAILURE);
    event.mutable_failure()->mutable_agent_id()->set_value(agent_id);
    cluster.outbox.send(framework, std::move(event));
  }
}

void rescind_offers(Cluster& cluster, const Agent& agent) {
  for (const std::string& id : cluster.offers.ids_on_agent(agent.id)) cluster.rescind_offer(id);
}

/// Only one process can listen at an address: whoever was known there is gone, and its work directory with it.
void remove_agents_at(Cluster& cluster, const std::string& ip, std::uint32_t port) {
  if (port == 0) return;
  std::vector<std::string> ids;
  for (const auto& [id, agent] : cluster.agents.all()) {
    if (agent.ip == ip && agent.port == port && agent.state != AgentState::Gone) ids.push_back(id);
  }
  for (const std::string& id : ids) {
    remove_agent(cluster, *cluster.agents.find(id), fmt::format("another agent registered at {}:{}", ip, port));
  }
}

/// The agent with this id, made if it is new; what is durable about it is stored when it changes.
Agent& admit(Cluster& cluster, const AgentCall::Subscribe& subscribe, const Resources& total) {
  std::string id = subscribe.agent_info().id().value();
  if (id.empty()) id = fmt::format("{}-S{}", cluster.master_id, cluster.next_agent++);
  Agent* agent = cluster.agents.find(id);
  const bool is_new = agent == nullptr;
  if (is_new) {
    Agent fresh;
    fresh.id = id;
    agent = &cluster.agents.add(std::move(fresh));
    ++cluster.counters.agent_registrations;
  } else {
    ++cluster.counters.agent_reregistrations;
  }
  mesos::v1::AgentInfo info = subscribe.agent_info();
  info.mutable_id()->set_value(id);
  const bool is_changed = is_new || agent->state == AgentState::Unreachable || agent->ip != subscribe.ip() ||
                          agent->port != subscribe.port() ||
                          info.SerializeAsString() != agent->info.SerializeAsString();
  const bool has_other_attributes = !std::equal(
      info.attributes().begin(), info.attributes().end(), agent->info.attributes().begin(),
      agent->info.attributes().end(),
      [](const auto& a, const auto& b) { return a.SerializeAsString() == b.SerializeAsString(); });
  if (has_other_attributes) {
    for (auto& [framework_id, framework] : cluster.frameworks.all()) framework.refused.clear_agent(id);
  }
  agent->info = std::move(info);
  agent->version = subscribe.version();
  agent->ip = subscribe.ip();
  agent->port = static_cast<std::uint16_t>(subscribe.port());
  agent->total = total;
  agent->free = agent->total.minus(agent->held);
  agent->state = AgentState::Registered;
  agent->unreachable_time = 0;
  (agent->registered_time == 0 ? agent->registered_time : agent->reregistered_time) = cluster.wall_seconds();
  if (is_changed) store_agent(cluster, *agent);
  return *agent;
}

void learn_frameworks(Cluster& cluster, const AgentCall::Subscribe& subscribe, AgentEvent::Subscribed& answer) {
  for (const mesos::v1::FrameworkInfo& info : subscribe.frameworks()) {
    const std::string& id = info.id().value();
    if (cluster.frameworks.is_completed(id)) {
      *answer.add_completed_frameworks() = info.id();
    } else if (cluster.frameworks.find(id) == nullptr && !id.empty()) {
      add_recovered_framework(cluster, info);
    }
  }
}

}  // namespace

void subscribe_agent(Cluster& cluster, const AgentCall::Subscribe& subscribe, const StreamId& stream) {
  const std::string& id = subscribe.agent_info().id().value();
  const auto refuse = [&](const std::string& message, bool is_removed = false) {
    ++cluster.counters.refused_subscriptions;
    cluster.outbox.refuse_agent(stream, message, is_removed);
  };
  auto total = resources_from_wire(subscribe.agent_info().resources());
  if (!total) return refuse(total.error().wrap("admit agent").to_string());
  if (auto checked = check_kinds(*total); !checked) return refuse(checked.error().wrap("admit agent").to_string());
  Agent* known = id.empty() ? nullptr : cluster.agents.find(id);
  if (known != nullptr && !kAgentLifecycle.at(known->state, tepui::AgentEvent::Subscribe)) {
    return refuse(fmt::format("admit agent '{}': it was marked gone", id), true);
  }
  if (id.empty()) remove_agents_at(cluster, subscribe.ip(), subscribe.port());
  const bool was_unreachable = known != nullptr && known->state == AgentState::Unreachable;
  if (known != nullptr) {
    rescind_offers(cluster, *known);
    if (!known->stream.empty()) cluster.outbox.close(known->stream, "the agent subscribed again");
  }
  Agent& agent = admit(cluster, subscribe, *total);
  cluster.agents.set_stream(agent, stream);
  cluster.deadlines.clear(DeadlineKind::AgentReregister, agent.id);

  AgentEvent event;
  event.set_type(AgentEvent::SUBSCRIBED);
  auto& answer = *event.mutable_subscribed();
  answer.mutable_agent_id()->set_value(agent.id);
  answer.set_heartbeat_interval_seconds(std::chrono::duration<double>(cluster.config.heartbeat_interval).count());
  *answer.mutable_master_info() = wire_master_info(cluster);
  learn_frameworks(cluster, subscribe, answer);
  const LearnedTasks learned = learn_tasks(cluster, agent, subscribe, answer);
  cluster.outbox.send(agent, std::move(event));
  repeat_kills(cluster, agent, learned.strays);
  if (was_unreachable) tell_returned_tasks(cluster, learned.present);
  cluster.deadlines.set(DeadlineKind::AgentHeartbeat, agent.id, cluster.now() + ticks(cluster.config.heartbeat_interval));
  cluster.refresh_total();
  cluster.want_allocation(std::chrono::nanoseconds::zero());
}

void disconnect_agent(Cluster& cluster, Agent& agent) {
  agent.state = AgentState::Disconnected;
  cluster.agents.set_stream(agent, {});
  rescind_offers(cluster, agent);
  cluster.deadlines.clear(DeadlineKind::AgentHeartbeat, agent.id);
  cluster.deadlines.set(DeadlineKind::AgentReregister, agent.id,
                        cluster.now() + ticks(cluster.config.agent_reregister_timeout));
  cluster.refresh_total();
}

void give_up_agent(Cluster& cluster, Agent& agent) {
  ++cluster.counters.agents_made_unreachable;
  agent.state = AgentState::Unreachable;
  agent.unreachable_time = cluster.wall_seconds();
  cluster.agents.set_stream(agent, {});
  cluster.deadlines.clear(DeadlineKind::AgentReregister, agent.id);
  rescind_offers(cluster, agent);
  store_agent(cluster, agent);
  for (Task* task : cluster.tasks.on_agent(agent.id)) lose_sight_of_task(cluster, *task);
  cluster.refresh_total();
  tell_agent_lost(cluster, agent.id);
  forget_oldest_unreachable(cluster);
}

void remove_agent(Cluster& cluster, Agent& agent, const std::string& reason) {
  ++cluster.counters.agents_removed;
  const std::string id = agent.id;
  const StreamId stream = agent.stream;
  rescind_offers(cluster, agent);
  erase_agent(cluster, id);
  while (true) {
    const auto tasks = cluster.tasks.on_agent(id);
    if (tasks.empty()) break;
    Task& task = *tasks.front();
    if (is_terminal(task.state)) {
      forget_task(cluster, task);
    } else {
      conclude_task(cluster, task, mesos::v1::TASK_GONE, mesos::v1::TaskStatus::REASON_AGENT_REMOVED,
                    fmt::format("Agent {} removed: {}", id, reason));
    }
  }
  cluster.deadlines.clear(DeadlineKind::AgentReregister, id);
  cluster.deadlines.clear(DeadlineKind::AgentHeartbeat, id);
  for (auto& [framework_id, framework] : cluster.frameworks.all()) framework.refused.clear_agent(id);
  cluster.agents.remove(id);
  if (!stream.empty()) cluster.outbox.close(stream, reason);
  cluster.refresh_total();
  tell_agent_lost(cluster, id);
}

void beat_agent(Cluster& cluster, const Agent& agent) {
  AgentEvent event;
  event.set_type(AgentEvent::HEARTBEAT);
  cluster.outbox.send(agent, std::move(event));
  cluster.deadlines.set(DeadlineKind::AgentHeartbeat, agent.id, cluster.now() + ticks(cluster.config.heartbeat_interval));
}

void forward_message(Cluster& cluster, const Agent& agent, const AgentCall::Message& message) {
  const Framework* framework = cluster.frameworks.find(message.framework_id().value());
  if (framework == nullptr) return;
  mesos::v1::scheduler::Event event;
  event.set_type(mesos::v1::scheduler::Event::MESSAGE);
  event.mutable_message()->mutable_agent_id()->set_value(agent.id);
  *event.mutable_message()->mutable_executor_id() = message.executor_id();
  event.mutable_message()->set_data(message.data());
  cluster.outbox.send(*framework, std::move(event));
}

void report_exited_executor(Cluster& cluster, const Agent& agent, const AgentCall::ExitedExecutor& exited) {
  const Framework* framework = cluster.frameworks.find(exited.framework_id().value());
  if (framework == nullptr) return;
  mesos::v1::scheduler::Event event;
  event.set_type(mesos::v1::scheduler::Event::FAILURE);
  event.mutable_failure()->mutable_agent_id()->set_value(agent.id);
  *event.mutable_failure()->mutable_executor_id() = exited.executor_id();
  if (exited.has_status()) event.mutable_failure()->set_status(exited.status());
  cluster.outbox.send(*framework, std::move(event));
}

}  // namespace tepui::master

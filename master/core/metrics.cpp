#include "master/core/metrics.hpp"

#include <algorithm>
#include <cctype>

namespace tepui::master {
namespace {

using Metrics = std::map<std::string, double>;

std::string lower_snake(std::string_view camel) {
  std::string text;
  for (const char c : camel) {
    if (std::isupper(static_cast<unsigned char>(c)) != 0 && !text.empty()) text += '_';
    text += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return text;
}

void add_frameworks(const Cluster& cluster, Metrics& metrics) {
  double connected = 0;
  for (const auto& [id, framework] : cluster.frameworks.all()) connected += framework.is_connected() ? 1 : 0;
  const auto count = static_cast<double>(cluster.frameworks.all().size());
  metrics["master/frameworks_connected"] = connected;
  metrics["master/frameworks_active"] = connected;
  metrics["master/frameworks_disconnected"] = count - connected;
  metrics["master/frameworks_inactive"] = count - connected;
}

void add_agents(const Cluster& cluster, Metrics& metrics) {
  std::map<AgentState, double> states;
  Resources total;
  std::map<std::string, double> used;
  for (const auto& [id, agent] : cluster.agents.all()) {
    ++states[agent.state];
    if (!agent.is_registered()) continue;
    for (const auto& [name, amount] : agent.total.scalar_quantities()) metrics["master/" + name + "_total"] += amount.value();
  }
  for (const auto& [key, task] : cluster.tasks.all()) {
    if (!task.is_holding) continue;
    for (const auto& [name, amount] : task.resources.scalar_quantities()) used[name] += amount.value();
  }
  for (const std::string name : {"cpus", "mem", "disk", "gpus"}) {
    const double all = metrics["master/" + name + "_total"];
    metrics["master/" + name + "_used"] = used[name];
    metrics["master/" + name + "_percent"] = all > 0 ? used[name] / all : 0;
  }
  metrics["master/slaves_active"] = states[AgentState::Registered];
  metrics["master/slaves_connected"] = states[AgentState::Registered];
  metrics["master/slaves_disconnected"] = states[AgentState::Disconnected];
  metrics["master/slaves_inactive"] = states[AgentState::Disconnected];
  metrics["master/slaves_unreachable"] = states[AgentState::Unreachable];
  metrics["tepui_master_agents_recovered"] = states[AgentState::Recovered];
}

void add_tasks(const Cluster& cluster, Metrics& metrics) {
  for (const std::string_view name : kTaskLifecycle.state_names) metrics["master/tasks_" + lower_snake(name)] = 0;
  for (const auto& [key, task] : cluster.tasks.all()) ++metrics["master/tasks_" + lower_snake(kTaskLifecycle.name_of(task.state))];
  for (const auto& [name, count] : cluster.counters.tasks_ended) {
    metrics["master/tasks_" + lower_snake(name)] += static_cast<double>(count);
  }
}

}  // namespace

std::map<std::string, double> metrics_of(const Cluster& cluster) {
  Metrics metrics;
  add_frameworks(cluster, metrics);
  add_agents(cluster, metrics);
  add_tasks(cluster, metrics);
  const Counters& counters = cluster.counters;
  const auto add = [&metrics](const char* name, std::uint64_t value) { metrics[name] = static_cast<double>(value); };
  add("master/outstanding_offers", cluster.offers.all().size());
  add("master/slave_registrations", counters.agent_registrations);
  add("master/slave_reregistrations", counters.agent_reregistrations);
  add("master/slave_removals", counters.agents_removed + counters.agents_made_unreachable);
  add("master/slave_unreachable_completed", counters.agents_made_unreachable);
  add("master/messages_status_update", counters.status_updates);
  add("master/invalid_status_updates", counters.invalid_status_updates);
  add("master/valid_status_updates", counters.status_updates - counters.invalid_status_updates);
  add("master/messages_status_update_acknowledgement", counters.acknowledgements);
  add("master/dropped_messages", counters.dropped_calls);
  add("allocator/mesos/allocation_runs", counters.allocations);
  add("tepui_master_scheduler_calls", counters.scheduler_calls);
  add("tepui_master_refused_calls", counters.refused_calls);
  add("tepui_master_refused_subscriptions", counters.refused_subscriptions);
  add("tepui_master_invalid_tasks", counters.invalid_tasks);
  add("tepui_master_tasks_launched", counters.tasks_launched);
  add("tepui_master_bad_registry_entries", counters.bad_registry_entries);
  add("tepui_master_offers_accepted", cluster.offers.ended(OfferState::Accepted));
  add("tepui_master_offers_declined", cluster.offers.ended(OfferState::Declined));
  add("tepui_master_offers_rescinded", cluster.offers.ended(OfferState::Rescinded));
  metrics["master/elected"] = 1;
  metrics["master/uptime_secs"] = cluster.wall_seconds() - cluster.start_time;
  return metrics;
}

}  // namespace tepui::master

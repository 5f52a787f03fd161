#include "master/core/invariants.hpp"

#include <map>

#include <fmt/format.h>

#include "lib/model/resources_text.hpp"

namespace tepui::master {
namespace {

using HeldByAgent = std::map<std::string, Resources>;

std::optional<std::string> add_offers(const Cluster& cluster, HeldByAgent& held) {
  for (const auto& [id, offer] : cluster.offers.all()) {
    const Framework* framework = cluster.frameworks.find(offer.framework_id);
    if (framework == nullptr || !framework->is_connected()) return fmt::format("offer {} is of a framework that is not connected", id);
    const Agent* agent = cluster.agents.find(offer.agent_id);
    if (agent == nullptr || !agent->is_registered()) return fmt::format("offer {} is of an agent that is not registered", id);
    held[offer.agent_id] += offer.resources.unallocated();
  }
  return std::nullopt;
}

std::optional<std::string> add_tasks(const Cluster& cluster, HeldByAgent& held) {
  for (const auto& [key, task] : cluster.tasks.all()) {
    const std::string name = fmt::format("task {} of {}", task.id, task.framework_id);
    if (cluster.frameworks.find(task.framework_id) == nullptr) return name + " has no framework";
    const Agent* agent = cluster.agents.find(task.agent_id);
    if (agent == nullptr) return name + " has no agent";
    if (is_terminal(task.state) && task.is_holding) return name + " ended and holds resources";
    if (task.state == TaskState::Unreachable && task.is_holding) return name + " is unreachable and holds resources";
    if (task.is_holding) held[task.agent_id] += task.resources.unallocated();
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> broken_invariant(const Cluster& cluster) {
  HeldByAgent held;
  if (auto broken = add_offers(cluster, held)) return broken;
  if (auto broken = add_tasks(cluster, held)) return broken;
  for (const auto& [id, agent] : cluster.agents.all()) {
    const Resources& offered_and_used = held[id];
    if (agent.held != offered_and_used) {
      return fmt::format("agent {}: its ledger says {} is held, offers and tasks hold {}", id,
                         format_resources(agent.held), format_resources(offered_and_used));
    }
    if (agent.is_registered() == agent.stream.empty()) return fmt::format("agent {}: stream and state disagree", id);
    // An agent that came back smaller than what runs on it has nothing free, and no sum to keep.
    if (!agent.total.contains(agent.held)) continue;
    if (agent.held + agent.free != agent.total) {
      return fmt::format("agent {}: held {} and free {} are not its total {}", id, format_resources(agent.held),
                         format_resources(agent.free), format_resources(agent.total));
    }
  }
  return std::nullopt;
}

}  // namespace tepui::master

#include "master/core/registry.hpp"

#include <algorithm>

#include "master/core/framework_validation.hpp"
#include "tepui/v1/registry.pb.h"

namespace tepui::master {
namespace {

constexpr std::string_view kAgents = "agents/";
constexpr std::string_view kFrameworks = "frameworks/";

std::string key_of(std::string_view folder, const std::string& id) { return std::string(folder) + id; }

bool recover_agent(Cluster& cluster, const std::string& bytes) {
  tepui::v1::RegisteredAgent entry;
  if (!entry.ParseFromString(bytes) || entry.info().id().value().empty()) return false;
  Agent agent;
  agent.id = entry.info().id().value();
  agent.info = entry.info();
  agent.ip = entry.ip();
  agent.port = static_cast<std::uint16_t>(entry.port());
  agent.unreachable_time = entry.unreachable_time();
  agent.state = entry.gone()                   ? AgentState::Gone
                : entry.has_unreachable_time() ? AgentState::Unreachable
                                               : AgentState::Recovered;
  if (agent.state == AgentState::Recovered) {
    cluster.deadlines.set(DeadlineKind::AgentReregister, agent.id,
                          cluster.now() + std::chrono::duration_cast<MonotonicTime::duration>(
                                              cluster.config.agent_recovery_timeout));
  }
  cluster.agents.add(std::move(agent));
  return true;
}

struct CompletedEntry {
  double time = 0;
  Framework framework;
};

bool recover_framework(Cluster& cluster, const std::string& bytes, std::vector<CompletedEntry>& completed) {
  tepui::v1::RegisteredFramework entry;
  if (!entry.ParseFromString(bytes) || entry.info().id().value().empty()) return false;
  Framework framework;
  framework.id = entry.info().id().value();
  framework.info = entry.info();
  framework.roles = roles_of(entry.info());
  framework.is_recovered = true;
  framework.unregistered_time = entry.completed() ? entry.completed_time() : cluster.wall_seconds();
  if (entry.completed()) {
    completed.push_back({entry.completed_time(), std::move(framework)});
    return true;
  }
  // Its own time-out counts from the master's start, but never ends before agents had their time to come back.
  const auto own = std::chrono::nanoseconds(static_cast<std::int64_t>(framework.info.failover_timeout() * 1e9));
  const auto wait = std::max(own, cluster.config.agent_recovery_timeout);
  cluster.deadlines.set(DeadlineKind::FrameworkFailover, framework.id,
                        cluster.now() + std::chrono::duration_cast<MonotonicTime::duration>(wait));
  cluster.frameworks.add(std::move(framework));
  return true;
}

}  // namespace

void store_agent(Cluster& cluster, const Agent& agent) {
  tepui::v1::RegisteredAgent entry;
  *entry.mutable_info() = agent.info;
  entry.mutable_info()->mutable_id()->set_value(agent.id);
  entry.set_ip(agent.ip);
  entry.set_port(agent.port);
  if (agent.state == AgentState::Unreachable) entry.set_unreachable_time(agent.unreachable_time);
  if (agent.state == AgentState::Gone) entry.set_gone(true);
  cluster.outbox.store({{{key_of(kAgents, agent.id), entry.SerializeAsString()}}, {}});
}

void erase_agent(Cluster& cluster, const std::string& agent_id) {
  cluster.outbox.store({{}, {key_of(kAgents, agent_id)}});
}

void store_framework(Cluster& cluster, const Framework& framework) {
  tepui::v1::RegisteredFramework entry;
  *entry.mutable_info() = framework.info;
  cluster.outbox.store({{{key_of(kFrameworks, framework.id), entry.SerializeAsString()}}, {}});
}

void store_completed_framework(Cluster& cluster, const Framework& framework, const std::vector<std::string>& forgotten) {
  tepui::v1::RegisteredFramework entry;
  *entry.mutable_info() = framework.info;
  entry.set_completed(true);
  entry.set_completed_time(framework.unregistered_time);
  StoreInRegistry change{{{key_of(kFrameworks, framework.id), entry.SerializeAsString()}}, {}};
  for (const std::string& id : forgotten) change.erases.push_back(key_of(kFrameworks, id));
  cluster.outbox.store(std::move(change));
}

void recover_registry(Cluster& cluster, const RegistryContents& registry) {
  std::vector<CompletedEntry> completed;
  for (const auto& [key, bytes] : registry) {
    bool is_good = true;
    if (key.rfind(kAgents, 0) == 0) is_good = recover_agent(cluster, bytes);
    if (key.rfind(kFrameworks, 0) == 0) is_good = recover_framework(cluster, bytes, completed);
    if (!is_good) ++cluster.counters.bad_registry_entries;
  }
  std::stable_sort(completed.begin(), completed.end(),
                   [](const CompletedEntry& a, const CompletedEntry& b) { return a.time < b.time; });
  for (CompletedEntry& entry : completed) cluster.frameworks.add_completed(std::move(entry.framework));
}

}  // namespace tepui::master

#include "master/core/offering.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "master/core/wire_resources.hpp"

namespace tepui::master {
namespace {

using Capability = mesos::v1::FrameworkInfo::Capability;

mesos::v1::Offer wire_offer(const Cluster& cluster, const Offer& offer, const Framework& framework, const Agent& agent) {
  mesos::v1::Offer wire;
  wire.mutable_id()->set_value(offer.id);
  wire.mutable_framework_id()->set_value(framework.id);
  wire.mutable_agent_id()->set_value(agent.id);
  wire.set_hostname(agent.info.hostname());
  wire.mutable_url()->set_scheme("http");
  wire.mutable_url()->mutable_address()->set_hostname(agent.info.hostname());
  wire.mutable_url()->mutable_address()->set_ip(agent.ip);
  wire.mutable_url()->mutable_address()->set_port(agent.port);
  wire.mutable_url()->set_path("/slave(1)");
  if (agent.info.has_domain()) *wire.mutable_domain() = agent.info.domain();
  *wire.mutable_attributes() = agent.info.attributes();
  *wire.mutable_resources() = resources_for_framework(offer.resources, framework);
  // A command task is its own executor, under its own id.
  for (const Task* task : cluster.tasks.on_agent(agent.id)) {
    if (task->framework_id == framework.id && task->is_holding) wire.add_executor_ids()->set_value(task->id);
  }
  if (framework.has_capability(Capability::MULTI_ROLE)) wire.mutable_allocation_info()->set_role(offer.role);
  return wire;
}

std::vector<const Agent*> shuffled_agents(Cluster& cluster) {
  std::vector<const Agent*> agents;
  for (const auto& [id, agent] : cluster.agents.all()) {
    if (agent.is_registered() && !agent.free.empty()) agents.push_back(&agent);
  }
  for (std::size_t i = agents.size(); i > 1; --i) std::swap(agents[i - 1], agents[cluster.random.below(i)]);
  return agents;
}

}  // namespace

void run_allocation(Cluster& cluster) {
  ++cluster.counters.allocations;
  const MonotonicTime now = cluster.now();
  std::vector<const Framework*> frameworks;
  for (auto& [id, framework] : cluster.frameworks.all()) {
    framework.refused.expire(now);
    if (framework.is_connected()) frameworks.push_back(&framework);
  }
  if (frameworks.empty()) return;
  std::map<std::string, mesos::v1::scheduler::Event> events;
  for (Allocation& allocation : cluster.allocator.allocate(frameworks, shuffled_agents(cluster), now)) {
    Agent& agent = *cluster.agents.find(allocation.agent_id);
    // The allocator counted the shares already: only the agent's ledger is behind.
    agent.held += allocation.resources.unallocated();
    agent.free = agent.total.minus(agent.held);
    const Offer& offer = cluster.offers.add({fmt::format("{}-O{}", cluster.master_id, cluster.next_offer++),
                                             allocation.framework_id, allocation.agent_id, allocation.role,
                                             std::move(allocation.resources)});
    if (cluster.config.offer_timeout) {
      cluster.deadlines.set(DeadlineKind::OfferTimeout, offer.id,
                            now + std::chrono::duration_cast<MonotonicTime::duration>(*cluster.config.offer_timeout));
    }
    const Framework& framework = *cluster.frameworks.find(offer.framework_id);
    *events[framework.id].mutable_offers()->add_offers() = wire_offer(cluster, offer, framework, agent);
  }
  for (auto& [framework_id, event] : events) {
    event.set_type(mesos::v1::scheduler::Event::OFFERS);
    cluster.outbox.send(*cluster.frameworks.find(framework_id), std::move(event));
  }
}

void refuse_resources(Cluster& cluster, Framework& framework, const std::string& role, const std::string& agent_id,
                      const Resources& resources, const mesos::v1::Filters* filters) {
  const mesos::v1::Filters defaults;
  const auto duration = refuse_duration((filters != nullptr ? *filters : defaults).refuse_seconds());
  if (duration <= std::chrono::nanoseconds::zero()) return;
  const auto until = cluster.now() + std::chrono::duration_cast<MonotonicTime::duration>(
                                         std::max(duration, cluster.config.allocation_interval));
  framework.refused.add(role, agent_id, resources, until);
}

}  // namespace tepui::master

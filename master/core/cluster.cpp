#include "master/core/cluster.hpp"

#include "lib/base/uuid.hpp"

namespace tepui::master {

Cluster::Cluster(MasterConfig the_config, const Clock& the_clock, RandomSource& the_random)
    : config(std::move(the_config)),
      clock(the_clock),
      random(the_random),
      master_id(Uuid::random(the_random).to_string()),
      frameworks(config.max_completed_frameworks),
      allocator(config) {
  start_time = wall_seconds();
}

void Cluster::hold(Agent& agent, std::string_view framework_id, const Resources& resources) {
  agent.held += resources.unallocated();
  agent.free = agent.total.minus(agent.held);
  allocator.hold(framework_id, resources);
}

void Cluster::release(Agent& agent, std::string_view framework_id, const Resources& resources) {
  agent.held = agent.held.minus(resources.unallocated());
  agent.free = agent.total.minus(agent.held);
  allocator.release(framework_id, resources);
}

void Cluster::release_task(Task& task) {
  if (!task.is_holding) return;
  task.is_holding = false;
  if (Agent* agent = agents.find(task.agent_id)) release(*agent, task.framework_id, task.resources);
  want_allocation(config.allocation_delay);
}

void Cluster::refresh_total() {
  Resources total;
  for (const auto& [id, agent] : agents.all()) {
    if (!agent.is_registered()) continue;
    // Ranges and items of two agents are different things, but only scalars count for shares.
    total += agent.total;
  }
  allocator.set_total(total);
}

Offer Cluster::end_offer(const std::string& offer_id, OfferEvent event) {
  Offer offer = offers.end(offer_id, event);
  deadlines.clear(DeadlineKind::OfferTimeout, offer_id);
  if (Agent* agent = agents.find(offer.agent_id)) release(*agent, offer.framework_id, offer.resources);
  return offer;
}

void Cluster::rescind_offer(const std::string& offer_id) {
  const Offer offer = end_offer(offer_id, OfferEvent::Rescind);
  const Framework* framework = frameworks.find(offer.framework_id);
  if (framework == nullptr) return;
  mesos::v1::scheduler::Event event;
  event.set_type(mesos::v1::scheduler::Event::RESCIND);
  event.mutable_rescind()->mutable_offer_id()->set_value(offer.id);
  outbox.send(*framework, std::move(event));
}

void Cluster::want_allocation(std::chrono::nanoseconds delay) {
  deadlines.set_if_earlier(DeadlineKind::Allocation, "", now() + std::chrono::duration_cast<MonotonicTime::duration>(delay));
}

}  // namespace tepui::master

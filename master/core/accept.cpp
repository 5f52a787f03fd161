#include "master/core/accept.hpp"

#include <set>

#include <fmt/format.h>

#include "master/core/offering.hpp"
#include "master/core/task_status.hpp"
#include "master/core/task_validation.hpp"
#include "master/core/wire_resources.hpp"

namespace tepui::master {
namespace {

using mesos::v1::TaskStatus;
using Operation = mesos::v1::Offer::Operation;

/// What the accepted offers come to while operations take from it.
struct Pool {
  Framework& framework;
  std::string role;
  std::string agent_id;
  Resources left;  // allocated to `role`
};

std::optional<std::string> offers_error(const Cluster& cluster, const Framework& framework,
                                        const mesos::v1::scheduler::Call::Accept& call) {
  if (call.offer_ids_size() == 0) return "No offers specified";
  const Offer* first = nullptr;
  std::set<std::string> seen;
  for (const auto& id : call.offer_ids()) {
    const Offer* offer = cluster.offers.find(id.value());
    if (!seen.insert(id.value()).second) return fmt::format("Duplicate offer {} in offer list", id.value());
    if (offer == nullptr) return fmt::format("Offer {} is no longer valid", id.value());
    if (offer->framework_id != framework.id) {
      return fmt::format("Offer {} has invalid framework {} while framework {} is expected", id.value(),
                         offer->framework_id, framework.id);
    }
    if (first == nullptr) first = offer;
    if (offer->agent_id != first->agent_id) {
      return fmt::format("Aggregated offers must belong to one single agent. Offer {} uses agent {} and agent {}",
                         id.value(), offer->agent_id, first->agent_id);
    }
    if (offer->role != first->role) {
      return fmt::format("Aggregated offers must be allocated to the same role. Offer {} uses role {} but another is using role {}",
                         id.value(), offer->role, first->role);
    }
  }
  return std::nullopt;
}

void refuse_task(Cluster& cluster, const Framework& framework, const mesos::v1::TaskInfo& task, mesos::v1::TaskState state,
                 TaskStatus::Reason reason, const std::string& message) {
  if (state == mesos::v1::TASK_ERROR) ++cluster.counters.invalid_tasks;
  send_status(cluster, framework, master_status(cluster, task.task_id().value(), task.agent_id().value(),
                                                state_for(framework, state), reason, message));
}

/// Every task of the call, whatever operation it is in.
void refuse_all_tasks(Cluster& cluster, const Framework& framework, const mesos::v1::scheduler::Call::Accept& call,
                      TaskStatus::Reason reason, const std::string& message) {
  for (const Operation& operation : call.operations()) {
    for (const auto& task : operation.launch().task_infos()) {
      refuse_task(cluster, framework, task, mesos::v1::TASK_DROPPED, reason, message);
    }
    for (const auto& task : operation.launch_group().task_group().tasks()) {
      refuse_task(cluster, framework, task, mesos::v1::TASK_DROPPED, reason, message);
    }
  }
}

/// Takes the task's share out of the pool. Errors end up in TASK_ERROR.
Result<Resources> take_resources(const Cluster& cluster, const mesos::v1::TaskInfo& task, Pool& pool) {
  const auto refuse = [](std::string message) { return Error(ErrorCode::InvalidArgument, std::move(message)); };
  if (auto error = task_error(task, pool.framework, pool.agent_id)) return refuse(std::move(*error));
  if (cluster.tasks.find(pool.framework.id, task.task_id().value()) != nullptr) {
    return refuse(fmt::format("Task has duplicate ID: {}", task.task_id().value()));
  }
  if (auto error = missing_feature(task)) return refuse(std::move(*error));
  auto wanted = task_resources(task, pool.role);
  if (!wanted) return wanted;
  if (auto taken = pool.left.subtract(*wanted); !taken) {
    return taken.error().wrap(fmt::format("Task uses more resources than available: {} of {}", task.task_id().value(),
                                          pool.agent_id));
  }
  return wanted;
}

void launch(Cluster& cluster, const Operation& operation, Pool& pool) {
  tepui::v1::AgentEvent event;
  event.set_type(tepui::v1::AgentEvent::LAUNCH);
  Agent& agent = *cluster.agents.find(pool.agent_id);
  for (const mesos::v1::TaskInfo& info : operation.launch().task_infos()) {
    if (operation.has_id()) {
      refuse_task(cluster, pool.framework, info, mesos::v1::TASK_ERROR, TaskStatus::REASON_TASK_INVALID,
                  "Operation 'LAUNCH' must not have an id");
      continue;
    }
    const auto resources = take_resources(cluster, info, pool);
    if (!resources) {
      refuse_task(cluster, pool.framework, info, mesos::v1::TASK_ERROR, TaskStatus::REASON_TASK_INVALID,
                  resources.error().to_string());
      continue;
    }
    Task task;
    task.id = info.task_id().value();
    task.framework_id = pool.framework.id;
    task.agent_id = agent.id;
    task.info = info;
    *task.info.mutable_resources() = resources_for_agent(*resources);
    task.resources = *resources;
    task.is_holding = true;
    task.status.mutable_task_id()->set_value(task.id);
    task.status.mutable_agent_id()->set_value(agent.id);
    task.status.set_state(mesos::v1::TASK_STAGING);
    task.status.set_source(TaskStatus::SOURCE_MASTER);
    task.status.set_timestamp(cluster.wall_seconds());
    *event.mutable_launch()->add_tasks() = task.info;
    cluster.hold(agent, pool.framework.id, *resources);
    cluster.tasks.add(std::move(task));
    ++cluster.counters.tasks_launched;
  }
  if (event.launch().tasks_size() == 0) return;
  *event.mutable_launch()->mutable_framework_info() = pool.framework.info;
  cluster.outbox.send(agent, std::move(event));
}

/// Operations that come with later issues are answered where the protocol has a way to answer.
void refuse_operation(Cluster& cluster, const Operation& operation, const Pool& pool) {
  const std::string message =
      fmt::format("Tepui does not offer the operation {} yet", Operation::Type_Name(operation.type()));
  ++cluster.counters.dropped_calls;
  for (const auto& task : operation.launch_group().task_group().tasks()) {
    refuse_task(cluster, pool.framework, task, mesos::v1::TASK_ERROR, TaskStatus::REASON_TASK_GROUP_INVALID, message);
  }
  if (!operation.has_id()) return;
  mesos::v1::scheduler::Event event;
  event.set_type(mesos::v1::scheduler::Event::UPDATE_OPERATION_STATUS);
  auto& status = *event.mutable_update_operation_status()->mutable_status();
  *status.mutable_operation_id() = operation.id();
  status.set_state(mesos::v1::OPERATION_ERROR);
  status.set_message(message);
  status.mutable_agent_id()->set_value(pool.agent_id);
  cluster.outbox.send(pool.framework, std::move(event));
}

}  // namespace

void accept_offers(Cluster& cluster, Framework& framework, const mesos::v1::scheduler::Call::Accept& call) {
  const auto error = offers_error(cluster, framework, call);
  Pool pool{framework, {}, {}, {}};
  for (const auto& id : call.offer_ids()) {
    const Offer* offer = cluster.offers.find(id.value());
    if (offer == nullptr || offer->framework_id != framework.id) continue;
    const Offer ended = cluster.end_offer(id.value(), OfferEvent::Accept);
    pool.role = ended.role;
    pool.agent_id = ended.agent_id;
    pool.left += ended.resources;
  }
  if (error) {
    refuse_all_tasks(cluster, framework, call, TaskStatus::REASON_INVALID_OFFERS,
                     "Task launched with invalid offers: " + *error);
    return;
  }
  // Offers of agents that disconnect are rescinded at once, so the agent of an outstanding offer is connected.
  for (const Operation& operation : call.operations()) {
    if (operation.type() == Operation::LAUNCH) {
      launch(cluster, operation, pool);
    } else if (operation.type() != Operation::UNKNOWN) {
      refuse_operation(cluster, operation, pool);
    }
  }
  refuse_resources(cluster, framework, pool.role, pool.agent_id, pool.left,
                   call.has_filters() ? &call.filters() : nullptr);
}

void decline_offers(Cluster& cluster, Framework& framework, const mesos::v1::scheduler::Call::Decline& call) {
  for (const auto& id : call.offer_ids()) {
    const Offer* found = cluster.offers.find(id.value());
    if (found == nullptr || found->framework_id != framework.id) {
      ++cluster.counters.dropped_calls;
      continue;
    }
    const Offer offer = cluster.end_offer(id.value(), OfferEvent::Decline);
    refuse_resources(cluster, framework, offer.role, offer.agent_id, offer.resources,
                     call.has_filters() ? &call.filters() : nullptr);
  }
}

}  // namespace tepui::master

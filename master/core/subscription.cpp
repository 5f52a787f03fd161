#include "master/core/subscription.hpp"

#include <array>
#include <cstdio>
#include <set>

#include <fmt/format.h>

#include "master/core/framework_validation.hpp"
#include "master/core/registry.hpp"
#include "master/core/task_status.hpp"
#include "master/core/task_updates.hpp"

namespace tepui::master {
namespace {

using Event = mesos::v1::scheduler::Event;

MonotonicTime::duration ticks(std::chrono::nanoseconds duration) {
  return std::chrono::duration_cast<MonotonicTime::duration>(duration);
}

void tell_subscribed(Cluster& cluster, const Framework& framework) {
  Event event;
  event.set_type(Event::SUBSCRIBED);
  auto& body = *event.mutable_subscribed();
  body.mutable_framework_id()->set_value(framework.id);
  body.set_heartbeat_interval_seconds(std::chrono::duration<double>(cluster.config.heartbeat_interval).count());
  *body.mutable_master_info() = wire_master_info(cluster);
  cluster.outbox.send(framework, std::move(event));
}

void discard_offers(Cluster& cluster, const Framework& framework) {
  for (const std::string& id : cluster.offers.ids_of_framework(framework.id)) {
    cluster.end_offer(id, OfferEvent::Discard);
  }
}

/// A live subscription gives way to a newer one of the same framework.
void end_older_stream(Cluster& cluster, const Framework& framework) {
  if (!framework.is_connected()) return;
  Event event;
  event.set_type(Event::ERROR);
  event.mutable_error()->set_message("Framework failed over");
  cluster.outbox.send(framework, std::move(event));
  cluster.outbox.close(framework.stream, "framework failed over");
}

/// `user` and `checkpoint` stay as they were at the first subscription.
void update_info(Cluster& cluster, Framework& framework, mesos::v1::FrameworkInfo info) {
  info.mutable_id()->set_value(framework.id);
  if (!framework.is_recovered) {
    info.set_user(framework.info.user());
    if (framework.info.has_checkpoint()) info.set_checkpoint(framework.info.checkpoint());
  }
  const bool is_same = info.SerializeAsString() == framework.info.SerializeAsString();
  framework.info = std::move(info);
  framework.roles = roles_of(framework.info);
  if (is_same) return;
  store_framework(cluster, framework);
  std::set<std::string> agent_ids;
  for (const Task* task : cluster.tasks.of_framework(framework.id)) agent_ids.insert(task->agent_id);
  for (const std::string& id : agent_ids) {
    tepui::v1::AgentEvent event;
    event.set_type(tepui::v1::AgentEvent::UPDATE_FRAMEWORK);
    *event.mutable_update_framework()->mutable_framework_info() = framework.info;
    if (const Agent* agent = cluster.agents.find(id)) cluster.outbox.send(*agent, std::move(event));
  }
}

/// Offers of roles that the framework has no more are taken back.
void rescind_foreign_roles(Cluster& cluster, const Framework& framework) {
  for (const std::string& id : cluster.offers.ids_of_framework(framework.id)) {
    if (framework.roles.count(cluster.offers.find(id)->role) == 0) cluster.rescind_offer(id);
  }
}

void connect(Cluster& cluster, Framework& framework, const mesos::v1::scheduler::Call::Subscribe& subscribe,
             const StreamId& stream) {
  cluster.frameworks.set_stream(framework, stream);
  cluster.deadlines.clear(DeadlineKind::FrameworkFailover, framework.id);
  framework.is_recovered = false;
  framework.unregistered_time = 0;
  framework.suppressed_roles = {subscribe.suppressed_roles().begin(), subscribe.suppressed_roles().end()};
  framework.refused.clear();
  tell_subscribed(cluster, framework);
  beat_framework(cluster, framework);
  cluster.want_allocation(std::chrono::nanoseconds::zero());
}

void subscribe_again(Cluster& cluster, Framework& framework, const mesos::v1::scheduler::Call::Subscribe& subscribe,
                     const StreamId& stream) {
  end_older_stream(cluster, framework);
  discard_offers(cluster, framework);
  framework.reregistered_time = cluster.wall_seconds();
  if (framework.registered_time == 0) framework.registered_time = framework.reregistered_time;
  update_info(cluster, framework, subscribe.framework_info());
  rescind_foreign_roles(cluster, framework);
  connect(cluster, framework, subscribe, stream);
}

void subscribe_first(Cluster& cluster, const mesos::v1::scheduler::Call::Subscribe& subscribe, const StreamId& stream) {
  Framework framework;
  framework.info = subscribe.framework_info();
  framework.id = framework.info.id().value();
  if (framework.id.empty()) framework.id = fmt::format("{}-{:04}", cluster.master_id, cluster.next_framework++);
  framework.info.mutable_id()->set_value(framework.id);
  framework.roles = roles_of(framework.info);
  framework.registered_time = cluster.wall_seconds();
  Framework& added = cluster.frameworks.add(std::move(framework));
  store_framework(cluster, added);
  connect(cluster, added, subscribe, stream);
}

}  // namespace

void subscribe_framework(Cluster& cluster, const mesos::v1::scheduler::Call::Subscribe& subscribe,
                         const StreamId& stream) {
  const mesos::v1::FrameworkInfo& info = subscribe.framework_info();
  const std::string& id = info.id().value();
  auto error = subscription_error(subscribe);
  Framework* known = id.empty() ? nullptr : cluster.frameworks.find(id);
  if (!error && cluster.frameworks.is_completed(id)) error = "Framework has been removed";
  if (!error && known != nullptr && known->info.principal() != info.principal()) {
    error = fmt::format("Changing framework's principal is not allowed (from '{}' to '{}')", known->info.principal(),
                        info.principal());
  }
  if (error) {
    ++cluster.counters.refused_subscriptions;
    cluster.outbox.refuse_scheduler(stream, std::move(*error));
  } else if (known != nullptr) {
    subscribe_again(cluster, *known, subscribe, stream);
  } else {
    subscribe_first(cluster, subscribe, stream);
  }
}

void disconnect_framework(Cluster& cluster, Framework& framework) {
  discard_offers(cluster, framework);
  cluster.frameworks.set_stream(framework, {});
  cluster.deadlines.clear(DeadlineKind::SchedulerHeartbeat, framework.id);
  framework.unregistered_time = cluster.wall_seconds();
  const auto timeout = std::chrono::nanoseconds(static_cast<std::int64_t>(framework.info.failover_timeout() * 1e9));
  cluster.want_allocation(cluster.config.allocation_delay);
  if (timeout <= std::chrono::nanoseconds::zero()) {
    remove_framework(cluster, framework, "Framework disconnected");
    return;
  }
  cluster.deadlines.set(DeadlineKind::FrameworkFailover, framework.id, cluster.now() + ticks(timeout));
}

void remove_framework(Cluster& cluster, Framework& framework, const std::string& reason) {
  const std::string id = framework.id;
  discard_offers(cluster, framework);
  std::set<std::string> agent_ids;
  for (Task* task : cluster.tasks.of_framework(id)) {
    agent_ids.insert(task->agent_id);
    if (!is_terminal(task->state)) {
      task->state = TaskState::Killed;
      task->status = master_status(cluster, task->id, task->agent_id, mesos::v1::TASK_KILLED,
                                   mesos::v1::TaskStatus::REASON_FRAMEWORK_REMOVED, reason);
    }
    forget_task(cluster, *task);
  }
  cluster.deadlines.clear(DeadlineKind::SchedulerHeartbeat, id);
  cluster.deadlines.clear(DeadlineKind::FrameworkFailover, id);
  cluster.allocator.remove_framework(id);
  framework.unregistered_time = cluster.wall_seconds();
  const StreamId stream = framework.stream;
  const Framework last = framework;
  const auto forgotten = cluster.frameworks.complete(id);
  store_completed_framework(cluster, last, forgotten);
  for (const std::string& agent_id : agent_ids) {
    tepui::v1::AgentEvent event;
    event.set_type(tepui::v1::AgentEvent::TEARDOWN);
    event.mutable_teardown()->mutable_framework_id()->set_value(id);
    if (const Agent* agent = cluster.agents.find(agent_id)) cluster.outbox.send(*agent, std::move(event));
  }
  if (!stream.empty()) cluster.outbox.close(stream, reason);
  cluster.want_allocation(cluster.config.allocation_delay);
}

Framework& add_recovered_framework(Cluster& cluster, const mesos::v1::FrameworkInfo& info) {
  Framework framework;
  framework.id = info.id().value();
  framework.info = info;
  framework.roles = roles_of(info);
  framework.is_recovered = true;
  framework.unregistered_time = cluster.wall_seconds();
  const auto own = std::chrono::nanoseconds(static_cast<std::int64_t>(info.failover_timeout() * 1e9));
  cluster.deadlines.set(DeadlineKind::FrameworkFailover, framework.id,
                        cluster.now() + ticks(std::max(own, cluster.config.agent_recovery_timeout)));
  Framework& added = cluster.frameworks.add(std::move(framework));
  store_framework(cluster, added);
  return added;
}

void beat_framework(Cluster& cluster, const Framework& framework) {
  Event event;
  event.set_type(Event::HEARTBEAT);
  cluster.outbox.send(framework, std::move(event));
  cluster.deadlines.set(DeadlineKind::SchedulerHeartbeat, framework.id,
                        cluster.now() + ticks(cluster.config.heartbeat_interval));
}

void suppress_offers(Cluster& cluster, Framework& framework,
                     const google::protobuf::RepeatedPtrField<std::string>& roles) {
  for (const std::string& role : roles) {
    if (framework.roles.count(role) == 0) {
      ++cluster.counters.dropped_calls;
      return;
    }
  }
  if (roles.empty()) framework.suppressed_roles = framework.roles;
  framework.suppressed_roles.insert(roles.begin(), roles.end());
}

void revive_offers(Cluster& cluster, Framework& framework,
                   const google::protobuf::RepeatedPtrField<std::string>& roles) {
  for (const std::string& role : roles) {
    if (framework.roles.count(role) == 0) {
      ++cluster.counters.dropped_calls;
      return;
    }
  }
  if (roles.empty()) {
    framework.suppressed_roles.clear();
    framework.refused.clear();
  }
  for (const std::string& role : roles) {
    framework.suppressed_roles.erase(role);
    framework.refused.clear_role(role);
  }
  cluster.want_allocation(std::chrono::nanoseconds::zero());
}

mesos::v1::MasterInfo wire_master_info(const Cluster& cluster) {
  mesos::v1::MasterInfo info;
  info.set_id(cluster.master_id);
  // Network byte order as a little-endian machine reads it: what Mesos puts there. Clients use `address`.
  std::array<unsigned, 4> octets{};
  if (std::sscanf(cluster.config.ip.c_str(), "%u.%u.%u.%u", &octets[0], &octets[1], &octets[2], &octets[3]) == 4) {
    info.set_ip(octets[0] | octets[1] << 8U | octets[2] << 16U | octets[3] << 24U);
  } else {
    info.set_ip(0);
  }
  info.set_port(cluster.config.port);
  info.set_hostname(cluster.config.hostname);
  info.set_version(cluster.config.version);
  info.set_pid(fmt::format("master@{}:{}", cluster.config.ip, cluster.config.port));
  info.mutable_address()->set_hostname(cluster.config.hostname);
  info.mutable_address()->set_ip(cluster.config.ip);
  info.mutable_address()->set_port(cluster.config.port);
  info.add_capabilities()->set_type(mesos::v1::MasterInfo::Capability::AGENT_UPDATE);
  return info;
}

}  // namespace tepui::master

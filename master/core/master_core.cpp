// MasterCore: the door of the core. Rules are in the files named for them; here each message finds its rule, and after
// every one the invariants are looked at.
#include "master/core/master_core.hpp"

#include <cstdio>
#include <cstdlib>

#include <fmt/format.h>

#include "master/core/agent_link.hpp"
#include "master/core/call_validation.hpp"
#include "master/core/invariants.hpp"
#include "master/core/metrics.hpp"
#include "master/core/offering.hpp"
#include "master/core/registry.hpp"
#include "master/core/scheduler_calls.hpp"
#include "master/core/subscription.hpp"
#include "master/core/task_updates.hpp"

namespace tepui::master {

using tepui::v1::AgentCall;

MasterCore::MasterCore(MasterConfig config, const Clock& clock, RandomSource& random, const RegistryContents& registry)
    : cluster_(std::make_unique<Cluster>(std::move(config), clock, random)) {
  recover_registry(*cluster_, registry);
}

MasterCore::~MasterCore() = default;

Effects MasterCore::finish() {
  // What is wanted at once happens within the same event, so that a subscriber's offers follow SUBSCRIBED directly.
  const auto allocation = cluster_->deadlines.find(DeadlineKind::Allocation, "");
  if (allocation && *allocation <= cluster_->now()) {
    cluster_->deadlines.clear(DeadlineKind::Allocation, "");
    run_allocation(*cluster_);
  }
  cluster_->want_allocation(cluster_->config.allocation_interval);
#ifndef NDEBUG
  if (const auto broken = cluster_->config.is_strict ? broken_invariant() : std::nullopt) {
    std::fprintf(stderr, "master invariant broken: %s\n", broken->c_str());
    std::abort();
  }
#endif
  return cluster_->outbox.take();
}

CallResult MasterCore::finish(int status, std::string message) {
  if (status >= 400) ++cluster_->counters.refused_calls;
  return {status, std::move(message), finish()};
}

Effects MasterCore::start() { return finish(); }

std::optional<std::string> MasterCore::call_error(const mesos::v1::scheduler::Call& call) {
  return scheduler_call_error(call);
}

std::optional<std::string> MasterCore::call_error(const AgentCall& call) { return agent_call_error(call); }

CallResult MasterCore::scheduler_call(const mesos::v1::scheduler::Call& call, const StreamId& stream) {
  ++cluster_->counters.scheduler_calls;
  if (auto error = scheduler_call_error(call)) return finish(400, std::move(*error));
  if (call.type() == mesos::v1::scheduler::Call::SUBSCRIBE) {
    subscribe_framework(*cluster_, call.subscribe(), stream);
    return finish(200);
  }
  Answer answer = run_scheduler_call(*cluster_, call, stream);
  return finish(answer.status, std::move(answer.message));
}

CallResult MasterCore::agent_call(const AgentCall& call, const StreamId& stream) {
  if (auto error = agent_call_error(call)) return finish(400, std::move(*error));
  if (call.type() == AgentCall::SUBSCRIBE) {
    subscribe_agent(*cluster_, call.subscribe(), stream);
    return finish(200);
  }
  Agent* agent = cluster_->agents.find(call.agent_id().value());
  if (agent == nullptr) return finish(404, fmt::format("Agent '{}' is unknown", call.agent_id().value()));
  if (stream.empty() || stream != agent->stream) return finish(403, "The stream is not the agent's current one");
  switch (call.type()) {
    case AgentCall::UPDATE: apply_update(*cluster_, *agent, call.update()); break;
    case AgentCall::MESSAGE: forward_message(*cluster_, *agent, call.message()); break;
    case AgentCall::EXITED_EXECUTOR: report_exited_executor(*cluster_, *agent, call.exited_executor()); break;
    case AgentCall::UNSUBSCRIBE: remove_agent(*cluster_, *agent, "it unsubscribed"); break;
    default: return finish(501, fmt::format("The call {} is not offered", AgentCall::Type_Name(call.type())));
  }
  return finish(202);
}

Effects MasterCore::stream_closed(const StreamId& stream) {
  if (Framework* framework = cluster_->frameworks.find_by_stream(stream)) disconnect_framework(*cluster_, *framework);
  if (Agent* agent = cluster_->agents.find_by_stream(stream)) disconnect_agent(*cluster_, *agent);
  return finish();
}

Effects MasterCore::tick() {
  while (const auto due = cluster_->deadlines.pop_due(cluster_->now())) {
    const auto& [kind, id] = *due;
    Framework* framework = cluster_->frameworks.find(id);
    Agent* agent = cluster_->agents.find(id);
    switch (kind) {
      case DeadlineKind::SchedulerHeartbeat:
        if (framework != nullptr) beat_framework(*cluster_, *framework);
        break;
      case DeadlineKind::AgentHeartbeat:
        if (agent != nullptr) beat_agent(*cluster_, *agent);
        break;
      case DeadlineKind::FrameworkFailover:
        if (framework != nullptr) remove_framework(*cluster_, *framework, "Framework failed to come back in time");
        break;
      case DeadlineKind::AgentReregister:
        if (agent != nullptr) give_up_agent(*cluster_, *agent);
        break;
      case DeadlineKind::OfferTimeout:
        if (cluster_->offers.find(id) != nullptr) cluster_->rescind_offer(id);
        break;
      case DeadlineKind::Allocation: run_allocation(*cluster_); break;
    }
  }
  return finish();
}

MonotonicTime MasterCore::next_deadline() const { return cluster_->deadlines.next(); }

CallResult MasterCore::kill_task(std::string_view framework_id, std::string_view task_id) {
  if (cluster_->frameworks.find(framework_id) == nullptr) {
    return finish(404, fmt::format("Framework '{}' is unknown", framework_id));
  }
  Task* task = cluster_->tasks.find(std::string(framework_id), std::string(task_id));
  if (task == nullptr) return finish(404, fmt::format("Task '{}' of framework '{}' is unknown", task_id, framework_id));
  request_kill(*cluster_, *task, nullptr);
  return finish(202);
}

const Cluster& MasterCore::cluster() const { return *cluster_; }

std::map<std::string, double> MasterCore::metrics() const { return metrics_of(*cluster_); }

const std::string& MasterCore::master_id() const { return cluster_->master_id; }

mesos::v1::MasterInfo MasterCore::master_info() const { return wire_master_info(*cluster_); }

std::optional<std::string> MasterCore::broken_invariant() const { return tepui::master::broken_invariant(*cluster_); }

}  // namespace tepui::master

#include "master/core/scheduler_calls.hpp"

#include <fmt/format.h>

#include "master/core/accept.hpp"
#include "master/core/reconcile.hpp"
#include "master/core/subscription.hpp"
#include "master/core/task_updates.hpp"

namespace tepui::master {
namespace {

using Call = mesos::v1::scheduler::Call;
using tepui::v1::AgentEvent;

void kill_task(Cluster& cluster, const Framework& framework, const Call::Kill& kill) {
  Task* task = cluster.tasks.find(framework.id, kill.task_id().value());
  const std::string& agent_id = kill.agent_id().value();
  if (task == nullptr) {
    reconcile_task(cluster, framework, kill.task_id().value(), agent_id);
    return;
  }
  if (!agent_id.empty() && agent_id != task->agent_id) {
    ++cluster.counters.dropped_calls;
    return;
  }
  request_kill(cluster, *task, kill.has_kill_policy() ? &kill.kill_policy() : nullptr);
  if (task->state == TaskState::Unreachable) reconcile_task(cluster, framework, task->id, task->agent_id);
}

void send_message(Cluster& cluster, const Framework& framework, const Call::Message& message) {
  const Agent* agent = cluster.agents.find(message.agent_id().value());
  if (agent == nullptr || !agent->is_registered()) {
    ++cluster.counters.dropped_calls;
    return;
  }
  AgentEvent event;
  event.set_type(AgentEvent::MESSAGE);
  event.mutable_message()->mutable_framework_id()->set_value(framework.id);
  *event.mutable_message()->mutable_executor_id() = message.executor_id();
  event.mutable_message()->set_data(message.data());
  cluster.outbox.send(*agent, std::move(event));
}

void shut_down_executor(Cluster& cluster, const Framework& framework, const Call::Shutdown& shutdown) {
  const Agent* agent = cluster.agents.find(shutdown.agent_id().value());
  if (agent == nullptr || !agent->is_registered()) {
    ++cluster.counters.dropped_calls;
    return;
  }
  AgentEvent event;
  event.set_type(AgentEvent::SHUTDOWN_EXECUTOR);
  event.mutable_shutdown_executor()->mutable_framework_id()->set_value(framework.id);
  *event.mutable_shutdown_executor()->mutable_executor_id() = shutdown.executor_id();
  cluster.outbox.send(*agent, std::move(event));
}

Answer run_for(Cluster& cluster, Framework& framework, const Call& call) {
  switch (call.type()) {
    case Call::TEARDOWN: remove_framework(cluster, framework, "Framework torn down"); return {};
    case Call::ACCEPT: accept_offers(cluster, framework, call.accept()); return {};
    case Call::DECLINE: decline_offers(cluster, framework, call.decline()); return {};
    case Call::REVIVE: revive_offers(cluster, framework, call.revive().roles()); return {};
    case Call::SUPPRESS: suppress_offers(cluster, framework, call.suppress().roles()); return {};
    case Call::KILL: kill_task(cluster, framework, call.kill()); return {};
    case Call::SHUTDOWN: shut_down_executor(cluster, framework, call.shutdown()); return {};
    case Call::ACKNOWLEDGE: acknowledge(cluster, framework, call.acknowledge()); return {};
    case Call::RECONCILE: reconcile(cluster, framework, call.reconcile()); return {};
    case Call::MESSAGE: send_message(cluster, framework, call.message()); return {};
    // No inverse offers are made yet, and requests are not looked at: nothing to do.
    case Call::ACCEPT_INVERSE_OFFERS:
    case Call::DECLINE_INVERSE_OFFERS:
    case Call::REQUEST: return {};
    default: return {501, fmt::format("Tepui does not offer the call {} yet", Call::Type_Name(call.type()))};
  }
}

}  // namespace

Answer run_scheduler_call(Cluster& cluster, const Call& call, const StreamId& stream) {
  if (call.type() == Call::UNKNOWN) return {501, "Received 'UNKNOWN' call"};
  Framework* framework = cluster.frameworks.find(call.framework_id().value());
  if (framework == nullptr) return {400, "Framework cannot be found"};
  if (!framework->is_connected()) return {403, "Framework is not subscribed"};
  if (stream.empty()) return {400, "All non-subscribe calls should include the 'Mesos-Stream-Id' header"};
  if (stream != framework->stream) {
    return {400, fmt::format("The stream ID '{}' included in this request didn't match the stream ID currently associated with framework ID {}",
                             stream, framework->id)};
  }
  return run_for(cluster, *framework, call);
}

}  // namespace tepui::master

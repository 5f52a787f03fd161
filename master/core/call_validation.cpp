#include "master/core/call_validation.hpp"

#include <fmt/format.h>

#include "lib/base/ids.hpp"
#include "lib/base/uuid.hpp"

namespace tepui::master {
namespace {

using Call = mesos::v1::scheduler::Call;
using tepui::v1::AgentCall;

std::optional<std::string> expect(bool is_there, std::string_view field) {
  if (is_there) return std::nullopt;
  return fmt::format("Expecting '{}' to be present", field);
}

/// Which sub-message a type needs; types without one need none.
std::optional<std::string> body_error(const Call& call) {
  switch (call.type()) {
    case Call::ACCEPT: return expect(call.has_accept(), "accept");
    case Call::DECLINE: return expect(call.has_decline(), "decline");
    case Call::ACCEPT_INVERSE_OFFERS: return expect(call.has_accept_inverse_offers(), "accept_inverse_offers");
    case Call::DECLINE_INVERSE_OFFERS: return expect(call.has_decline_inverse_offers(), "decline_inverse_offers");
    case Call::KILL: return expect(call.has_kill(), "kill");
    case Call::SHUTDOWN: return expect(call.has_shutdown(), "shutdown");
    case Call::ACKNOWLEDGE: return expect(call.has_acknowledge(), "acknowledge");
    case Call::ACKNOWLEDGE_OPERATION_STATUS:
      return expect(call.has_acknowledge_operation_status(), "acknowledge_operation_status");
    case Call::RECONCILE: return expect(call.has_reconcile(), "reconcile");
    case Call::RECONCILE_OPERATIONS: return expect(call.has_reconcile_operations(), "reconcile_operations");
    case Call::MESSAGE: return expect(call.has_message(), "message");
    case Call::REQUEST: return expect(call.has_request(), "request");
    case Call::UPDATE_FRAMEWORK: return expect(call.has_update_framework(), "update_framework");
    default: return std::nullopt;
  }
}

std::optional<std::string> subscribe_error(const Call& call) {
  if (auto error = expect(call.has_subscribe(), "subscribe")) return error;
  const std::string& inner = call.subscribe().framework_info().id().value();
  const std::string& outer = call.framework_id().value();
  if (inner == outer) return std::nullopt;
  return "'framework_id' differs from 'subscribe.framework_info.id'";
}

}  // namespace

std::optional<std::string> scheduler_call_error(const Call& call) {
  if (!call.has_type()) return "Expecting 'type' to be present";
  if (call.type() == Call::SUBSCRIBE) return subscribe_error(call);
  if (call.type() == Call::UNKNOWN) return std::nullopt;
  if (auto error = expect(call.has_framework_id(), "framework_id")) return error;
  if (auto error = body_error(call)) return error;
  if (call.type() == Call::ACKNOWLEDGE) {
    if (auto uuid = Uuid::from_bytes(call.acknowledge().uuid()); !uuid) {
      return fmt::format("Invalid 'acknowledge.uuid': {}", uuid.error().to_string());
    }
  }
  if (call.type() == Call::UPDATE_FRAMEWORK &&
      call.update_framework().framework_info().id().value() != call.framework_id().value()) {
    return "'framework_id' differs from 'update_framework.framework_info.id'";
  }
  return std::nullopt;
}

std::optional<std::string> agent_call_error(const AgentCall& call) {
  if (!call.has_type()) return "Expecting 'type' to be present";
  if (call.type() == AgentCall::SUBSCRIBE) {
    if (auto error = expect(call.has_subscribe(), "subscribe")) return error;
    const std::string& id = call.subscribe().agent_info().id().value();
    if (id.empty()) return std::nullopt;
    auto checked = check_id("agent", id);
    return checked ? std::nullopt : std::optional(checked.error().to_string());
  }
  if (call.type() == AgentCall::UNKNOWN) return std::nullopt;
  if (auto error = expect(call.has_agent_id(), "agent_id")) return error;
  switch (call.type()) {
    case AgentCall::UPDATE:
      if (auto error = expect(call.has_update(), "update")) return error;
      return expect(call.update().status().has_uuid(), "update.status.uuid");
    case AgentCall::MESSAGE: return expect(call.has_message(), "message");
    case AgentCall::EXITED_EXECUTOR: return expect(call.has_exited_executor(), "exited_executor");
    default: return std::nullopt;
  }
}

}  // namespace tepui::master

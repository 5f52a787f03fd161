// Call validation: the shape of calls, before any state is looked at (mesos.md §1.1, check 7).
#pragma once

#include <optional>
#include <string>

#include "mesos/v1/scheduler/scheduler.pb.h"
#include "tepui/v1/agent_link.pb.h"

namespace tepui::master {

/// Why the call is malformed; no value when it is fine.
std::optional<std::string> scheduler_call_error(const mesos::v1::scheduler::Call& call);
std::optional<std::string> agent_call_error(const tepui::v1::AgentCall& call);

}  // namespace tepui::master

// The life of an agent as its master sees it. Printed in docs/lifecycle.md; a test compares.
//
//   Recovered --Subscribe--> Registered <--Subscribe-- Disconnected <--Disconnect-- Registered
//   Recovered, Disconnected --TimeOut--> Unreachable --Subscribe--> Registered;   any --MarkGone--> Gone
#pragma once

#include "lib/model/lifecycle.hpp"

namespace tepui {

/// Recovered: the registry names it, it has not come back since the master started. Disconnected: its stream ended, its tasks
/// are believed to run. Unreachable: it stayed away too long. Removed: it said goodbye. Gone: an operator said so.
enum class AgentState { Recovered, Registered, Disconnected, Unreachable, Removed, Gone };

enum class AgentEvent { Subscribe, Disconnect, TimeOut, Unsubscribe, MarkGone };

/// A subscription of a registered agent replaces the older connection. A gone or removed agent comes back only under another id.
inline constexpr Lifecycle<AgentState, AgentEvent, 6, 5> kAgentLifecycle = [] {
  using enum AgentState;
  constexpr std::nullopt_t no = std::nullopt;
  return Lifecycle<AgentState, AgentEvent, 6, 5>{
      "agent",
      {"Recovered", "Registered", "Disconnected", "Unreachable", "Removed", "Gone"},
      {"Subscribe", "Disconnect", "TimeOut", "Unsubscribe", "MarkGone"},
      {{
          //               Subscribe   Disconnect    TimeOut      Unsubscribe  MarkGone
          /*Recovered*/ {{Registered, no, Unreachable, no, Gone}},
          /*Registered*/ {{Registered, Disconnected, no, Removed, Gone}},
          /*Disconnected*/ {{Registered, no, Unreachable, Removed, Gone}},
          /*Unreachable*/ {{Registered, no, no, Removed, Gone}},
          /*Removed*/ {{no, no, no, no, no}},
          /*Gone*/ {{no, no, no, no, Gone}},
      }}};
}();

}  // namespace tepui

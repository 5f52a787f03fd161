// The life of a container, as the agent's containerizer drives it. Printed in docs/lifecycle.md; a test compares.
//
//   Preparing --Prepared--> Isolating --Started--> Running
//       |                       |                     |
//       +--- Failed, DestroyRequested, Exited, Limited +--> Destroying --CleanedUp--> Destroyed
#pragma once

#include "lib/model/lifecycle.hpp"

namespace tepui {

/// Preparing: isolators add to the plan. Isolating: the child is parked, isolators act on it. Running: the command was executed.
/// Destroying: processes are killed and what was prepared is undone in reverse. Destroyed: nothing is left.
enum class ContainerState { Preparing, Isolating, Running, Destroying, Destroyed };

/// Exited: the first process ended. Limited: an isolator reported a limitation. Failed: a step of the launch failed.
enum class ContainerEvent { Prepared, Started, Failed, Exited, Limited, DestroyRequested, CleanedUp };

/// A request to destroy is legal in every state; a second one changes nothing.
inline constexpr Lifecycle<ContainerState, ContainerEvent, 5, 7> kContainerLifecycle = [] {
  using enum ContainerState;
  constexpr std::nullopt_t no = std::nullopt;
  return Lifecycle<ContainerState, ContainerEvent, 5, 7>{
      "container",
      {"Preparing", "Isolating", "Running", "Destroying", "Destroyed"},
      {"Prepared", "Started", "Failed", "Exited", "Limited", "DestroyRequested", "CleanedUp"},
      {{
          //            Prepared   Started  Failed      Exited      Limited     DestroyRequested CleanedUp
          /*Preparing*/ {{Isolating, no, Destroying, no, no, Destroying, no}},
          /*Isolating*/ {{no, Running, Destroying, Destroying, Destroying, Destroying, no}},
          /*Running*/ {{no, no, no, Destroying, Destroying, Destroying, no}},
          /*Destroying*/ {{no, no, Destroying, Destroying, Destroying, Destroying, Destroyed}},
          /*Destroyed*/ {{no, no, no, no, no, Destroyed, no}},
      }}};
}();

}  // namespace tepui

// The life of a task, the same on the agent and on the master. Printed in docs/lifecycle.md; a test compares.
//
//   Staging --> Starting --> Running --> Killing --> Finished | Failed | Killed | Error | Lost | Dropped | Gone | GoneByOperator
//       any of the living <--AgentReturned-- Unreachable <--AgentLost-- any of the living
#pragma once

#include "lib/model/lifecycle.hpp"

namespace tepui {

/// TASK_UNKNOWN of the wire is an answer to reconciliation, not a state of a task.
enum class TaskState {
  Staging,
  Starting,
  Running,
  Killing,
  Finished,
  Failed,
  Killed,
  Error,
  Lost,
  Dropped,
  Unreachable,
  Gone,
  GoneByOperator,
};

/// The first eleven are the states that a status update reports; Unreachable, Gone and GoneByOperator the master concludes itself.
enum class TaskEvent {
  Stage,
  Start,
  Run,
  BeginKill,
  Finish,
  Fail,
  Kill,
  Err,
  Lose,
  Drop,
  BecomeUnreachable,
  BecomeGone,
  BecomeGoneByOperator,
};

inline constexpr std::size_t kTaskStates = 13;

/// Nothing follows any more. Unreachable is not terminal: the agent may return.
constexpr bool is_terminal(TaskState state) {
  using enum TaskState;
  return state == Finished || state == Failed || state == Killed || state == Error || state == Lost || state == Dropped ||
         state == Gone || state == GoneByOperator;
}

/// Living tasks move freely among the living states (executors report Running again with news about health, and a
/// report may overtake another); every living state may end in every terminal one; nothing leaves a terminal state.
inline constexpr Lifecycle<TaskState, TaskEvent, kTaskStates, kTaskStates> kTaskLifecycle = [] {
  using enum TaskState;
  Lifecycle<TaskState, TaskEvent, kTaskStates, kTaskStates> table{
      "task",
      {"Staging", "Starting", "Running", "Killing", "Finished", "Failed", "Killed", "Error", "Lost", "Dropped",
       "Unreachable", "Gone", "GoneByOperator"},
      {"Stage", "Start", "Run", "BeginKill", "Finish", "Fail", "Kill", "Err", "Lose", "Drop", "BecomeUnreachable",
       "BecomeGone", "BecomeGoneByOperator"},
      {}};
  for (std::size_t from = 0; from < kTaskStates; ++from) {
    if (is_terminal(static_cast<TaskState>(from))) continue;
    for (std::size_t event = 0; event < kTaskStates; ++event) {
      const auto to = static_cast<TaskState>(event);  // each event is named for the state it reports
      // A task is staged once; only an agent that returns may say Staging again.
      if (to == Staging && static_cast<TaskState>(from) != Staging && static_cast<TaskState>(from) != Unreachable) continue;
      table.cells[from][event] = to;
    }
  }
  return table;
}();

/// The event that reports `state`.
constexpr TaskEvent event_reporting(TaskState state) { return static_cast<TaskEvent>(state); }

}  // namespace tepui

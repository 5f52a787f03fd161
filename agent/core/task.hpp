// Task: one task as the agent's core knows it, with its stream of status updates; and the outcomes a container can have.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "agent/core/checkpoint_state.hpp"
#include "lib/base/clock.hpp"

namespace tepui::agent {

/// How a container's life ended; an outcome, not an error.
struct ContainerEnd {
  /// As waitpid reports it for the command; absent when nobody could tell.
  std::optional<int> wait_status;
  /// An isolator ended it: REASON_CONTAINER_LIMITATION_MEMORY with a message that names limit and peak.
  struct Limitation {
    mesos::v1::TaskStatus::Reason reason = mesos::v1::TaskStatus::REASON_CONTAINER_LIMITATION;
    std::string message;
  };
  std::optional<Limitation> limitation;
  /// Why there is no wait status; shown to the framework.
  std::string message;
};

/// Why a container never ran.
struct FailedLaunch {
  std::string message;
  mesos::v1::TaskStatus::Reason reason = mesos::v1::TaskStatus::REASON_CONTAINER_LAUNCH_FAILED;
};

/// What makes one status different from the task's other ones.
struct StatusFacts {
  mesos::v1::TaskState state = mesos::v1::TASK_STARTING;
  mesos::v1::TaskStatus::Source source = mesos::v1::TaskStatus::SOURCE_EXECUTOR;
  std::optional<mesos::v1::TaskStatus::Reason> reason;
  std::string message;
};

/// FINISHED, FAILED, KILLED, ERROR, LOST, DROPPED, GONE…: no other state follows.
bool is_terminal(mesos::v1::TaskState state);

/// "exited with status 3", "terminated with signal Killed": the words of Mesos src/common/status_utils.hpp.
std::string describe_wait_status(int wait_status);

/// Which terminal status a container's end means. was_killed: a kill was asked for before. Exit status 0 is TASK_FINISHED
/// even then, as Mesos' command executor has it.
StatusFacts facts_of(const ContainerEnd& end, bool was_killed);

enum class TaskPhase {
  Launching,  // LaunchContainer went out
  Running,    // its command runs
  Ended,      // its container is gone; updates may still wait for acknowledgements
};

/// Updates go out one at a time and in order; the first waits for its acknowledgement before the second is sent.
struct Task {
  TaskKey key;
  mesos::v1::TaskInfo info;
  std::string container_id;
  int pid = 0;
  TaskPhase phase = TaskPhase::Launching;
  /// The newest status, acknowledged or not; has no uuid before the first update.
  mesos::v1::TaskStatus latest;
  /// Not yet acknowledged, oldest first.
  std::deque<mesos::v1::TaskStatus> unacknowledged;
  std::optional<MonotonicTime> resend_at;
  std::chrono::nanoseconds resend_after{};
  std::optional<std::chrono::nanoseconds> kill_grace;
  std::optional<MonotonicTime> completion_deadline;
  bool is_overdue = false;
  /// Its framework is torn down or the agent removed: nothing more is reported.
  bool is_discarded = false;
  /// The master named a task that never arrived here: it has updates but no container and no record.
  bool is_ghost = false;
};

/// What is kept of a forgotten task.
struct CompletedTask {
  TaskKey key;
  mesos::v1::TaskInfo info;
  std::string container_id;
  mesos::v1::TaskStatus latest;
  mesos::v1::FrameworkInfo framework;
};

/// For /metrics/snapshot.
struct AgentCounters {
  std::uint64_t tasks_finished = 0;
  std::uint64_t tasks_failed = 0;
  std::uint64_t tasks_killed = 0;
  std::uint64_t tasks_lost = 0;
  std::uint64_t updates_made = 0;
  std::uint64_t updates_resent = 0;
  std::uint64_t invalid_events = 0;
  std::uint64_t subscriptions = 0;
};

inline constexpr std::chrono::seconds kFirstResend{10};
inline constexpr std::chrono::minutes kLongestResend{10};

}  // namespace tepui::agent

// How a container ended, and what it had used: values, not errors.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/bytes.hpp"
#include "lib/base/clock.hpp"

namespace tepui::agent {

/// Either an exit code or a signal, as waitpid tells them.
struct ExitStatus {
  bool is_signalled = false;
  int code = 0;    // 0 to 255 when not signalled
  int signal = 0;  // when signalled
  bool dumped_core = false;
  /// The raw word of waitpid (`man 2 waitpid`), as ExitedExecutor.status and Mesos carry it.
  [[nodiscard]] int wait_status() const { return is_signalled ? signal | (dumped_core ? 0x80 : 0) : code << 8; }
  static ExitStatus of_wait_status(int wait_status);
  /// "exited with status 3", "terminated by signal 9 (SIGKILL)".
  [[nodiscard]] std::string to_string() const;
};

/// A limit of an isolator's that the container went past; the containerizer destroyed it for that.
struct ContainerLimitation {
  /// The wire's name of a TaskStatus.Reason, "REASON_CONTAINER_LIMITATION_MEMORY"; generic: "REASON_CONTAINER_LIMITATION".
  std::string reason;
  /// For people; names the limit and the peak.
  std::string message;
  std::string isolator;
};

/// Why a launch came to nothing. `message` is the whole chain from the outside in:
/// `launch container 'c1': execve "foo": No such file or directory (ENOENT)`.
struct LaunchFailure {
  std::string message;
  /// The launcher's step ("execve", "mount", "pivot_root"…) or the containerizer's ("prepare", "checkpoint"…).
  std::string step;
  std::string object;
  int sys_errno = 0;
  /// 127 when the command was not found, 126 when it cannot be invoked, 125 for everything else: the shells' habit.
  [[nodiscard]] int exit_code() const;
};

/// Numbers of isolators, keyed by the wire's field names of ResourceStatistics ("cpus_user_time_secs", "mem_rss_bytes").
struct ContainerUsage {
  WallTime taken{};
  std::map<std::string, double> values;
  /// User and system time together; no value when no isolator counts it.
  [[nodiscard]] std::optional<double> cpu_seconds() const;
  /// "mem_max_usage_bytes"; no value when no isolator counts it.
  [[nodiscard]] std::optional<Bytes> memory_peak() const;
};

/// The end of a container, complete: all its processes are gone and everything prepared for it was cleaned up (or tried).
struct ContainerTermination {
  std::string container_id;
  /// No value when nothing was ever started, or when the exit record was lost with the shim (`message` says so).
  std::optional<ExitStatus> exit;
  std::optional<ContainerLimitation> limitation;
  std::optional<LaunchFailure> launch_failure;
  /// kill() or destroy() was asked for before the end.
  bool was_killed = false;
  /// One line for TaskStatus.message: of the limitation, the launch failure or the exit, in this order.
  std::string message;
  /// The last reading before cleanup, with peaks.
  ContainerUsage usage;
  WallTime ended{};
  /// What could not be cleaned up; each was also logged.
  std::vector<std::string> cleanup_errors;
};

}  // namespace tepui::agent

// ExitRecord: what a shim leaves in the container's runtime directory when the container has ended.
// Written by launcher/shim (write, rename, on a tmpfs, so without fsync); read by the agent, also after its restart.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "launcher/handshake.hpp"
#include "lib/base/clock.hpp"
#include "lib/base/result.hpp"

namespace tepui::launcher {

/// A launch that came to nothing: the step, errno (0: none) and the thing it was about.
struct LaunchFailure {
  LaunchStep step = LaunchStep::None;
  int sys_errno = 0;
  std::string object;

  /// `set rlimit "RLIMIT_NOFILE": Operation not permitted (EPERM)`.
  [[nodiscard]] std::string to_string() const;
  [[nodiscard]] Error to_error() const;
  /// What a shell would exit with: 127 the command was not found, 126 it cannot be invoked, 125 for every other step.
  [[nodiscard]] int shell_exit_code() const;
};

/// exited: the command ended by itself or a signal, `wait_status` is true. failed: it never ran. cancelled: the agent
/// went away (or changed its mind) before go.
enum class ExitKind { Exited, Failed, Cancelled };

/// A text of lines `key value`; unknown keys are skipped:
///   tepui-exit 1
///   kind exited
///   wait_status 256
///   pid 4711
///   start_time_ticks 123456
///   ended_at_nsec 1790000000000000000
///   user_usec 1200
///   system_usec 800
///   max_rss_kib 2048
///   step 23            (kind failed; with errno, and object as the rest of the line, control bytes as '?')
///   end                (a record without this line is damaged)
struct ExitRecord {
  ExitKind kind = ExitKind::Exited;
  int wait_status = 0;  ///< For WIFEXITED and friends.
  pid_t pid = 0;
  std::uint64_t start_time_ticks = 0;
  WallTime ended_at{};
  std::chrono::microseconds user_time{};    ///< of the container's processes that were waited for
  std::chrono::microseconds system_time{};
  std::uint64_t max_rss_kib = 0;
  std::optional<LaunchFailure> failure;
};

/// Errors: DataLoss (not such a record).
Result<ExitRecord> parse_exit_record(std::string_view text);

/// Reads `exit` in the runtime directory. No value: not there (the container lives, or its shim was killed).
/// Errors: DataLoss; those of openat and read.
Result<std::optional<ExitRecord>> read_exit_record(int runtime_dir);

}  // namespace tepui::launcher

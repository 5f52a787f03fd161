// Processes by identity: pid and start time on disk, pidfd in memory. A bare pid is never signalled: it may be another's.
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <compare>
#include <cstdint>
#include <optional>
#include <string>

#include "lib/base/result.hpp"
#include "lib/base/unique_fd.hpp"

namespace tepui::sys {

/// Names one process of this boot for ever: pids come again, pid and start time do not (crun's status file has both).
struct ProcessId {
  pid_t pid = 0;
  std::uint64_t start_time_ticks = 0;  ///< field 22 of /proc/PID/stat (man 5 proc)
  auto operator<=>(const ProcessId&) const = default;
};

/// Reads the start time of a living (or zombie) process. Errors: NotFound.
Result<ProcessId> read_process_id(pid_t pid);

/// Opens a pidfd for exactly that process. Errors: NotFound (it ended, or the pid is another process's now).
Result<UniqueFd> open_process(ProcessId id);

/// pidfd_open(2). Errors: NotFound. Only safe for a child that was not reaped: else open_process().
Result<UniqueFd> pidfd_open(pid_t pid);

/// pidfd_send_signal(2). Errors: NotFound (ended).
Result<void> pidfd_signal(int pidfd, int signal);
/// The process's whole group (Linux 6.9: PIDFD_SIGNAL_PROCESS_GROUP), else the process alone.
Result<void> pidfd_signal_group(int pidfd, int signal);

/// True when the process has ended (a zombie counts as ended). Never waits.
Result<bool> has_ended(int pidfd);

/// How a child ended, as waitid tells.
struct Reaped {
  int wait_status = 0;  ///< for WIFEXITED and friends
  rusage usage{};
};
/// Reaps a child by pidfd without waiting; no value while it lives. Errors: FailedPrecondition (ECHILD: not our child).
Result<std::optional<Reaped>> try_reap(int pidfd);

/// This boot's id, from /proc/sys/kernel/random/boot_id: 36 characters.
Result<std::string> read_boot_id();

/// A child process of ours, or an adopted one. Signals only by pidfd.
class Process {
 public:
  enum class AtEnd { KillAndReap, LeaveRunning };

  Process() = default;
  Process(ProcessId id, UniqueFd pidfd, AtEnd at_end) : id_(id), pidfd_(std::move(pidfd)), at_end_(at_end) {}
  Process(Process&& other) noexcept;
  Process& operator=(Process&& other) noexcept;
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process();

  [[nodiscard]] explicit operator bool() const { return static_cast<bool>(pidfd_); }
  [[nodiscard]] ProcessId id() const { return id_; }
  [[nodiscard]] int pidfd() const { return pidfd_.borrow(); }
  /// Gives the pidfd away and becomes empty: nothing is killed.
  [[nodiscard]] UniqueFd release();

 private:
  void finish() noexcept;
  ProcessId id_;
  UniqueFd pidfd_;
  AtEnd at_end_ = AtEnd::LeaveRunning;
};

}  // namespace tepui::sys

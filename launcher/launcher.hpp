// Launcher: the agent's side of the launch. Starts one tepui-shim per container and speaks the handshake with it.
// Not here: what a plan says (plan.hpp), the protocol's drawing (handshake.hpp), how an ended container reads (exit_record.hpp).
#pragma once

#include <sys/types.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>

#include "launcher/exit_record.hpp"
#include "launcher/plan.hpp"
#include "lib/base/result.hpp"
#include "lib/base/unique_fd.hpp"
#include "lib/linux/process.hpp"

namespace tepui::sys {
class Cgroup;
}

namespace tepui::launcher {

/// The container stands parked: its namespaces exist, nothing of the plan is applied, no byte of the command has run.
struct Parked {
  sys::ProcessId container;  ///< to checkpoint before go()
  UniqueFd pidfd;
};
/// The command has been executed.
struct Running {};

/// What a shim tells. After Running or LaunchFailure nothing more comes.
using LaunchEvent = std::variant<Parked, Running, LaunchFailure>;

/// One launch under way. Move only. Destroying it before go() cancels: the shim kills the parked container and ends.
/// Destroying it after go() changes nothing for the container; the shim's pidfd says when it has ended.
/// Not thread safe; one owner at a time.
///
///   TEPUI_ASSIGN(Launch launch, launcher.start(plan, stdio, runtime_dir));     // [pool]: about 1 ms
///   // loop: wait until launch.socket() is readable (deadline), then
///   TEPUI_ASSIGN(auto event, launch.take_event());                             // Parked
///   // isolators, cgroups, checkpoint, then
///   TEPUI_TRY(launch.go());
///   // wait again; take_event() gives Running or LaunchFailure
class Launch {
 public:
  Launch(Launch&&) noexcept = default;
  Launch& operator=(Launch&&) noexcept = default;

  /// Readable when take_event() has something (or the shim has died). Non-blocking; borrowed.
  [[nodiscard]] int socket() const { return socket_.borrow(); }
  /// The shim, to checkpoint beside the container.
  [[nodiscard]] sys::ProcessId shim() const { return shim_; }
  /// Readable when the shim has ended. Borrowed; take_shim_pidfd() hands it over. The shim is a child of the agent that
  /// started it: that agent reaps it by sys::try_reap(pidfd) once the pidfd is readable.
  [[nodiscard]] int shim_pidfd() const { return shim_pidfd_.borrow(); }
  [[nodiscard]] UniqueFd take_shim_pidfd() { return std::move(shim_pidfd_); }

  /// The next event without waiting. Errors: Unavailable (nothing yet), Aborted (the shim died: launch is over).
  Result<LaunchEvent> take_event();
  /// The same, waiting up to `timeout`; for the pool and tests. Errors as above, DeadlineExceeded instead of Unavailable.
  Result<LaunchEvent> wait_event(std::chrono::milliseconds timeout);
  /// Lets the parked container go on. Errors: Aborted (the shim died).
  Result<void> go();
  /// Kills the shim's container and the shim (legal in every state, idempotent). The record says `cancelled` or SIGKILL.
  void cancel();

 private:
  friend class Launcher;
  Launch() = default;
  UniqueFd socket_;
  UniqueFd shim_pidfd_;
  sys::ProcessId shim_;
};

/// The three standard descriptors of a container, borrowed: often /dev/null and two files of the sandbox.
using Stdio = std::array<int, 3>;

/// Starts shims from a sealed copy of the program, so that no container can write to the file on disk (CVE-2019-5736).
class Launcher {
 public:
  /// shim_path: the tepui-shim program. Errors: NotFound; those of memfd_create and fcntl.
  static Result<Launcher> create(const std::string& shim_path);

  /// Starts a shim, gives it plan and descriptors and returns at once; Parked comes as the first event. Blocks for the
  /// spawn alone (about 1 ms). `runtime_dir`: the container's own empty directory, borrowed, where the exit record goes.
  /// Errors: InvalidArgument (the plan cannot be encoded); those of posix_spawn, socketpair, memfd_create.
  [[nodiscard]] Result<Launch> start(const LaunchPlan& plan, const Stdio& stdio, int runtime_dir) const;

 private:
  explicit Launcher(UniqueFd program) : program_(std::move(program)) {}
  UniqueFd program_;
};

/// Puts a parked container into its cgroups: the one place where that happens. v1: by cgroup.procs (8-16 ms on an idle
/// host; performance.md part 3). v2: nothing where the plan had a cgroup_fd. [pool]
Result<void> place_in_cgroups(const Parked& parked, std::span<const sys::Cgroup* const> cgroups);

/// Sends `signal` to the container: to its process group (the kernel permitting), else to its first process. With our
/// init that is the command's group. An ended container is no error.
Result<void> signal_container(int container_pidfd, int signal);

/// A container of an earlier agent, as found again from the checkpoint.
struct Adopted {
  /// Alive: both pidfds are there. Ended: `record` has how. Lost: the shim is gone without a record (killed from outside);
  /// the container was killed by that (PDEATHSIG) or is killed by this call.
  enum class State { Alive, Ended, Lost };
  State state = State::Lost;
  UniqueFd container_pidfd;
  UniqueFd shim_pidfd;
  std::optional<ExitRecord> record;
};

/// Finds a checkpointed container again by pid and start time. The caller has compared the boot id before: after another
/// boot every container is Lost without asking. Errors: DataLoss (record damaged); those of pidfd_open and read.
Result<Adopted> adopt(sys::ProcessId container, sys::ProcessId shim, int runtime_dir);

}  // namespace tepui::launcher

// The launch handshake between agent, shim and container: descriptors, messages, steps. Plain types without allocation:
// the shim (launcher/shim, launcher/init) includes this too. Not here: the agent's side (launcher.hpp).
#pragma once

#include <cstdint>

namespace tepui::launcher {

// agent                              shim                         container
//   | plan = merge(isolators.prepare)
//   | checkpoint plan (durable) ----> start (sealed memfd)
//   |                                  | room for the exit record is taken now: a full disk fails the launch, not the end
//   |                                  | binds are cloned here (open_tree), in the host's mount namespace
//   |                                  | clone3(namespaces, CLONE_PIDFD, v2: CLONE_INTO_CGROUP)
//   |                                  |--------------------------> parked on a pipe
//   | isolators.isolate(pidfd)  <------| Ready(pid, start time; pidfd by SCM_RIGHTS)
//   | v1: pid -> cgroup.procs
//   | checkpoint pid+starttime+bootid
//   | Go ----------------------------->|--------------------------> apply plan: namespaces to join, mounts, pivot_root,
//   |                                  |                            rlimits, user, caps, no_new_privs, seccomp; execve
//   | Running or Failed <--------------| LaunchFailure on a close-on-exec pipe; EOF = success
//   |                                  | waits for the container
//   | shim's pidfd readable <----------| writes the exit record (exit.tmp, rename), kills what is left, exits
//
// The agent's end closes before Go: the shim kills the parked container and leaves a record `kind cancelled`.
// The agent's end closes after Go: the shim does not mind. With a pid namespace and `wants_init` the container is
// pid 1 (init), which forks the command after the mounts; the command then goes through the steps from Rlimit on.

/// What the shim finds at its start. 0, 1 and 2 are the container's.
inline constexpr int kSocketFd = 3;      ///< SOCK_SEQPACKET to the agent
inline constexpr int kPlanFd = 4;        ///< sealed memfd with the encoded plan
inline constexpr int kRuntimeDirFd = 5;  ///< the container's runtime directory
inline constexpr int kFirstPlanFd = 6;   ///< LaunchPlan::fds follow

/// File names in the container's runtime directory.
inline constexpr const char* kExitRecordName = "exit";
inline constexpr const char* kExitRecordTemporaryName = "exit.tmp";

/// Where a launch failed, in the order of the steps.
enum class LaunchStep : std::uint32_t {
  None = 0,
  StartShim,
  DecodePlan,
  ReserveRecord,
  OpenMountSource,
  OpenRoot,
  JoinPidNamespace,
  Clone,
  MapIds,
  Park,
  JoinNamespace,
  CgroupNamespace,
  Session,
  Hostname,
  PrepareRoot,
  Mount,
  MakeDevice,
  MaskPath,
  ReadonlyPath,
  PivotRoot,
  Sysctl,
  OomScoreAdj,
  ForkCommand,
  Rlimit,
  BoundingSet,
  Groups,
  User,
  WorkingDirectory,
  Capabilities,
  NoNewPrivs,
  InheritFd,
  CloseFds,
  Seccomp,
  Exec,
  Supervise,
};

/// "open mount source", "set rlimit"…: verb and kind of object, for error messages.
const char* launch_step_name(LaunchStep step);

inline constexpr std::uint32_t kMaxObjectBytes = 240;

/// What the shim and the container report of a failure. `object` names the thing: a path, "RLIMIT_NOFILE", a capability.
struct FailureReport {
  LaunchStep step = LaunchStep::None;
  std::int32_t sys_errno = 0;
  char object[kMaxObjectBytes] = {};  ///< NUL terminated, cut if longer
};

enum class MessageKind : std::uint32_t {
  Ready = 1,    ///< shim to agent, with the container's pidfd
  Go = 2,       ///< agent to shim
  Running = 3,  ///< shim to agent: the command has been executed
  Failed = 4,   ///< shim to agent: `failure` says where
  Cancel = 5,   ///< agent to shim, at any time: kill the container
};

/// One packet of the socket, whole or not at all.
struct Message {
  MessageKind kind = MessageKind::Ready;
  std::int32_t pid = 0;               ///< Ready: the container, in the agent's pid namespace
  std::uint64_t start_time_ticks = 0; ///< Ready: field 22 of /proc/PID/stat
  FailureReport failure;              ///< Failed
};

/// Exit codes of the shim itself; nobody needs them to judge a container, the exit record says all.
inline constexpr int kShimExitClean = 0;
inline constexpr int kShimExitLaunchFailed = 1;
inline constexpr int kShimExitNoRecord = 2;  ///< the exit record could not be written
inline constexpr int kShimExitBadStart = 3;  ///< not started by a launcher

}  // namespace tepui::launcher

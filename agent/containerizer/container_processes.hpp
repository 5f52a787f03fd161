// What is done to the processes of a container: signals to all of them, and the wait for its shim.
#pragma once

#include <chrono>

#include <sys/types.h>

#include "lib/base/result.hpp"
#include "lib/linux/cgroup.hpp"

namespace tepui::agent {

/// Sends `signal` once to every process in the cgroup and below, except `spared` (0: nobody). A process is only signalled
/// while a pidfd holds it and the cgroup still names it. Blocks shortly. Errors: those of reading cgroup.procs.
Result<void> signal_cgroup(const sys::Cgroup& cgroup, int signal, pid_t spared);

/// SIGKILL to everything in the cgroup and below, until nothing lives there or `timeout` is over. What forks faster than it
/// is killed is frozen first, where the cgroup is one of the v1 freezer. Blocks.
/// Errors: DeadlineExceeded (a process that cannot be killed, or that takes long to give its memory back).
Result<void> kill_cgroup(const sys::Cgroup& cgroup, bool is_freezer, std::chrono::milliseconds timeout);

/// Waits for the shim's end and reaps it where it is our child. Past `timeout` it is killed: its record is lost then.
/// Blocks. Errors: DeadlineExceeded (it lived on even so).
Result<void> await_shim(int shim_pidfd, std::chrono::milliseconds timeout);

}  // namespace tepui::agent

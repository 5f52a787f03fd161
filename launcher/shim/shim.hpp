// The shim's own parts: it starts one container, outlives the agent, and leaves the exit record. It stands outside the
// container: its own session, no cgroup of the container's, no namespace but the agent's.
#pragma once

#include <sys/resource.h>

#include "launcher/handshake.hpp"
#include "launcher/init/container.hpp"

namespace tepui::launcher {

/// What the shim knows of its container.
struct Supervised {
  int pid = -1;
  int pidfd = -1;
  std::uint64_t start_time_ticks = 0;
  bool has_ended = false;
  int wait_status = 0;
  rusage usage{};
};

enum class EndKind { Exited, Failed, Cancelled };

/// sources.cpp: clones the root and every bind source while the host's mount namespace is still ours: a descriptor of
/// another mount namespace cannot be cloned later (fs/namespace.c, check_mnt).
bool open_sources(Container& container);

/// exit_writer.cpp: takes the room that the exit record will need, so that a container whose end could not be told is not
/// started.
bool reserve_exit_record(Container& container);

/// exit_writer.cpp: writes the exit record into the room reserved and renames it into place. False when it could not.
bool write_exit_record(const Supervised& supervised, EndKind kind, const FailureReport& failure);

/// Field 22 of /proc/PID/stat; 0 when it cannot be read.
std::uint64_t read_start_time(int pid);

/// leftovers.cpp: kills and reaps every child we still have (a subreaper's: all that came from the container).
void kill_leftovers();

}  // namespace tepui::launcher

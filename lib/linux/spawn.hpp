// Starting a child program: argv and environment as given, three standard descriptors, an end tied to the parent's.
// Not here: containers (launcher/); they are cloned with namespaces and a handshake.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "lib/base/result.hpp"
#include "lib/linux/process.hpp"

namespace tepui::sys {

/// What to start. No shell is involved and PATH is not searched.
struct SpawnRequest {
  std::string program;                 ///< absolute path
  std::vector<std::string> arguments;  ///< argv, with argv[0]
  /// KEY=VALUE; empty means this process's own environment.
  std::vector<std::string> environment;
  /// Borrowed descriptors for 0, 1 and 2; -1 leaves the parent's. Everything above 2 is closed in the child.
  std::array<int, 3> stdio = {-1, -1, -1};
  /// Signal that the child gets when the thread that spawned it ends (PR_SET_PDEATHSIG); 0 for none.
  int parent_death_signal = 0;
  /// A session of its own, so that Ctrl-C on the terminal reaches the parent alone.
  bool is_own_session = false;
};

/// Starts the program and returns once its execve has succeeded.
/// Errors: NotFound, PermissionDenied… of execve with the program's path; those of fork and pipe.
Result<Process> spawn(const SpawnRequest& request, Process::AtEnd at_end);

}  // namespace tepui::sys

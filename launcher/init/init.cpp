// Pid 1 of a container's pid namespace: a dozen system calls, no privilege but to signal, and nothing else to do.
#include <linux/capability.h>
#include <linux/close_range.h>
#include <linux/prctl.h>
#include <signal.h>
#include <sys/wait.h>

#include <cerrno>

#include "launcher/init/container.hpp"
#include "lib/linux/raw_sys.hpp"

namespace tepui::launcher {
namespace {

/// The command may have our uid: what it could take over by ptrace must be worth nothing, and must not be reachable.
void shed_privileges() {
  raw::prctl(PR_SET_DUMPABLE, 0);
  for (unsigned capability = 0; raw::prctl(PR_CAPBSET_READ, capability) >= 0 && capability < 64; ++capability) {
    raw::prctl(PR_CAPBSET_DROP, capability);
  }
  struct Header {
    std::uint32_t version;
    int pid;
  } header{_LINUX_CAPABILITY_VERSION_3, 0};
  struct Data {
    std::uint32_t effective;
    std::uint32_t permitted;
    std::uint32_t inheritable;
  } data[2] = {};
  // The command may have another uid.
  data[0].effective = 1U << CAP_KILL;
  data[0].permitted = 1U << CAP_KILL;
  raw::capset(&header, data);
  raw::prctl(PR_SET_NO_NEW_PRIVS, 1);
}

/// Keeps the status pipe alone.
void close_other_fds(int kept) {
  if (kept > 0) raw::close_range(0, static_cast<unsigned>(kept - 1), 0);
  raw::close_range(static_cast<unsigned>(kept + 1), ~0U, 0);
}

/// Reaps whoever has ended; ends with the command.
void reap(int command, int status_pipe) {
  while (true) {
    int status = 0;
    const long pid = raw::wait4(-1, &status, WNOHANG | __WALL, nullptr);
    if (pid <= 0) return;
    if (pid != command) continue;
    // A first process cannot die of a signal the way the command did, so the true status travels by the pipe.
    raw::write(status_pipe, &status, sizeof status);
    raw::exit_now(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
  }
}

}  // namespace

void run_init(Container& container, int command) {
  raw::prctl(PR_SET_NAME, reinterpret_cast<unsigned long>("tepui-init"));
  const int status_pipe = container.status_write;
  close_other_fds(status_pipe);
  raw::chdir("/");
  shed_privileges();
  raw::sigprocmask(SIG_BLOCK, raw::kAllSignals);
  while (true) {
    const long signal = raw::sigwait(raw::kAllSignals);
    if (signal == SIGCHLD) {
      reap(command, status_pipe);
    } else if (signal > 0) {
      // The command leads a session and so a group of its own; until it does, the group does not exist.
      if (raw::kill(-command, static_cast<int>(signal)) == -ESRCH) raw::kill(command, static_cast<int>(signal));
    }
  }
}

}  // namespace tepui::launcher

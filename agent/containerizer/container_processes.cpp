#include "agent/containerizer/container_processes.hpp"

#include <algorithm>
#include <csignal>

#include "lib/base/try.hpp"
#include "lib/linux/process.hpp"
#include "lib/linux/sys.hpp"

namespace tepui::agent {

Result<void> signal_cgroup(const sys::Cgroup& cgroup, int signal, pid_t spared) {
  TEPUI_ASSIGN(const std::vector<pid_t> pids, cgroup.pids());
  for (const pid_t pid : pids) {
    if (pid <= 0 || pid == spared) continue;
    const auto pidfd = sys::pidfd_open(pid);
    if (!pidfd) continue;  // ended
    // The number may have gone to a stranger between the read and pidfd_open: only what is still named here is signalled.
    TEPUI_ASSIGN(const std::vector<pid_t> again, cgroup.pids());
    if (std::find(again.begin(), again.end(), pid) == again.end()) continue;
    const auto sent = sys::pidfd_signal(pidfd->borrow(), signal);
    if (!sent && sent.error().code() != ErrorCode::NotFound) return sent.error();
  }
  return ok();
}

Result<void> kill_cgroup(const sys::Cgroup& cgroup, bool is_freezer, std::chrono::milliseconds timeout) {
  constexpr int kFewRounds = 10;
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  auto killed = cgroup.kill_all(kFewRounds);
  while (!killed && killed.error().code() == ErrorCode::DeadlineExceeded &&
         std::chrono::steady_clock::now() < deadline) {
    if (is_freezer) {
      // Nothing is born while it is frozen; the signals are acted on at the thaw (cgroup-v1/freezer-subsystem.rst).
      static_cast<void>(cgroup.write("freezer.state", "FROZEN"));
      static_cast<void>(cgroup.kill_all(1));
      TEPUI_TRY(cgroup.write("freezer.state", "THAWED"));
    }
    killed = cgroup.kill_all(kFewRounds * 5);
  }
  return killed;
}

Result<void> await_shim(int shim_pidfd, std::chrono::milliseconds timeout) {
  auto ended = sys::wait_readable(shim_pidfd, timeout);
  if (!ended && ended.error().code() == ErrorCode::DeadlineExceeded) {
    static_cast<void>(sys::pidfd_signal(shim_pidfd, SIGKILL));
    ended = sys::wait_readable(shim_pidfd, timeout);
  }
  TEPUI_TRY(ended, "wait for the shim to end");
  const auto reaped = sys::try_reap(shim_pidfd);
  if (!reaped && reaped.error().code() != ErrorCode::FailedPrecondition) return reaped.error();
  return ok();
}

}  // namespace tepui::agent

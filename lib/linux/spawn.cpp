#include "lib/linux/spawn.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include <fmt/format.h>

#include "lib/base/try.hpp"

namespace tepui::sys {
namespace {

std::vector<char*> to_pointers(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

/// Runs in the child between fork and execve: no allocation, no lock; a failure is written to `report` as errno.
[[noreturn]] void run_child(const SpawnRequest& request, char* const* argv, char* const* envp, pid_t parent, int report) {
  const auto fail = [report] {
    const int failure = errno;
    static_cast<void>(!::write(report, &failure, sizeof failure));
    ::_exit(127);
  };
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  if (request.is_own_session) ::setsid();
  if (request.parent_death_signal != 0) {
    if (::prctl(PR_SET_PDEATHSIG, request.parent_death_signal) != 0) fail();
    if (::getppid() != parent) ::_exit(127);  // the parent ended before prctl
  }
  // Two rounds, so that a source descriptor among 0..2 is not overwritten before it was used.
  int sources[3];
  for (int i = 0; i < 3; ++i) {
    sources[i] = request.stdio[static_cast<std::size_t>(i)];
    if (sources[i] >= 0 && (sources[i] = ::fcntl(sources[i], F_DUPFD_CLOEXEC, 3)) < 0) fail();
  }
  for (int i = 0; i < 3; ++i) {
    if (sources[i] >= 0 && ::dup2(sources[i], i) < 0) fail();
  }
  if (::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) != 0) fail();
  ::execve(request.program.c_str(), argv, envp);
  fail();
  ::_exit(127);
}

}  // namespace

Result<Process> spawn(const SpawnRequest& request, Process::AtEnd at_end) {
  const std::vector<char*> argv = to_pointers(request.arguments);
  const std::vector<char*> environment = to_pointers(request.environment);
  char* const* envp = request.environment.empty() ? environ : environment.data();
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return Error::from_errno(errno, "pipe2");
  UniqueFd read_end(ends[0]);
  UniqueFd write_end(ends[1]);
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) return Error::from_errno(errno, "fork");
  if (pid == 0) run_child(request, argv.data(), envp, parent, write_end.borrow());
  write_end.reset();
  int failure = 0;
  ssize_t count = 0;
  while ((count = ::read(read_end.borrow(), &failure, sizeof failure)) < 0 && errno == EINTR) {
  }
  if (count > 0) {
    while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
    }
    return Error::from_errno(failure, fmt::format("execve \"{}\"", request.program));
  }
  TEPUI_ASSIGN(UniqueFd pidfd, pidfd_open(pid));
  TEPUI_ASSIGN(const ProcessId id, read_process_id(pid));
  return Process(id, std::move(pidfd), at_end);
}

}  // namespace tepui::sys

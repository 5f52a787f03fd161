#include "lib/linux/process.hpp"

#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "lib/base/try.hpp"
#include "lib/linux/sys.hpp"

#ifndef PIDFD_SIGNAL_PROCESS_GROUP
#define PIDFD_SIGNAL_PROCESS_GROUP (1U << 2U)
#endif

namespace tepui::sys {
namespace {

Error not_found(pid_t pid) { return {ErrorCode::NotFound, fmt::format("find process {}", pid), ESRCH}; }

/// A siginfo's words for a child, as the status that wait(2) gives.
int status_of(const siginfo_t& info) {
  if (info.si_code == CLD_EXITED) return (info.si_status & 0xff) << 8;
  return (info.si_status & 0x7f) | (info.si_code == CLD_DUMPED ? 0x80 : 0);
}

}  // namespace

Result<ProcessId> read_process_id(pid_t pid) {
  auto text = read_file(fmt::format("/proc/{}/stat", pid), 8192);
  if (!text) {
    if (text.error().sys_errno() == ENOENT || text.error().sys_errno() == ESRCH) return not_found(pid);
    return text.error();
  }
  // The second field is the command's name in brackets, with any byte in it: count from the last bracket (man 5 proc).
  std::size_t at = text->rfind(')');
  constexpr int kFieldsToStartTime = 20;  // from the bracket to field 22
  for (int i = 0; i < kFieldsToStartTime && at != std::string::npos; ++i) at = text->find(' ', at + 1);
  ProcessId id{.pid = pid, .start_time_ticks = 0};
  if (at != std::string::npos) {
    const char* begin = text->data() + at + 1;
    const auto outcome = std::from_chars(begin, text->data() + text->size(), id.start_time_ticks);
    if (outcome.ec == std::errc{}) return id;
  }
  return Error(ErrorCode::DataLoss, fmt::format("read start time in \"/proc/{}/stat\"", pid));
}

Result<UniqueFd> pidfd_open(pid_t pid) {
  const auto fd = ::syscall(SYS_pidfd_open, pid, 0);
  if (fd < 0) return Error::from_errno(errno, fmt::format("pidfd_open {}", pid));
  return UniqueFd(static_cast<int>(fd));
}

Result<UniqueFd> open_process(ProcessId id) {
  // kill(0) and kill(-1) address groups; such an id can only come from a damaged checkpoint.
  if (id.pid <= 0) return not_found(id.pid);
  TEPUI_ASSIGN(UniqueFd pidfd, pidfd_open(id.pid));
  // Open first, compare then: from here on the pid cannot become another's without the pidfd knowing.
  TEPUI_ASSIGN(const ProcessId found, read_process_id(id.pid));
  if (found != id) return not_found(id.pid);
  TEPUI_ASSIGN(const bool ended, has_ended(pidfd.borrow()));
  if (ended) return not_found(id.pid);
  return pidfd;
}

Result<void> pidfd_signal(int pidfd, int signal) {
  if (::syscall(SYS_pidfd_send_signal, pidfd, signal, nullptr, 0U) < 0) {
    return Error::from_errno(errno, fmt::format("pidfd_send_signal {}", signal));
  }
  return ok();
}

Result<void> pidfd_signal_group(int pidfd, int signal) {
  if (::syscall(SYS_pidfd_send_signal, pidfd, signal, nullptr, PIDFD_SIGNAL_PROCESS_GROUP) == 0) return ok();
  // EINVAL: an older kernel. ESRCH: the process leads no group (yet), or has ended, which the plain call tells.
  return pidfd_signal(pidfd, signal);
}

Result<bool> has_ended(int pidfd) {
  auto readable = wait_readable(pidfd, std::chrono::milliseconds(0));
  if (readable) return true;
  if (readable.error().code() == ErrorCode::DeadlineExceeded) return false;
  return readable.error();
}

Result<std::optional<Reaped>> try_reap(int pidfd) {
  siginfo_t info{};
  Reaped reaped;
  // The raw call, because it gives the resource usage that waitid(3) leaves out.
  long outcome = -1;
  do {
    outcome = ::syscall(SYS_waitid, P_PIDFD, pidfd, &info, WEXITED | WNOHANG, &reaped.usage);
  } while (outcome < 0 && errno == EINTR);
  if (outcome < 0) {
    if (errno == ECHILD) return Error(ErrorCode::FailedPrecondition, "waitid", ECHILD);
    return Error::from_errno(errno, "waitid");
  }
  if (info.si_pid == 0) return std::optional<Reaped>();
  reaped.wait_status = status_of(info);
  return std::optional<Reaped>(reaped);
}

Result<std::string> read_boot_id() {
  TEPUI_ASSIGN(std::string text, read_file("/proc/sys/kernel/random/boot_id", 128));
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

Process::Process(Process&& other) noexcept
    : id_(std::exchange(other.id_, {})), pidfd_(std::move(other.pidfd_)), at_end_(other.at_end_) {}

Process& Process::operator=(Process&& other) noexcept {
  if (this != &other) {
    finish();
    id_ = std::exchange(other.id_, {});
    pidfd_ = std::move(other.pidfd_);
    at_end_ = other.at_end_;
  }
  return *this;
}

Process::~Process() { finish(); }

UniqueFd Process::release() {
  id_ = {};
  return std::move(pidfd_);
}

void Process::finish() noexcept {
  if (pidfd_ && at_end_ == AtEnd::KillAndReap) {
    static_cast<void>(::syscall(SYS_pidfd_send_signal, pidfd_.borrow(), SIGKILL, nullptr, 0U));
    siginfo_t info{};
    while (::syscall(SYS_waitid, P_PIDFD, pidfd_.borrow(), &info, WEXITED, nullptr) < 0 && errno == EINTR) {
    }
  }
  pidfd_.reset();
  id_ = {};
}

}  // namespace tepui::sys

// The parent reads to the end of the pipe or to the deadline, then kills by pidfd and reaps: no zombie is left.
#include "lib/linux/child_call.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include <fmt/format.h>

#include "lib/base/try.hpp"
#include "lib/linux/process.hpp"
#include "lib/linux/sys.hpp"

namespace tepui::sys {
namespace {

void set_limit(int resource, rlim_t value) {
  const rlimit limit = {value, value};
  ::setrlimit(static_cast<__rlimit_resource_t>(resource), &limit);
}

[[noreturn]] void run_child(const std::function<std::string()>& body, ChildLimits limits, int answer, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(125);
  for (int signal : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTERM, SIGINT, SIGXCPU, SIGXFSZ, SIGCHLD, SIGPIPE}) {
    ::signal(signal, SIG_DFL);
  }
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int fd = 0; fd < 3 && null >= 0; ++fd) ::dup2(null, fd);
  set_limit(RLIMIT_CORE, 0);
  set_limit(RLIMIT_FSIZE, 0);
  set_limit(RLIMIT_CPU, limits.cpu_seconds);
  // The answer's pipe may have a number above the limit; only new descriptors count.
  set_limit(RLIMIT_NOFILE, limits.open_files);
  const std::string text = body();
  ::_exit(write_all(answer, text) ? 0 : 125);
}

/// Reads to the end. No value: the deadline came first.
Result<std::string> read_answer(int fd, std::chrono::steady_clock::time_point deadline, std::size_t limit) {
  std::string text;
  std::array<char, 4096> buffer{};
  while (text.size() <= limit) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    TEPUI_TRY(wait_readable(fd, std::max(left, std::chrono::milliseconds(0))));
    TEPUI_ASSIGN(const std::size_t got, read_some(fd, buffer));
    if (got == 0) return text;
    text.append(buffer.data(), got);
  }
  return Error(ErrorCode::ResourceExhausted, fmt::format("read the child's answer: over {} bytes", limit));
}

}  // namespace

Result<std::string> call_in_child(const std::function<std::string()>& body, ChildLimits limits) {
  TEPUI_ASSIGN(Pipe pipe, make_pipe());
  const auto deadline = std::chrono::steady_clock::now() + limits.timeout;
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) return Error::from_errno(errno, "fork");
  if (child == 0) run_child(body, limits, pipe.write_end.borrow(), parent);
  pipe.write_end.reset();
  Result<std::string> answer = read_answer(pipe.read_end.borrow(), deadline, limits.answer_bytes);
  // A child that closed its end and lingers is as bad as one that says nothing: it is killed and reaped either way.
  siginfo_t info = {};
  if (!answer) ::kill(child, SIGKILL);
  auto pidfd = pidfd_open(child);
  if (answer && pidfd) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (!wait_readable(pidfd->borrow(), std::max(left, std::chrono::milliseconds(100)))) ::kill(child, SIGKILL);
  }
  while (::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED) != 0 && errno == EINTR) {
  }
  if (!answer) {
    if (answer.error().code() == ErrorCode::DeadlineExceeded) {
      return Error(ErrorCode::DeadlineExceeded, fmt::format("wait for the child: no answer after {} ms", limits.timeout.count()));
    }
    return answer;
  }
  if (info.si_code != CLD_EXITED) {
    return Error(ErrorCode::Internal, fmt::format("run the child: killed by signal {} (SIG{})", info.si_status,
                                                  ::sigabbrev_np(info.si_status)));
  }
  if (info.si_status != 0) {
    return Error(ErrorCode::Internal, fmt::format("run the child: exited with status {}", info.si_status));
  }
  return answer;
}

}  // namespace tepui::sys

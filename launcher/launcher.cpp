#include "launcher/launcher.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include <fmt/format.h>

#include "lib/base/try.hpp"
#include "lib/linux/cgroup.hpp"
#include "lib/linux/sys.hpp"

namespace tepui::launcher {
namespace {

/// Frees what posix_spawn's attributes hold.
class SpawnSetup {
 public:
  SpawnSetup() {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawnattr_init(&attributes_);
    sigset_t set;
    ::sigemptyset(&set);
    ::posix_spawnattr_setsigmask(&attributes_, &set);
    ::sigfillset(&set);
    ::posix_spawnattr_setsigdefault(&attributes_, &set);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID);
  }
  SpawnSetup(const SpawnSetup&) = delete;
  SpawnSetup& operator=(const SpawnSetup&) = delete;
  ~SpawnSetup() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }

  /// The child gets `fd` as `target`. Copies lie above every target, so that no action can hit another's source.
  Result<void> add(int fd, int target) {
    constexpr int kAboveAllTargets = kFirstPlanFd + static_cast<int>(kMaxPlanFds);
    TEPUI_ASSIGN(UniqueFd copy, sys::duplicate(fd, kAboveAllTargets));
    const int outcome = ::posix_spawn_file_actions_adddup2(&actions_, copy.borrow(), target);
    if (outcome != 0) return Error::from_errno(outcome, "prepare posix_spawn");
    copies_.push_back(std::move(copy));
    return ok();
  }

  Result<pid_t> spawn(int program) {
    // execve by the descriptor's name in /proc: the program has no path any more, it is a sealed memory file.
    const std::string path = fmt::format("/proc/self/fd/{}", program);
    char name[] = "tepui-shim";
    char* argv[] = {name, nullptr};
    char* env[] = {nullptr};
    pid_t pid = -1;
    const int outcome = ::posix_spawn(&pid, path.c_str(), &actions_, &attributes_, argv, env);
    if (outcome != 0) return Error::from_errno(outcome, "posix_spawn \"tepui-shim\"");
    return pid;
  }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
  std::vector<UniqueFd> copies_;
};

LaunchFailure to_failure(const FailureReport& report) {
  return LaunchFailure{.step = report.step,
                       .sys_errno = report.sys_errno,
                       .object = std::string(report.object, ::strnlen(report.object, kMaxObjectBytes))};
}

Error shim_died() { return {ErrorCode::Aborted, "launch container: the shim has ended"}; }

/// As send_message, with a closed peer told as what it is.
Result<void> send_to_shim(int socket, MessageKind kind) {
  Message message;
  message.kind = kind;
  auto sent = sys::send_message(socket, std::string_view(reinterpret_cast<const char*>(&message), sizeof message));
  if (sent) return ok();
  const int reason = sent.error().sys_errno();
  if (reason == EPIPE || reason == ECONNRESET || reason == EBADF) return shim_died();
  return sent;
}

}  // namespace

Result<Launcher> Launcher::create(const std::string& shim_path) {
  TEPUI_ASSIGN(const std::string bytes, sys::read_file(shim_path), fmt::format("load shim \"{}\"", shim_path));
  TEPUI_ASSIGN(UniqueFd program, sys::make_sealed_memfd("tepui-shim", bytes, true));
  // Reopened for reading: a descriptor open for writing would make execve say ETXTBSY.
  TEPUI_ASSIGN(UniqueFd readable, sys::open_file(fmt::format("/proc/self/fd/{}", program.borrow()), O_RDONLY));
  return Launcher(std::move(readable));
}

Result<Launch> Launcher::start(const LaunchPlan& plan, const Stdio& stdio, int runtime_dir) const {
  if (plan.fds.size() > kMaxPlanFds) {
    return Error(ErrorCode::InvalidArgument, fmt::format("launch with {} descriptors", plan.fds.size()));
  }
  TEPUI_ASSIGN(const std::string encoded, encode_plan(plan));
  TEPUI_ASSIGN(const UniqueFd plan_fd, sys::make_sealed_memfd("tepui-plan", encoded, false));
  TEPUI_ASSIGN(auto sockets, sys::make_socket_pair(SOCK_SEQPACKET));
  SpawnSetup setup;
  for (int i = 0; i < 3; ++i) {
    TEPUI_TRY(setup.add(stdio[static_cast<std::size_t>(i)], i));
  }
  TEPUI_TRY(setup.add(sockets.second.borrow(), kSocketFd));
  TEPUI_TRY(setup.add(plan_fd.borrow(), kPlanFd));
  TEPUI_TRY(setup.add(runtime_dir, kRuntimeDirFd));
  for (std::size_t i = 0; i < plan.fds.size(); ++i) {
    if (!plan.fds[i] || !*plan.fds[i]) {
      return Error(ErrorCode::InvalidArgument, fmt::format("launch: descriptor {} of the plan is empty", i));
    }
    TEPUI_TRY(setup.add(plan.fds[i]->borrow(), kFirstPlanFd + static_cast<int>(i)));
  }
  constexpr int kProgramFd = kFirstPlanFd + static_cast<int>(kMaxPlanFds);
  TEPUI_ASSIGN(const UniqueFd program, sys::duplicate(program_.borrow(), kProgramFd));
  TEPUI_ASSIGN(const pid_t pid, setup.spawn(program.borrow()));
  Launch launch;
  launch.socket_ = std::move(sockets.first);
  launch.shim_.pid = pid;
  // Nobody reaps the shim before its pidfd is known: it is our child, and we are the only ones who wait for it.
  TEPUI_ASSIGN(launch.shim_pidfd_, sys::pidfd_open(pid));
  TEPUI_ASSIGN(launch.shim_, sys::read_process_id(pid));
  TEPUI_TRY(sys::make_non_blocking(launch.socket_.borrow()));
  return launch;
}

Result<LaunchEvent> Launch::take_event() {
  auto received = sys::receive_message(socket_.borrow(), sizeof(Message), 1);
  if (!received) {
    return received.error().sys_errno() == ECONNRESET ? shim_died() : received.error();
  }
  if (received->bytes.empty()) return shim_died();
  Message message;
  if (received->bytes.size() != sizeof message) {
    return Error(ErrorCode::DataLoss, "launch container: a message of another size from the shim");
  }
  std::memcpy(&message, received->bytes.data(), sizeof message);
  switch (message.kind) {
    case MessageKind::Ready: {
      if (received->fds.size() != 1) return Error(ErrorCode::DataLoss, "launch container: no pidfd from the shim");
      return LaunchEvent(Parked{.container = {.pid = message.pid, .start_time_ticks = message.start_time_ticks},
                                .pidfd = std::move(received->fds[0])});
    }
    case MessageKind::Running: return LaunchEvent(Running{});
    case MessageKind::Failed: return LaunchEvent(to_failure(message.failure));
    case MessageKind::Go:
    case MessageKind::Cancel: break;
  }
  return Error(ErrorCode::DataLoss, "launch container: an unknown message from the shim");
}

Result<LaunchEvent> Launch::wait_event(std::chrono::milliseconds timeout) {
  TEPUI_TRY(sys::wait_readable(socket_.borrow(), timeout), "wait for the shim");
  return take_event();
}

Result<void> Launch::go() { return send_to_shim(socket_.borrow(), MessageKind::Go); }

void Launch::cancel() {
  if (!socket_) return;
  // Before Go the shim takes any other message, and the closing, for a cancellation; after it, Cancel alone.
  static_cast<void>(send_to_shim(socket_.borrow(), MessageKind::Cancel));
  static_cast<void>(::shutdown(socket_.borrow(), SHUT_WR));
}

Result<void> place_in_cgroups(const Parked& parked, std::span<const sys::Cgroup* const> cgroups) {
  for (const sys::Cgroup* cgroup : cgroups) {
    // On v2 the container was born in its cgroup.
    if (cgroup->version() == sys::CgroupVersion::V2) continue;
    TEPUI_TRY(cgroup->attach(parked.container.pid), fmt::format("place container in cgroup \"{}\"", cgroup->path()));
  }
  return ok();
}

Result<void> signal_container(int container_pidfd, int signal) {
  auto sent = signal == SIGKILL ? sys::pidfd_signal(container_pidfd, signal)
                                : sys::pidfd_signal_group(container_pidfd, signal);
  if (!sent && sent.error().sys_errno() == ESRCH) return ok();
  return sent;
}

Result<Adopted> adopt(sys::ProcessId container, sys::ProcessId shim, int runtime_dir) {
  Adopted adopted;
  // The shim first, the record second: a shim that ends in between has written its record before.
  auto shim_pidfd = sys::open_process(shim);
  if (!shim_pidfd && shim_pidfd.error().code() != ErrorCode::NotFound) return shim_pidfd.error();
  auto container_pidfd = sys::open_process(container);
  if (!container_pidfd && container_pidfd.error().code() != ErrorCode::NotFound) return container_pidfd.error();
  if (container_pidfd) adopted.container_pidfd = std::move(*container_pidfd);
  TEPUI_ASSIGN(adopted.record, read_exit_record(runtime_dir));
  if (shim_pidfd) {
    // Also when the container has ended already: the shim is about to leave the record, and its pidfd will say so.
    adopted.shim_pidfd = std::move(*shim_pidfd);
    adopted.state = Adopted::State::Alive;
  } else if (adopted.record) {
    adopted.state = Adopted::State::Ended;
  } else {
    adopted.state = Adopted::State::Lost;
    if (adopted.container_pidfd) static_cast<void>(signal_container(adopted.container_pidfd.borrow(), SIGKILL));
  }
  return adopted;
}

}  // namespace tepui::launcher

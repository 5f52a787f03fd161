// tepui-shim: the parent of one container. See launcher/handshake.hpp for the drawing; this file reads along it.
#include <linux/close_range.h>
#include <linux/prctl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include <cerrno>

#include "launcher/init/words.hpp"
#include "launcher/shim/shim.hpp"
#include "lib/linux/raw_sys.hpp"

namespace tepui::launcher {
namespace {

/// Sends one packet, with the container's pidfd if it is not negative. A missing agent is no failure of ours.
void send_message(const Message& message, int fd) {
  iovec part{const_cast<Message*>(&message), sizeof message};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  if (fd >= 0) {
    header.msg_control = control;
    header.msg_controllen = sizeof control;
    cmsghdr* c = CMSG_FIRSTHDR(&header);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof(int));
    copy_bytes(CMSG_DATA(c), &fd, sizeof fd);
  }
  raw::sendmsg(kSocketFd, &header, MSG_NOSIGNAL);
}

[[noreturn]] void end_failed(const Supervised& supervised, const FailureReport& failure) {
  // The record first: an agent that hears of the failure may remove the runtime directory at once.
  const bool is_written = write_exit_record(supervised, EndKind::Failed, failure);
  Message message;
  message.kind = MessageKind::Failed;
  message.failure = failure;
  send_message(message, -1);
  raw::exit_now(is_written ? kShimExitLaunchFailed : kShimExitNoRecord);
}

[[noreturn]] void end_failed_early(Container& container, LaunchStep step, long outcome, const char* object) {
  fail(container, step, outcome, object);
  end_failed(Supervised{}, container.report);
}

void become_supervisor() {
  raw::prctl(PR_SET_NAME, reinterpret_cast<unsigned long>("tepui-shim"));
  raw::prctl(PR_SET_CHILD_SUBREAPER, 1);
  raw::sigprocmask(SIG_BLOCK, raw::kAllSignals);
  raw::setsid();
  raw::chdir("/");
  raw::umask(022);
}

bool was_started_by_launcher() {
  struct stat facts {};
  if (raw::fstat(kSocketFd, &facts) < 0 || !S_ISSOCK(facts.st_mode)) return false;
  if (raw::fstat(kPlanFd, &facts) < 0 || !S_ISREG(facts.st_mode)) return false;
  return raw::fstat(kRuntimeDirFd, &facts) == 0 && S_ISDIR(facts.st_mode);
}

/// Maps the plan and reads it in place. Ends the process where that fails.
void read_own_plan(Container& container, PlanView& plan) {
  struct stat facts {};
  raw::fstat(kPlanFd, &facts);
  const auto size = static_cast<std::size_t>(facts.st_size);
  if (size == 0 || size > (1U << 20U)) end_failed_early(container, LaunchStep::DecodePlan, -EMSGSIZE, "plan");
  const long bytes = raw::mmap(size, PROT_READ, MAP_PRIVATE, kPlanFd);
  const std::size_t arena_size = arena_size_for(size);
  const long memory = raw::mmap(arena_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
  if (bytes < 0 && bytes > -4096) end_failed_early(container, LaunchStep::DecodePlan, bytes, "mmap");
  if (memory < 0 && memory > -4096) end_failed_early(container, LaunchStep::DecodePlan, memory, "mmap");
  Arena arena(reinterpret_cast<void*>(memory), arena_size);
  PlanProblem problem = read_plan(reinterpret_cast<const char*>(bytes), size, arena, plan);
  if (problem.what == nullptr) problem = check_plan(plan);
  if (problem.what != nullptr) end_failed_early(container, LaunchStep::DecodePlan, -EINVAL, problem.what);
  raw::close(kPlanFd);
  for (const auto& entry : plan.namespaces) {
    const std::uint64_t flag = clone_flag_of(entry.kind);
    if (flag == CLONE_NEWUSER) end_failed_early(container, LaunchStep::MapIds, -ENOSYS, "user namespace");
    if (flag == CLONE_NEWTIME) end_failed_early(container, LaunchStep::Clone, -ENOSYS, "time namespace");
  }
}

/// A pipe whose ends lie above every number the container may inherit.
bool make_pipe(Container& container, int& read_end, int& write_end) {
  int ends[2] = {-1, -1};
  long outcome = raw::pipe2(ends, O_CLOEXEC);
  for (int i = 0; i < 2 && outcome >= 0; ++i) {
    outcome = raw::fcntl(ends[i], F_DUPFD_CLOEXEC, kLowestInternalFd);
    if (outcome < 0) break;
    raw::close(ends[i]);
    ends[i] = static_cast<int>(outcome);
  }
  read_end = ends[0];
  write_end = ends[1];
  return outcome >= 0 || fail(container, LaunchStep::Park, outcome, "pipe");
}

bool join_pid_namespace(Container& container) {
  for (const auto& entry : container.plan->namespaces) {
    if (clone_flag_of(entry.kind) != CLONE_NEWPID || entry.join == PlanView::kNone) continue;
    const long outcome = raw::setns(kFirstPlanFd + static_cast<int>(entry.join), CLONE_NEWPID);
    if (outcome < 0) return fail(container, LaunchStep::JoinPidNamespace, outcome, "setns");
  }
  return true;
}

/// The child never comes back from here.
bool start_container(Container& container, Supervised& supervised) {
  const PlanView& plan = *container.plan;
  clone_args arguments{};
  arguments.flags = CLONE_PIDFD | (plan.new_namespaces() & ~std::uint64_t{CLONE_NEWCGROUP});
  arguments.exit_signal = SIGCHLD;
  int pidfd = -1;
  arguments.pidfd = reinterpret_cast<std::uint64_t>(&pidfd);
  if (plan.cgroup_fd != PlanView::kNone) {
    arguments.flags |= CLONE_INTO_CGROUP;
    arguments.cgroup = static_cast<std::uint64_t>(kFirstPlanFd) + plan.cgroup_fd;
  }
  const long pid = raw::clone3(&arguments);
  if (pid < 0) return fail(container, LaunchStep::Clone, pid, "clone3");
  if (pid == 0) {
    raw::close(kSocketFd);
    raw::close(kRuntimeDirFd);
    run_container(container);
  }
  supervised.pid = static_cast<int>(pid);
  supervised.pidfd = pidfd;
  supervised.start_time_ticks = read_start_time(supervised.pid);
  return true;
}

/// What only the container needs is given up: its mounts would otherwise be held by us.
void close_container_side(const Container& container) {
  raw::close(container.go_read);
  raw::close(container.report_write);
  if (container.status_write >= 0) raw::close(container.status_write);
  if (container.root_tree >= 0) raw::close(container.root_tree);
  for (const auto& mount : container.plan->mounts) {
    if (mount.tree >= 0) raw::close(mount.tree);
  }
  if (container.plan->fd_count > 0) {
    raw::close_range(kFirstPlanFd, kFirstPlanFd + container.plan->fd_count - 1, 0);
  }
}

/// Reaps every child that has ended and notes the container's end.
void reap(Supervised& supervised, int flags) {
  while (true) {
    int status = 0;
    rusage usage{};
    const long pid = raw::wait4(-1, &status, flags | __WALL, &usage);
    if (pid <= 0) return;
    if (pid != supervised.pid) continue;
    supervised.has_ended = true;
    supervised.wait_status = status;
    supervised.usage = usage;
    return;
  }
}

void kill_and_wait(Supervised& supervised) {
  raw::pidfd_send_signal(supervised.pidfd, SIGKILL);
  while (!supervised.has_ended) reap(supervised, 0);
}

/// The next message of the agent; no value when it has gone.
bool receive_kind(MessageKind& kind) {
  Message message;
  const long size = raw::receive(kSocketFd, &message, sizeof message, 0);
  if (size != static_cast<long>(sizeof message)) return false;
  kind = message.kind;
  return true;
}

/// Waits for Go. False: the launch is cancelled, or the parked container has been killed.
bool wait_for_go(const Supervised& supervised) {
  pollfd entries[2] = {{kSocketFd, POLLIN, 0}, {supervised.pidfd, POLLIN, 0}};
  while (true) {
    const long outcome = raw::poll(entries, 2, nullptr);
    if (outcome < 0 && outcome != -EINTR) return false;
    if (entries[1].revents != 0) return false;
    if (entries[0].revents == 0) continue;
    MessageKind kind{};
    return receive_kind(kind) && kind == MessageKind::Go;
  }
}

/// Reads what the container reports until end of file. True: it has been executed (or killed meanwhile).
/// `is_agent_there` becomes false when the agent's end closes; Cancel kills the container.
bool wait_for_exec(Container& container, const Supervised& supervised, bool& is_agent_there) {
  pollfd entries[2] = {{container.report_read, POLLIN, 0}, {kSocketFd, POLLIN, 0}};
  std::size_t filled = 0;
  auto* bytes = reinterpret_cast<char*>(&container.report);
  container.report = FailureReport{};
  while (true) {
    entries[1].fd = is_agent_there ? kSocketFd : -1;
    const long outcome = raw::poll(entries, 2, nullptr);
    if (outcome < 0 && outcome != -EINTR) return true;
    if (entries[1].revents != 0) {
      MessageKind kind{};
      is_agent_there = receive_kind(kind);
      if (is_agent_there && kind == MessageKind::Cancel) raw::pidfd_send_signal(supervised.pidfd, SIGKILL);
    }
    if (entries[0].revents == 0) continue;
    const long size = raw::read(container.report_read, bytes + filled, sizeof container.report - filled);
    if (size > 0) filled += static_cast<std::size_t>(size);
    if (size <= 0 || filled == sizeof container.report) break;
  }
  raw::close(container.report_read);
  container.report.object[kMaxObjectBytes - 1] = '\0';
  return filled != sizeof container.report;
}

/// Waits for the container's end, reaping orphans meanwhile, and obeys Cancel.
void supervise(Supervised& supervised, bool is_agent_there) {
  const long signals = raw::signalfd(raw::signal_bit(SIGCHLD), O_CLOEXEC);
  if (signals < 0) {
    while (!supervised.has_ended) reap(supervised, 0);
    return;
  }
  pollfd entries[2] = {{static_cast<int>(signals), POLLIN, 0}, {kSocketFd, POLLIN, 0}};
  reap(supervised, WNOHANG);
  while (!supervised.has_ended) {
    entries[1].fd = is_agent_there ? kSocketFd : -1;
    raw::poll(entries, 2, nullptr);
    if (entries[0].revents != 0) {
      char drained[128 * 4];
      raw::read(static_cast<int>(signals), drained, sizeof drained);
    }
    if (is_agent_there && entries[1].revents != 0) {
      MessageKind kind{};
      is_agent_there = receive_kind(kind);
      if (is_agent_there && kind == MessageKind::Cancel) raw::pidfd_send_signal(supervised.pidfd, SIGKILL);
    }
    reap(supervised, WNOHANG);
  }
}

/// With our init the command's own status came by the pipe; without a word init itself was killed, and that is the truth.
void take_status_of_command(const Container& container, Supervised& supervised) {
  if (container.status_read < 0) return;
  int status = 0;
  if (raw::read(container.status_read, &status, sizeof status) == static_cast<long>(sizeof status)) {
    supervised.wait_status = status;
  }
}

[[noreturn]] void run() {
  Container container;
  PlanView plan;
  Supervised supervised;
  container.plan = &plan;
  become_supervisor();
  read_own_plan(container, plan);
  raw::close_range(static_cast<unsigned>(kFirstPlanFd) + plan.fd_count, ~0U, 0);
  const bool has_init = plan.wants_init && (plan.new_namespaces() & CLONE_NEWPID) != 0;
  const bool is_started = reserve_exit_record(container) && open_sources(container) && join_pid_namespace(container) &&
                          make_pipe(container, container.go_read, container.go_write) &&
                          make_pipe(container, container.report_read, container.report_write) &&
                          (!has_init || make_pipe(container, container.status_read, container.status_write)) &&
                          start_container(container, supervised);
  if (!is_started) end_failed(supervised, container.report);
  close_container_side(container);

  Message ready;
  ready.kind = MessageKind::Ready;
  ready.pid = supervised.pid;
  ready.start_time_ticks = supervised.start_time_ticks;
  send_message(ready, supervised.pidfd);
  if (!wait_for_go(supervised)) {
    kill_and_wait(supervised);
    const bool is_written = write_exit_record(supervised, EndKind::Cancelled, container.report);
    raw::exit_now(is_written ? kShimExitClean : kShimExitNoRecord);
  }
  const char go = 'g';
  raw::write(container.go_write, &go, 1);
  raw::close(container.go_write);

  bool is_agent_there = true;
  if (!wait_for_exec(container, supervised, is_agent_there)) {
    kill_and_wait(supervised);
    end_failed(supervised, container.report);
  }
  Message running;
  running.kind = MessageKind::Running;
  send_message(running, -1);
  supervise(supervised, is_agent_there);
  take_status_of_command(container, supervised);
  const bool is_written = write_exit_record(supervised, EndKind::Exited, container.report);
  kill_leftovers();
  raw::exit_now(is_written ? kShimExitClean : kShimExitNoRecord);
}

}  // namespace
}  // namespace tepui::launcher

int main() {
  if (!tepui::launcher::was_started_by_launcher()) {
    constexpr char kMessage[] = "tepui-shim: only tepui-agent starts this program\n";
    tepui::raw::write(2, kMessage, sizeof kMessage - 1);
    return tepui::launcher::kShimExitBadStart;
  }
  tepui::launcher::run();
}

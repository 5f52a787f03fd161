#include "launcher/init/container.hpp"

#include <linux/prctl.h>
#include <signal.h>

#include "launcher/init/words.hpp"
#include "lib/linux/raw_sys.hpp"

namespace tepui::launcher {
namespace {

constexpr int kExitLaunchFailed = 127;

[[noreturn]] void report_and_exit(Container& container) {
  raw::write(container.report_write, &container.report, sizeof container.report);
  raw::exit_now(kExitLaunchFailed);
}

/// Waits for go. The shim closes its end instead when the launch is cancelled.
void park(Container& container) {
  raw::close(container.go_write);
  raw::close(container.report_read);
  if (container.status_read >= 0) raw::close(container.status_read);
  char byte = 0;
  if (raw::read(container.go_read, &byte, 1) != 1) raw::exit_now(kExitLaunchFailed);
  raw::close(container.go_read);
}

/// The container does not outlive its shim. A change of user takes this away, hence a second time before execve.
void die_with_parent() { raw::prctl(PR_SET_PDEATHSIG, SIGKILL); }

bool shape_surroundings(Container& container) {
  return join_namespaces(container) && unshare_cgroup_namespace(container) && set_hostname(container) &&
         prepare_root(container) && do_mounts(container) && make_devices(container) && mask_paths(container) &&
         protect_paths(container) && write_sysctls(container) && set_oom_score(container) && enter_root(container) &&
         take_inherited_fds(container);
}

/// The command's own part. Without no_new_privs a filter can only be loaded while CAP_SYS_ADMIN is still there.
bool become_command(Container& container) {
  const bool is_filter_early = !container.plan->no_new_privs;
  if (!set_rlimits(container) || !drop_bounding_set(container)) return false;
  if (is_filter_early && !load_seccomp(container)) return false;
  if (!set_groups(container) || !set_user(container) || !enter_working_directory(container)) return false;
  if (!set_capabilities(container) || !set_no_new_privs(container) || !mark_fds(container)) return false;
  die_with_parent();
  return is_filter_early || load_seccomp(container);
}

void restore_signals() {
  for (int signal = 1; signal <= 64; ++signal) {
    if (signal != SIGKILL && signal != SIGSTOP) raw::default_action(signal);
  }
  raw::sigprocmask(SIG_SETMASK, 0);
}

[[noreturn]] void run_command(Container& container) {
  raw::setsid();
  if (!become_command(container)) report_and_exit(container);
  restore_signals();
  execute(container);
  report_and_exit(container);
}

/// Forks the command off pid 1, which then becomes the init.
[[noreturn]] void run_with_init(Container& container) {
  // A group of init's own: the agent signals groups, and the one it was born in is the shim's.
  raw::setsid();
  clone_args arguments{};
  arguments.exit_signal = SIGCHLD;
  const long command = raw::clone3(&arguments);
  if (command < 0) {
    fail(container, LaunchStep::ForkCommand, command, "clone3");
    report_and_exit(container);
  }
  if (command == 0) {
    raw::close(container.status_write);
    run_command(container);
  }
  run_init(container, static_cast<int>(command));
}

}  // namespace

bool fail(Container& container, LaunchStep step, long outcome, const char* object) {
  container.report.step = step;
  container.report.sys_errno = static_cast<std::int32_t>(-outcome);
  FixedText<kMaxObjectBytes> text;
  text.add(object);
  copy_bytes(container.report.object, text.text(), text.size() + 1);
  return false;
}

void run_container(Container& container) {
  die_with_parent();
  park(container);
  raw::umask(0);
  if (!shape_surroundings(container)) report_and_exit(container);
  const bool is_pid_one = (container.plan->new_namespaces() & CLONE_NEWPID) != 0;
  if (is_pid_one && container.plan->wants_init) run_with_init(container);
  run_command(container);
}

}  // namespace tepui::launcher

// Containers without namespaces: execution, exit records, identity, descriptors, cancellation.
#include <sys/resource.h>

#include "lib/linux/raw_sys.hpp"
#include "tests/fakes/requires.hpp"
#include "tests/integration/launcher/container_run.hpp"

namespace tepui::launcher {
namespace {

/// A file system of two pages that is mounted nowhere.
UniqueFd make_small_directory() {
  const UniqueFd context(static_cast<int>(raw::fsopen("tmpfs")));
  EXPECT_EQ(raw::fsconfig(context.borrow(), FSCONFIG_SET_STRING, "size", "8192"), 0);
  EXPECT_EQ(raw::fsconfig(context.borrow(), FSCONFIG_CMD_CREATE, nullptr, nullptr), 0);
  return UniqueFd(static_cast<int>(raw::fsmount(context.borrow(), 0)));
}

void fill_up(int directory) {
  const std::string page(4096, 'x');
  auto file = sys::open_at(directory, "filler", O_WRONLY | O_CREAT | O_APPEND, 0600);
  ASSERT_TRUE(file) << file.error().to_string();
  for (int i = 0; i < 3; ++i) {
    if (!sys::write_all(file->borrow(), page)) return;
  }
  FAIL() << "the file system is larger than was asked for";
}

TEST(LauncherRunTest, TrueExitsWithZeroAndLeavesARecord) {
  TEPUI_REQUIRES(root);
  ContainerRun run;
  const ExitRecord record = run.run(shell_plan("exit 0"));
  EXPECT_EQ(record.kind, ExitKind::Exited);
  EXPECT_TRUE(WIFEXITED(record.wait_status));
  EXPECT_EQ(WEXITSTATUS(record.wait_status), 0);
  EXPECT_EQ(record.pid, run.parked->container.pid);
  EXPECT_EQ(record.start_time_ticks, run.parked->container.start_time_ticks);
  EXPECT_GT(record.max_rss_kib, 0U);
}

TEST(LauncherRunTest, TheExitCodeIsTheCommands) {
  TEPUI_REQUIRES(root);
  ContainerRun run;
  EXPECT_EQ(WEXITSTATUS(run.run(shell_plan("exit 42")).wait_status), 42);
}

TEST(LauncherRunTest, DeathByASignalIsTold) {
  TEPUI_REQUIRES(root);
  ContainerRun run;
  const ExitRecord record = run.run(shell_plan("kill -TERM $$"));
  EXPECT_TRUE(WIFSIGNALED(record.wait_status));
  EXPECT_EQ(WTERMSIG(record.wait_status), SIGTERM);
}

TEST(LauncherRunTest, TheEnvironmentIsThePlansAndNothingElse) {
  TEPUI_REQUIRES(root);
  ContainerRun run;
  LaunchPlan plan;
  plan.argv = {"env"};
  plan.env = {"PATH=/usr/bin:/bin", "GREETING=hello there"};
  run.run(plan);
  EXPECT_EQ(run.output(), "PATH=/usr/bin:/bin\nGREETING=hello there\n");
}

TEST(LauncherRunTest, TheExecutableMayDifferFromArgvZero) {
  TEPUI_REQUIRES(root);
  ContainerRun run;
  LaunchPlan plan = shell_plan("echo $0");
  plan.executable = "sh";
  plan.argv = {"another", "-c", "echo $0"};
  run.run(plan);
  EXPECT_EQ(run.output(), "another\n");
}

TEST(LauncherRunTest, ACommandThatIsNotThereFailsWithExecAndEnoent) {
  TEPUI_REQUIRES(root);
  ContainerRun run;
  LaunchPlan plan;
  plan.argv = {"no-such-command-anywhere"};
  const ExitRecord record = run.run(plan);
  ASSERT_TRUE(run.failure);
  EXPECT_EQ(run.failure->step, LaunchStep::Exec);
  EXPECT_EQ(run.failure->sys_errno, ENOENT);
  EXPECT_EQ(run.failure->object, "no-such-command-anywhere");
  EXPECT_EQ(run.failure->shell_exit_code(), 127);
  EXPECT_EQ(record.kind, ExitKind::Failed);
  ASSERT_TRUE(record.failure);
  EXPECT_EQ(record.failure->step, LaunchStep::Exec);
  EXPECT_EQ(record.failure->object, "no-such-command-anywhere");
}

TEST(LauncherRunTest, AFileThatIsNoProgramCannotBeInvoked) {
  TEPUI_REQUIRES(root);
  ContainerRun run;
  LaunchPlan plan;
  plan.argv = {"/etc/passwd"};
  run.run(plan);
  ASSERT_TRUE(run.failure);
  EXPECT_EQ(run.failure->sys_errno, EACCES);
  EXPECT_EQ(run.failure->shell_exit_code(), 126);
}

TEST(LauncherRunTest, AMissingWorkingDirectoryIsNamed) {
  TEPUI_REQUIRES(root);
  ContainerRun run;
  LaunchPlan plan = shell_plan("true");
  plan.cwd = "/no/such/place";
  run.run(plan);
  ASSERT_TRUE(run.failure);
  EXPECT_EQ(run.failure->step, LaunchStep::WorkingDirectory);
  EXPECT_EQ(run.failure->sys_errno, ENOENT);
  EXPECT_EQ(run.failure->object, "/no/such/place");
}

TEST(LauncherRunTest, AWorkingDirectoryThroughAMagicLinkIsRefused) {
  TEPUI_REQUIRES(root);
  for (const char* cwd : {"/proc/self/fd/3", "/proc/self/fd/5", "/proc/1/cwd", "/proc/self/cwd"}) {
    ContainerRun run;
    LaunchPlan plan = shell_plan("true");
    plan.cwd = cwd;
    run.run(plan);
    ASSERT_TRUE(run.failure) << cwd;
    EXPECT_EQ(run.failure->step, LaunchStep::WorkingDirectory) << cwd;
  }
}

TEST(LauncherRunTest, TheTaskHasTheThreeStandardDescriptorsOnly) {
  TEPUI_REQUIRES(root);
  // Descriptors that nobody marked close-on-exec, as a careless library leaves them.
  std::vector<UniqueFd> junk;
  for (int i = 0; i < 64; ++i) {
    junk.emplace_back(::open("/", O_RDONLY | O_DIRECTORY));  // NOLINT: without O_CLOEXEC on purpose
  }
  ContainerRun run;
  run.run(shell_plan("ls /proc/$$/fd; true"));
  EXPECT_EQ(run.output(), "0\n1\n2\n");
}

TEST(LauncherRunTest, ADeclaredDescriptorIsInheritedUnderItsNumber) {
  TEPUI_REQUIRES(root);
  ContainerRun run;
  LaunchPlan plan = shell_plan("ls /proc/$$/fd; true; cat <&9");
  UniqueFd file = sys::make_sealed_memfd("inherited", "through\n", false).value();
  const FdIndex index = plan.add_fd(sys::open_file("/proc/self/fd/" + std::to_string(file.borrow()), O_RDONLY).value());
  plan.inherited_fds.push_back({.fd = index, .container_fd = 9});
  run.run(plan);
  EXPECT_EQ(run.output(), "0\n1\n2\n9\nthrough\n");
}

TEST(LauncherRunTest, UserGroupsAndUmaskAreExact) {
  TEPUI_REQUIRES(root);
  ContainerRun run;
  LaunchPlan plan = shell_plan("id -u; id -g; id -G; umask");
  plan.user = {.uid = 12345, .gid = 23456, .additional_gids = {7, 8}};
  plan.umask = 077;
  run.run(plan);
  EXPECT_EQ(run.output(), "12345\n23456\n23456 7 8\n0077\n");
}

TEST(LauncherRunTest, CapabilitiesAreNoneAndNoNewPrivsIsSetByDefault) {
  TEPUI_REQUIRES(root);
  for (const std::uint32_t uid : {0U, 65534U}) {
    ContainerRun run;
    LaunchPlan plan = shell_plan("grep -E '^(Cap|NoNewPrivs)' /proc/self/status | tr -d '\\t'");
    plan.user = {.uid = uid, .gid = uid, .additional_gids = {}};
    run.run(plan);
    EXPECT_EQ(run.output(),
              "CapInh:0000000000000000\nCapPrm:0000000000000000\nCapEff:0000000000000000\n"
              "CapBnd:0000000000000000\nCapAmb:0000000000000000\nNoNewPrivs:1\n");
  }
}

TEST(LauncherRunTest, DeclaredCapabilitiesAreExactAndUndefinedBitsAreDropped) {
  TEPUI_REQUIRES(root);
  ContainerRun run;
  LaunchPlan plan = shell_plan("grep '^Cap' /proc/self/status | tr -d '\\t'");
  plan.user = {.uid = 65534, .gid = 65534, .additional_gids = {}};
  constexpr std::uint64_t kNetBind = 1U << 10U;
  constexpr std::uint64_t kUndefined = std::uint64_t{1} << 62U;
  plan.capabilities = {.bounding = kNetBind | kUndefined,
                       .effective = kNetBind,
                       .permitted = kNetBind | kUndefined,
                       .inheritable = kNetBind,
                       .ambient = kNetBind};
  run.run(plan);
  EXPECT_EQ(run.output(),
            "CapInh:0000000000000400\nCapPrm:0000000000000400\nCapEff:0000000000000400\n"
            "CapBnd:0000000000000400\nCapAmb:0000000000000400\n");
}

TEST(LauncherRunTest, ALowerRlimitHoldsInTheTask) {
  TEPUI_REQUIRES(root);
  ContainerRun run;
  LaunchPlan plan = shell_plan("ulimit -n");
  plan.rlimits.push_back({.resource = RLIMIT_NOFILE, .soft = 64, .hard = 64});
  run.run(plan);
  EXPECT_EQ(run.output(), "64\n");
}

TEST(LauncherRunTest, ARaisedHardLimitWithoutThePrivilegeNamesTheLimit) {
  TEPUI_REQUIRES(root);
  rlimit own{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &own), 0);
  if (own.rlim_max == RLIM_INFINITY) GTEST_SKIP() << "needs a bounded RLIMIT_NOFILE: it is infinite here";
  ContainerRun run;
  LaunchPlan plan = shell_plan("true");
  plan.rlimits.push_back({.resource = RLIMIT_NOFILE, .soft = 64, .hard = 1ULL << 40U});
  run.run(plan);
  ASSERT_TRUE(run.failure);
  EXPECT_EQ(run.failure->step, LaunchStep::Rlimit);
  EXPECT_EQ(run.failure->sys_errno, EPERM);
  EXPECT_EQ(run.failure->object, "RLIMIT_NOFILE");
}

TEST(LauncherRunTest, ASeccompFilterIsInForce) {
  TEPUI_REQUIRES(root, seccomp);
  ContainerRun run;
  LaunchPlan plan = shell_plan("grep '^Seccomp:' /proc/self/status | tr -d '\\t'");
  plan.seccomp = {sock_filter{BPF_RET | BPF_K, 0, 0, 0x7fff0000U}};  // SECCOMP_RET_ALLOW
  run.run(plan);
  EXPECT_EQ(run.output(), "Seccomp:2\n");
}

TEST(LauncherRunTest, AFilterThatTheKernelRefusesFailsInTheSeccompStep) {
  TEPUI_REQUIRES(root, seccomp);
  ContainerRun run;
  LaunchPlan plan = shell_plan("true");
  plan.seccomp = {sock_filter{0xffff, 0, 0, 0}};
  run.run(plan);
  ASSERT_TRUE(run.failure);
  EXPECT_EQ(run.failure->step, LaunchStep::Seccomp);
  EXPECT_EQ(run.failure->sys_errno, EINVAL);
}

TEST(LauncherRunTest, TheTaskLeadsASessionOfItsOwn) {
  TEPUI_REQUIRES(root);
  ContainerRun run;
  run.run(shell_plan("set -- $(cat /proc/$$/stat); [ $5 = $$ ] && [ $6 = $$ ] && echo leads"));
  EXPECT_EQ(run.output(), "leads\n");
}

TEST(LauncherRunTest, NothingOfTheCommandRunsBeforeGo) {
  TEPUI_REQUIRES(root);
  ContainerRun run;
  auto event = run.start(shell_plan("echo ran"));
  ASSERT_TRUE(event);
  ASSERT_TRUE(run.parked);
  EXPECT_FALSE(sys::wait_readable(run.launch->socket(), std::chrono::milliseconds(50)));
  EXPECT_EQ(run.output(), "");
  EXPECT_EQ(sys::read_process_id(run.parked->container.pid).value(), run.parked->container);
}

TEST(LauncherRunTest, CancellingBeforeGoKillsAndLeavesACancelledRecord) {
  TEPUI_REQUIRES(root);
  ContainerRun run;
  ASSERT_TRUE(run.start(shell_plan("echo ran")));
  run.launch->cancel();
  EXPECT_EQ(run.wait_for_shim(), kShimExitClean);
  EXPECT_TRUE(sys::has_ended(run.parked->pidfd.borrow()).value());
  auto record = run.read_record();
  ASSERT_TRUE(record);
  EXPECT_EQ(record->kind, ExitKind::Cancelled);
  EXPECT_EQ(run.output(), "");
  run.launch.reset();
}

TEST(LauncherRunTest, CancellingARunningContainerKillsIt) {
  TEPUI_REQUIRES(root);
  ContainerRun run;
  ASSERT_TRUE(run.start(shell_plan("exec sleep 1000")));
  auto event = run.go();
  ASSERT_TRUE(event);
  ASSERT_TRUE(std::holds_alternative<Running>(*event));
  run.launch->cancel();
  run.wait_for_shim();
  auto record = run.read_record();
  ASSERT_TRUE(record);
  EXPECT_EQ(WTERMSIG(record->wait_status), SIGKILL);
  run.launch.reset();
}

TEST(LauncherRunTest, WhatTheCommandLeavesBehindIsKilledWithIt) {
  TEPUI_REQUIRES(root);
  ContainerRun run;
  run.run(shell_plan("setsid sleep 1000 & setsid sh -c 'sleep 1000 & exec sleep 1000' & sleep 0.2; "
                     "echo $!; exit 3"));
  const pid_t left = std::stoi(run.output());
  EXPECT_FALSE(sys::read_process_id(left)) << left;
}

TEST(LauncherRunTest, SignalsReachTheContainer) {
  TEPUI_REQUIRES(root);
  ContainerRun run;
  ASSERT_TRUE(run.start(shell_plan("exec sleep 1000")));
  ASSERT_TRUE(run.go());
  ASSERT_TRUE(signal_container(run.parked->pidfd.borrow(), SIGTERM));
  run.wait_for_shim();
  EXPECT_EQ(WTERMSIG(run.read_record()->wait_status), SIGTERM);
  run.launch.reset();
}

TEST(LauncherRunTest, AFullRuntimeDirectoryFailsTheLaunchBeforeTheCommand) {
  TEPUI_REQUIRES(root);
  ContainerRun run;
  run.use_runtime_dir(make_small_directory());
  fill_up(run.runtime_dir());
  auto event = run.start(shell_plan("echo ran"));
  ASSERT_TRUE(event) << event.error().to_string();
  ASSERT_TRUE(std::holds_alternative<LaunchFailure>(*event));
  const auto& failure = std::get<LaunchFailure>(*event);
  EXPECT_EQ(failure.step, LaunchStep::ReserveRecord);
  EXPECT_EQ(failure.sys_errno, ENOSPC);
  EXPECT_EQ(run.wait_for_shim(), kShimExitNoRecord);
  EXPECT_EQ(run.output(), "");
  run.launch.reset();
}

TEST(LauncherRunTest, ARuntimeDirectoryThatIsFullAtTheEndStillTakesTheExitRecord) {
  TEPUI_REQUIRES(root);
  ContainerRun run;
  run.use_runtime_dir(make_small_directory());
  ASSERT_TRUE(run.start(shell_plan("exit 7")));
  fill_up(run.runtime_dir());
  ASSERT_TRUE(run.go());
  EXPECT_EQ(run.wait_for_shim(), kShimExitClean);
  auto record = run.read_record();
  ASSERT_TRUE(record);
  EXPECT_EQ(WEXITSTATUS(record->wait_status), 7);
  run.launch.reset();
}

TEST(LauncherRunTest, APlanTheShimWouldRefuseIsRefusedAtTheStart) {
  ContainerRun run;
  auto event = run.start(LaunchPlan{});
  ASSERT_FALSE(event);
  EXPECT_EQ(event.error().code(), ErrorCode::InvalidArgument);
}

TEST(LauncherRunTest, AShimThatIsNotThereIsNamed) {
  auto launcher = Launcher::create("/no/such/tepui-shim");
  ASSERT_FALSE(launcher);
  EXPECT_EQ(launcher.error().code(), ErrorCode::NotFound);
  EXPECT_NE(launcher.error().to_string().find("/no/such/tepui-shim"), std::string::npos);
}

TEST(LauncherRunTest, TheShimIsASealedFileThatNobodyCanWriteTo) {
  TEPUI_REQUIRES(root);
  ContainerRun run;
  ASSERT_TRUE(run.start(shell_plan("true")));
  for (const pid_t pid : {run.launch->shim().pid, run.parked->container.pid}) {
    auto opened = sys::open_file("/proc/" + std::to_string(pid) + "/exe", O_RDWR);
    if (!opened) continue;  // ETXTBSY
    EXPECT_FALSE(sys::write_some(opened->borrow(), "x"));
  }
}

}  // namespace
}  // namespace tepui::launcher

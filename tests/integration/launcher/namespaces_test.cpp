// Containers with namespaces and mounts of their own.
#include <sys/mount.h>
#include <sys/stat.h>

#include <algorithm>

#include "lib/linux/mountinfo.hpp"
#include "tests/fakes/requires.hpp"
#include "tests/integration/launcher/container_run.hpp"

namespace tepui::launcher {
namespace {

/// A read-only view of the host with /proc, /tmp and /dev of the container's own.
LaunchPlan host_view_plan(const std::string& line) {
  LaunchPlan plan = shell_plan(line);
  plan.namespaces = {{NamespaceKind::Mount}, {NamespaceKind::Pid}, {NamespaceKind::Ipc}, {NamespaceKind::Uts}};
  plan.root = {.path = "/", .fd = kNoFd, .is_readonly = true};
  plan.mounts.push_back({.source = "proc", .target = "/proc", .fstype = "proc",
                         .flags = MS_NOSUID | MS_NODEV | MS_NOEXEC});
  plan.mounts.push_back({.source = "tmpfs", .target = "/tmp", .fstype = "tmpfs", .flags = MS_NOSUID | MS_NODEV,
                         .data = "mode=1777,size=1m"});
  plan.mounts.push_back({.source = "tmpfs", .target = "/dev", .fstype = "tmpfs", .flags = MS_NOSUID,
                         .data = "mode=755,size=64k"});
  plan.devices.push_back({.path = "/dev/null", .mode = S_IFCHR | 0666, .major = 1, .minor = 3});
  return plan;
}

std::string mount_table() {
  return sys::read_file("/proc/self/mountinfo").value();
}

TEST(LauncherNamespacesTest, TheCommandIsTheSecondProcessBehindOurInit) {
  TEPUI_REQUIRES(root, pidns, mntns);
  ContainerRun run;
  const ExitRecord record = run.run(host_view_plan("echo $$; tr '\\0' ' ' < /proc/1/comm; exit 9"));
  EXPECT_EQ(run.output(), "2\ntepui-init\n");
  EXPECT_EQ(WEXITSTATUS(record.wait_status), 9);
}

TEST(LauncherNamespacesTest, WithoutOurInitTheCommandIsPidOne) {
  TEPUI_REQUIRES(root, pidns, mntns);
  ContainerRun run;
  LaunchPlan plan = host_view_plan("echo $$");
  plan.wants_init = false;
  run.run(plan);
  EXPECT_EQ(run.output(), "1\n");
}

TEST(LauncherNamespacesTest, ASignalDeathBehindInitIsToldAsOne) {
  TEPUI_REQUIRES(root, pidns, mntns);
  ContainerRun run;
  const ExitRecord record = run.run(host_view_plan("kill -SEGV $$"));
  ASSERT_TRUE(WIFSIGNALED(record.wait_status));
  EXPECT_EQ(WTERMSIG(record.wait_status), SIGSEGV);
}

TEST(LauncherNamespacesTest, InitForwardsSignalsToTheCommand) {
  TEPUI_REQUIRES(root, pidns, mntns);
  ContainerRun run;
  ASSERT_TRUE(run.start(host_view_plan("trap 'echo caught; exit 5' TERM; echo ready; while :; do sleep 0.05; done")));
  ASSERT_TRUE(run.go());
  for (int i = 0; i < 200 && run.output().empty(); ++i) {
    static_cast<void>(sys::wait_readable(run.launch->shim_pidfd(), std::chrono::milliseconds(20)));
  }
  ASSERT_TRUE(signal_container(run.parked->pidfd.borrow(), SIGTERM));
  run.wait_for_shim();
  EXPECT_EQ(WEXITSTATUS(run.read_record()->wait_status), 5);
  EXPECT_NE(run.output().find("caught\n"), std::string::npos);
  run.launch.reset();
}

TEST(LauncherNamespacesTest, InitReapsOrphans) {
  TEPUI_REQUIRES(root, pidns, mntns);
  ContainerRun run;
  run.run(host_view_plan("sh -c 'sleep 0.05 & exit 0'; sleep 0.3; grep -l '^State:.Z' /proc/[0-9]*/status; echo done"));
  EXPECT_EQ(run.output(), "done\n");
}

TEST(LauncherNamespacesTest, KillingInitKillsEverythingInside) {
  TEPUI_REQUIRES(root, pidns, mntns);
  ContainerRun run;
  ASSERT_TRUE(run.start(host_view_plan("setsid sleep 1000 & setsid sleep 1000 & wait")));
  ASSERT_TRUE(run.go());
  ASSERT_TRUE(signal_container(run.parked->pidfd.borrow(), SIGKILL));
  EXPECT_EQ(run.wait_for_shim(), kShimExitClean);
  EXPECT_EQ(WTERMSIG(run.read_record()->wait_status), SIGKILL);
  run.launch.reset();
}

TEST(LauncherNamespacesTest, TheHostIsReadOnlyAndTmpIsPrivate) {
  TEPUI_REQUIRES(root, pidns, mntns);
  ContainerRun run;
  const std::string before = mount_table();
  run.run(host_view_plan("touch /etc/tepui-must-not-exist 2>&1 | grep -o 'Read-only file system'; "
                         "echo x > /tmp/mine && ls /tmp; ls /dev"));
  EXPECT_EQ(run.output(), "Read-only file system\nmine\nfd\nnull\nptmx\nstderr\nstdin\nstdout\n");
  EXPECT_EQ(mount_table(), before);
  EXPECT_FALSE(sys::exists_at(AT_FDCWD, "/etc/tepui-must-not-exist").value());
}

TEST(LauncherNamespacesTest, ASandboxUnderThePrivateTmpIsBoundBackIn) {
  TEPUI_REQUIRES(root, pidns, mntns);
  ContainerRun run;
  const std::string sandbox = run.folder() + "/sandbox";
  ASSERT_TRUE(sys::ensure_directories(sandbox, 0755));
  LaunchPlan plan = host_view_plan("pwd; echo kept > result");
  plan.cwd = sandbox;
  plan.mounts.push_back({.source = sandbox, .target = sandbox, .fstype = {}, .flags = MS_BIND | MS_NOSUID | MS_NODEV,
                         .missing_target = MissingTarget::MakeDirectory});
  run.run(plan);
  EXPECT_EQ(run.output(), sandbox + "\n");
  EXPECT_EQ(sys::read_file(sandbox + "/result").value(), "kept\n");
}

TEST(LauncherNamespacesTest, ABindByDescriptorNeedsNoPath) {
  TEPUI_REQUIRES(root, pidns, mntns);
  ContainerRun run;
  const std::string source = run.folder() + "/source";
  ASSERT_TRUE(sys::ensure_directories(source, 0755));
  ASSERT_TRUE(sys::write_file_at(AT_FDCWD, source + "/hello", "by descriptor\n"));
  LaunchPlan plan = host_view_plan("cat /tmp/a/b/hello; touch /tmp/a/b/new 2>&1 | grep -o 'Read-only file system'");
  const FdIndex fd = plan.add_fd(sys::open_file(source, O_PATH | O_DIRECTORY).value());
  plan.mounts.push_back({.source_fd = fd, .target = "/tmp/a/b", .fstype = {}, .flags = MS_BIND | MS_RDONLY,
                         .missing_target = MissingTarget::MakeDirectory});
  run.run(plan);
  EXPECT_EQ(run.output(), "by descriptor\nRead-only file system\n");
}

TEST(LauncherNamespacesTest, ASymlinkInTheContainerCannotLeadAMountOutside) {
  TEPUI_REQUIRES(root, pidns, mntns);
  ContainerRun run;
  // The container's own tmpfs gets a symlink to the host's /etc by a bind of a folder that holds one.
  const std::string source = run.folder() + "/source";
  ASSERT_TRUE(sys::ensure_directories(source, 0755));
  ASSERT_TRUE(sys::symlink_at("/../../../../tmp", AT_FDCWD, source + "/escape"));
  LaunchPlan plan = host_view_plan("ls /tmp/inside");
  plan.mounts.push_back({.source = source, .target = "/tmp/inside", .fstype = {}, .flags = MS_BIND,
                         .missing_target = MissingTarget::MakeDirectory});
  plan.mounts.push_back({.source = "tmpfs", .target = "/tmp/inside/escape", .fstype = "tmpfs", .flags = 0});
  const std::string before = mount_table();
  run.run(plan);
  // "/../../../../tmp" is the container's own /tmp, over which the tmpfs now lies.
  EXPECT_NE(run.output().find("No such file"), std::string::npos);
  EXPECT_EQ(mount_table(), before);
}

TEST(LauncherNamespacesTest, AMissingMountTargetIsNamed) {
  TEPUI_REQUIRES(root, pidns, mntns);
  ContainerRun run;
  LaunchPlan plan = host_view_plan("true");
  plan.mounts.push_back({.source = "tmpfs", .target = "/no/such/target", .fstype = "tmpfs"});
  run.run(plan);
  ASSERT_TRUE(run.failure);
  EXPECT_EQ(run.failure->step, LaunchStep::Mount);
  EXPECT_EQ(run.failure->sys_errno, ENOENT);
  EXPECT_EQ(run.failure->object, "/no/such/target");
}

TEST(LauncherNamespacesTest, NoTargetIsMadeOnTheReadOnlyHost) {
  TEPUI_REQUIRES(root, pidns, mntns);
  ContainerRun run;
  LaunchPlan plan = host_view_plan("true");
  plan.mounts.push_back({.source = "tmpfs", .target = "/tepui-must-not-exist/x", .fstype = "tmpfs",
                         .missing_target = MissingTarget::MakeDirectory});
  run.run(plan);
  ASSERT_TRUE(run.failure);
  EXPECT_EQ(run.failure->sys_errno, EROFS);
  EXPECT_FALSE(sys::exists_at(AT_FDCWD, "/tepui-must-not-exist").value());
}

TEST(LauncherNamespacesTest, AMissingBindSourceIsNamed) {
  TEPUI_REQUIRES(root, pidns, mntns);
  ContainerRun run;
  LaunchPlan plan = host_view_plan("true");
  plan.mounts.push_back({.source = "/no/such/source", .target = "/tmp", .fstype = {}, .flags = MS_BIND});
  run.run(plan);
  ASSERT_TRUE(run.failure);
  EXPECT_EQ(run.failure->step, LaunchStep::OpenMountSource);
  EXPECT_EQ(run.failure->object, "/no/such/source");
}

TEST(LauncherNamespacesTest, AnUnknownFileSystemOptionFailsTheMount) {
  TEPUI_REQUIRES(root, pidns, mntns);
  ContainerRun run;
  LaunchPlan plan = host_view_plan("true");
  plan.mounts.push_back({.source = "tmpfs", .target = "/tmp", .fstype = "tmpfs", .data = "no_such_option=1"});
  run.run(plan);
  ASSERT_TRUE(run.failure);
  EXPECT_EQ(run.failure->step, LaunchStep::Mount);
  EXPECT_EQ(run.failure->sys_errno, EINVAL);
}

TEST(LauncherNamespacesTest, MaskedAndReadOnlyPathsHold) {
  TEPUI_REQUIRES(root, pidns, mntns);
  ContainerRun run;
  LaunchPlan plan = host_view_plan(
      "wc -c < /proc/version; ls /proc/acpi /sys/firmware | grep -v ':' | tr -d '\\n'; "
      "echo 1 2>&1 > /proc/sys/kernel/core_pattern; echo done");
  plan.masked_paths = {"/proc/version", "/sys/firmware", "/no/such/path"};
  plan.readonly_paths = {"/proc/sys"};
  const std::string before = sys::read_file("/proc/sys/kernel/core_pattern").value();
  run.run(plan);
  EXPECT_EQ(run.output().substr(0, 2), "0\n");
  EXPECT_NE(run.output().find("Read-only file system"), std::string::npos) << run.output();
  EXPECT_EQ(sys::read_file("/proc/sys/kernel/core_pattern").value(), before);
}

TEST(LauncherNamespacesTest, TheHostnameIsTheContainersOwn) {
  TEPUI_REQUIRES(root, pidns, mntns);
  ContainerRun run;
  LaunchPlan plan = host_view_plan("uname -n");
  plan.hostname = "mesa";
  run.run(plan);
  EXPECT_EQ(run.output(), "mesa\n");
}

TEST(LauncherNamespacesTest, AnIpcSysctlIsSetInTheContainerAlone) {
  TEPUI_REQUIRES(root, pidns, mntns);
  ContainerRun run;
  LaunchPlan plan = host_view_plan("cat /proc/sys/kernel/shmmni");
  plan.sysctl.push_back({.name = "kernel.shmmni", .value = "123"});
  const std::string before = sys::read_file("/proc/sys/kernel/shmmni").value();
  run.run(plan);
  EXPECT_EQ(run.output(), "123\n");
  EXPECT_EQ(sys::read_file("/proc/sys/kernel/shmmni").value(), before);
}

TEST(LauncherNamespacesTest, TheCgroupNamespaceIsRootedWhereTheParkedContainerWasMoved) {
  TEPUI_REQUIRES(root, pidns, mntns);
  ContainerRun run;
  LaunchPlan plan = host_view_plan("readlink /proc/self/ns/cgroup");
  plan.namespaces.push_back({NamespaceKind::Cgroup});
  run.run(plan);
  EXPECT_NE(run.output(), sys::read_link_at(AT_FDCWD, "/proc/self/ns/cgroup").value() + "\n");
  EXPECT_EQ(run.output().substr(0, 7), "cgroup:");
}

TEST(LauncherNamespacesTest, ANamespaceIsJoinedByDescriptor) {
  TEPUI_REQUIRES(root, pidns, mntns);
  ContainerRun first;
  LaunchPlan plan = host_view_plan("exec sleep 1000");
  plan.hostname = "shared";
  ASSERT_TRUE(first.start(plan));
  ASSERT_TRUE(first.go());
  ContainerRun second;
  LaunchPlan joining = shell_plan("uname -n");
  const std::string path = "/proc/" + std::to_string(first.parked->container.pid) + "/ns/uts";
  joining.namespaces.push_back({NamespaceKind::Uts, joining.add_fd(sys::open_file(path, O_RDONLY).value())});
  second.run(joining);
  EXPECT_EQ(second.output(), "shared\n");
}

TEST(LauncherNamespacesTest, JoiningSomethingThatIsNoNamespaceFails) {
  TEPUI_REQUIRES(root);
  ContainerRun run;
  LaunchPlan plan = shell_plan("true");
  plan.namespaces.push_back({NamespaceKind::Uts, plan.add_fd(sys::open_file("/dev/null", O_RDONLY).value())});
  run.run(plan);
  ASSERT_TRUE(run.failure);
  EXPECT_EQ(run.failure->step, LaunchStep::JoinNamespace);
  EXPECT_EQ(run.failure->sys_errno, EINVAL);
}

TEST(LauncherNamespacesTest, UserNamespacesAreRefusedByName) {
  TEPUI_REQUIRES(root);
  ContainerRun run;
  LaunchPlan plan = shell_plan("true");
  plan.namespaces.push_back({NamespaceKind::User});
  run.run(plan);
  ASSERT_TRUE(run.failure);
  EXPECT_EQ(run.failure->sys_errno, ENOSYS);
  EXPECT_EQ(run.failure->object, "user namespace");
}

}  // namespace
}  // namespace tepui::launcher

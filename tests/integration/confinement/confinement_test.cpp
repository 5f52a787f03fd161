#include <sys/stat.h>

#include "agent/containerizer/plan_sink.hpp"
#include "lib/linux/capabilities.hpp"
#include "lib/modules/claim_table.hpp"
#include "lib/modules/loaded_isolator.hpp"
#include "lib/modules/module_library.hpp"
#include "tests/fakes/fake_host_services.hpp"
#include "tests/fakes/requires.hpp"
#include "tests/integration/launcher/container_run.hpp"

namespace tepui {
namespace {

using launcher::ContainerRun;
using launcher::ExitRecord;

constexpr std::uint32_t kNobody = 65534;

class ConfinementTest : public ::testing::Test {
 protected:
  void SetUp() override {
    TEPUI_REQUIRES(root, pidns, mntns, seccomp);
    sys::ensure_directories(work_dir_ + "/slaves/s/runs/c", 0755).value();
    sandbox_ = work_dir_ + "/slaves/s/runs/c";
    sandbox_fd_ = sys::open_directory_at(AT_FDCWD, sandbox_).value();
    sys::write_file_at(AT_FDCWD, work_dir_ + "/agent_secret", "secret").value();
  }

  /// The plan of a task that every confining isolator has added to.
  launcher::LaunchPlan plan_of(const std::string& line, std::uint32_t uid = kNobody) {
    launcher::LaunchPlan base = launcher::shell_plan(line);
    base.cwd = sandbox_;
    base.user = {.uid = uid, .gid = uid, .additional_gids = {}};
    agent::LaunchPlanSink sink(std::move(base));
    modules::ContainerView view;
    view.id = "c";
    view.sandbox = sandbox_;
    view.sandbox_fd = sandbox_fd_.borrow();
    view.uid = uid;
    modules::ClaimTable claims;
    for (const char* module : {"filesystem-linux", "namespaces-pid", "namespaces-ipc", "linux-seccomp"}) {
      auto library = modules::ModuleLibrary::load(std::string(TEPUI_BINARY_DIR "/modules/") + module + ".so");
      EXPECT_TRUE(library) << library.error().to_string();
      auto isolator = modules::LoadedIsolator::create(*library, {}, 1, host_);
      EXPECT_TRUE(isolator) << isolator.error().to_string();
      auto prepared = (*isolator)->prepare(view, sink, claims);
      EXPECT_TRUE(prepared) << prepared.error().to_string();
    }
    return sink.plan();
  }

  std::string run(const std::string& line, std::uint32_t uid = kNobody) {
    sys::change_owner(sandbox_fd_.borrow(), uid, uid).value();
    ContainerRun container;
    record_ = container.run(plan_of(line, uid));
    EXPECT_FALSE(container.failure) << container.failure->to_string();
    return container.output();
  }

  TempDir folder_{TempDir::Access::Everyone};
  std::string work_dir_ = folder_.path().string() + "/work";
  std::string sandbox_;
  UniqueFd sandbox_fd_;
  FakeHostServices host_;
  ExitRecord record_;
};

TEST_F(ConfinementTest, ATaskHasNoNewPrivsAFilterAndNoCapabilities) {
  EXPECT_EQ(run("grep -E '^(NoNewPrivs|Seccomp|CapEff|CapInh|CapBnd|CapAmb):' /proc/self/status | tr -d '\\t'"),
            "CapInh:0000000000000000\nCapEff:0000000000000000\nCapBnd:0000000000000000\nCapAmb:0000000000000000\n"
            "NoNewPrivs:1\nSeccomp:2\n");
}

TEST_F(ConfinementTest, ATaskSeesItsOwnProcessesOnly) {
  EXPECT_EQ(run("ls /proc | grep -c '^[0-9][0-9]*$' > n; [ $(cat n) -le 5 ] && echo few"), "few\n");
}

TEST_F(ConfinementTest, TheSandboxIsWritableAndNothingElseOfTheHost) {
  EXPECT_EQ(run("echo kept > file; echo x > /tmp/t && echo x > /var/tmp/t && echo x > /dev/shm/t && echo private; "
                "for f in /usr/x /etc/x /var/x /run/x /x; do echo x 2>/dev/null > $f && echo wrote $f; done; true",
                0),
            "private\n");
  EXPECT_EQ(sys::read_file(sandbox_ + "/file").value(), "kept\n");
  for (const char* path : {"/usr/x", "/etc/x", "/var/x", "/run/x", "/x", "/var/tmp/t", "/dev/shm/t"}) {
    EXPECT_FALSE(sys::exists_at(AT_FDCWD, path).value()) << path;
  }
}

TEST_F(ConfinementTest, TheAgentsWorkDirectoryIsHiddenButForTheSandbox) {
  EXPECT_EQ(run("ls -A " + work_dir_ + "; cat " + work_dir_ + "/agent_secret 2>/dev/null; pwd", 0),
            "slaves\n" + sandbox_ + "\n");
}

TEST_F(ConfinementTest, DevHoldsTheUsualNodesAndTheyWork) {
  EXPECT_EQ(run("ls /dev | tr '\\n' ' '; echo; echo gone > /dev/null; head -c 4 /dev/zero | wc -c; head -c 4 /dev/urandom | wc -c"),
            "fd full null ptmx pts random shm stderr stdin stdout tty urandom zero \n4\n4\n");
}

TEST_F(ConfinementTest, KernelSettingsCannotBeWrittenByRoot) {
  const std::string before = sys::read_file("/proc/sys/kernel/core_pattern").value();
  EXPECT_EQ(run("for f in /proc/sys/kernel/core_pattern /proc/sys/vm/swappiness /proc/sysrq-trigger /proc/sys/kernel/modprobe "
                "/sys/fs/cgroup/*/release_agent /sys/fs/cgroup/*/cgroup.procs; do "
                "echo 1 2>/dev/null > $f && echo wrote $f; done; echo end", 0),
            "end\n");
  EXPECT_EQ(sys::read_file("/proc/sys/kernel/core_pattern").value(), before);
}

TEST_F(ConfinementTest, MountingAndNamespacesAreRefusedToRoot) {
  const std::string output = run("mount -t tmpfs none /tmp 2>/dev/null && echo mounted; unshare -m true 2>/dev/null && echo unshared; "
                                 "unshare -U true 2>/dev/null && echo user; mount -t cgroup -o memory none /tmp 2>/dev/null && "
                                 "echo cgroup; echo end", 0);
  EXPECT_EQ(output, "end\n");
}

TEST_F(ConfinementTest, RootWithTheUsualCapabilitiesReachesNoDiskAndNoKernelSetting) {
  launcher::LaunchPlan plan = plan_of(
      "id -u; mknod /dev/disk b 254 0 2>/dev/null && echo node; mknod disk b 254 0 2>/dev/null && echo node; "
      "head -c 1 /dev/vda 2>/dev/null && echo disk; echo x 2>/dev/null > /proc/sys/kernel/core_pattern && echo wrote; "
      "mount -o remount,rw / 2>/dev/null && echo remounted; /usr/sbin/chroot / true && echo chroot; echo end",
      0);
  const sys::CapabilitySet usual = sys::usual_capabilities() & sys::read_bounding_set().value();
  plan.capabilities = {.bounding = usual, .effective = usual, .permitted = usual, .inheritable = 0, .ambient = 0};
  ContainerRun container;
  container.run(plan);
  ASSERT_FALSE(container.failure) << container.failure->to_string();
  EXPECT_EQ(container.output(), "0\nchroot\nend\n");
}

TEST_F(ConfinementTest, InitCannotBeReadOrTracedByTheTask) {
  EXPECT_EQ(run("cat /proc/1/environ 2>/dev/null && echo read; ls -l /proc/1/exe 2>/dev/null | grep -c '>' ; "
                "(echo x > /proc/1/mem) 2>/dev/null && echo wrote; echo end", 0)
                .find("read"),
            std::string::npos);
}

TEST_F(ConfinementTest, TheHostsMountTableIsUntouched) {
  const std::string before = sys::read_file("/proc/self/mountinfo").value();
  run("true");
  EXPECT_EQ(sys::read_file("/proc/self/mountinfo").value(), before);
}

TEST_F(ConfinementTest, AnAllowedProgramRunsAndItsExitCodeComesBack) {
  run("seq 1 1000 | sort -rn | head -1 | grep -q 1000 && exit 23");
  EXPECT_EQ(WEXITSTATUS(record_.wait_status), 23);
}

TEST_F(ConfinementTest, TheIpcAndUtsAndCgroupNamespacesAreTheTasksOwn) {
  const std::string output = run("for n in ipc uts cgroup mnt pid; do readlink /proc/self/ns/$n; done");
  for (const char* name : {"ipc", "uts", "cgroup", "mnt", "pid"}) {
    EXPECT_EQ(output.find(sys::read_link_at(AT_FDCWD, std::string("/proc/self/ns/") + name).value()), std::string::npos)
        << name;
  }
}

}  // namespace
}  // namespace tepui

// The same on v2, where a container is born in its cgroup. The reference machine's v2 offers no controllers, but the
// files of the hierarchy itself (cgroup.procs, cgroup.kill) are real.
#include <unistd.h>

#include "lib/linux/cgroup.hpp"
#include "lib/linux/mountinfo.hpp"
#include "tests/fakes/requires.hpp"
#include "tests/integration/launcher/container_run.hpp"

namespace tepui::launcher {
namespace {

class LauncherCgroup2Test : public ::testing::Test {
 protected:
  void SetUp() override {
    TEPUI_REQUIRES(root, cgroup2());
    sys::CgroupLayout layout{.version = sys::CgroupVersion::V2, .mounts = {}, .controllers = {}};
    for (const sys::MountInfo& mount : sys::read_mountinfo().value()) {
      if (mount.fstype == "cgroup2") layout.mounts.emplace("", mount.target);
    }
    auto root = sys::CgroupRoot::create(layout, "tepui-test-" + std::to_string(::getpid()), {});
    ASSERT_TRUE(root) << root.error().to_string();
    root_.emplace(std::move(*root));
  }
  void TearDown() override {
    if (!root_) return;
    EXPECT_TRUE(root_->remove("", "one", kPatience));
    EXPECT_TRUE(root_->remove_root(kPatience));
  }
  /// A plan whose container is born in the cgroup.
  static LaunchPlan plan_in(const sys::Cgroup& cgroup, const std::string& line) {
    LaunchPlan plan = shell_plan(line);
    plan.cgroup_fd = plan.add_fd(sys::duplicate(cgroup.directory()).value());
    return plan;
  }
  std::optional<sys::CgroupRoot> root_;
};

TEST_F(LauncherCgroup2Test, AContainerIsBornInItsCgroup) {
  const sys::Cgroup cgroup = root_->create_cgroup("", "one").value();
  ContainerRun run;
  ASSERT_TRUE(run.start(plan_in(cgroup, "grep '^0:' /proc/self/cgroup")));
  EXPECT_EQ(cgroup.pids().value(), std::vector<pid_t>{run.parked->container.pid});
  const sys::Cgroup* const only[] = {&cgroup};
  EXPECT_TRUE(place_in_cgroups(*run.parked, only)) << "nothing is left to do";
  ASSERT_TRUE(run.go());
  run.wait_for_shim();
  EXPECT_EQ(run.output(), "0::/" + root_->root() + "/one\n");
  run.launch.reset();
}

TEST_F(LauncherCgroup2Test, OneWriteKillsEverything) {
  const sys::Cgroup cgroup = root_->create_cgroup("", "one").value();
  ContainerRun run;
  ASSERT_TRUE(run.start(plan_in(cgroup, "setsid sleep 1000 & setsid sleep 1000 & exec sleep 1000")));
  ASSERT_TRUE(run.go());
  EXPECT_TRUE(cgroup.kill_all());
  EXPECT_EQ(run.wait_for_shim(), kShimExitClean);
  EXPECT_EQ(WTERMSIG(run.read_record()->wait_status), SIGKILL);
  EXPECT_TRUE(cgroup.pids().value().empty());
  run.launch.reset();
}

TEST_F(LauncherCgroup2Test, ADirectoryThatIsNoCgroupFailsTheClone) {
  TempDir folder;
  ContainerRun run;
  LaunchPlan plan = shell_plan("true");
  plan.cgroup_fd = plan.add_fd(sys::open_directory_at(AT_FDCWD, folder.path().string()).value());
  run.run(plan);
  ASSERT_TRUE(run.failure);
  EXPECT_EQ(run.failure->step, LaunchStep::Clone);
  EXPECT_EQ(run.failure->sys_errno, EBADF);
}

}  // namespace
}  // namespace tepui::launcher

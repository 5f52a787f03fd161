// A parked container in real v1 cgroups: placed before go, confined, killed and removed.
#include <unistd.h>

#include "lib/linux/cgroup.hpp"
#include "tests/fakes/requires.hpp"
#include "tests/integration/launcher/container_run.hpp"

namespace tepui::launcher {
namespace {

class LauncherCgroupTest : public ::testing::Test {
 protected:
  void SetUp() override {
    TEPUI_REQUIRES(root, cgroup1("pids"), cgroup1("freezer"));
    auto layout = sys::detect_cgroups();
    ASSERT_TRUE(layout);
    auto root = sys::CgroupRoot::create(*layout, "tepui-test-" + std::to_string(::getpid()), {"pids", "freezer"});
    ASSERT_TRUE(root) << root.error().to_string();
    root_.emplace(std::move(*root));
  }
  void TearDown() override {
    if (!root_) return;
    for (const char* controller : {"pids", "freezer"}) EXPECT_TRUE(root_->remove(controller, "one", kPatience));
    EXPECT_TRUE(root_->remove_root(kPatience));
  }
  std::optional<sys::CgroupRoot> root_;
};

TEST_F(LauncherCgroupTest, TheCommandIsBornWhereTheParkedContainerWasPlaced) {
  const sys::Cgroup pids = root_->create_cgroup("pids", "one").value();
  const sys::Cgroup freezer = root_->create_cgroup("freezer", "one").value();
  ContainerRun run;
  ASSERT_TRUE(run.start(shell_plan("cat /proc/self/cgroup")));
  const sys::Cgroup* const both[] = {&pids, &freezer};
  ASSERT_TRUE(place_in_cgroups(*run.parked, both));
  EXPECT_EQ(pids.pids().value(), std::vector<pid_t>{run.parked->container.pid});
  ASSERT_TRUE(run.go());
  run.wait_for_shim();
  EXPECT_NE(run.output().find(":pids:/" + root_->root() + "/one\n"), std::string::npos) << run.output();
  EXPECT_NE(run.output().find(":freezer:/" + root_->root() + "/one\n"), std::string::npos);
  run.launch.reset();
}

TEST_F(LauncherCgroupTest, TheCgroupNamespaceHidesWhereThatIs) {
  const sys::Cgroup pids = root_->create_cgroup("pids", "one").value();
  ContainerRun run;
  LaunchPlan plan = shell_plan("cat /proc/self/cgroup");
  plan.namespaces.push_back({NamespaceKind::Cgroup});
  ASSERT_TRUE(run.start(plan));
  const sys::Cgroup* const only[] = {&pids};
  ASSERT_TRUE(place_in_cgroups(*run.parked, only));
  ASSERT_TRUE(run.go());
  run.wait_for_shim();
  EXPECT_NE(run.output().find(":pids:/\n"), std::string::npos) << run.output();
  run.launch.reset();
}

TEST_F(LauncherCgroupTest, KillingTheCgroupKillsAForkBombInIt) {
  const sys::Cgroup pids = root_->create_cgroup("pids", "one").value();
  ASSERT_TRUE(pids.write("pids.max", "40"));
  ContainerRun run;
  ASSERT_TRUE(run.start(shell_plan("f() { f 2>/dev/null | f 2>/dev/null & }; f; sleep 1000")));
  const sys::Cgroup* const only[] = {&pids};
  ASSERT_TRUE(place_in_cgroups(*run.parked, only));
  ASSERT_TRUE(run.go());
  for (int i = 0; i < 500 && pids.pids().value().size() < 20; ++i) {
    static_cast<void>(sys::wait_readable(run.launch->shim_pidfd(), std::chrono::milliseconds(10)));
  }
  EXPECT_TRUE(pids.kill_all(500));
  EXPECT_EQ(run.wait_for_shim(), kShimExitClean);
  EXPECT_TRUE(pids.pids().value().empty());
  run.launch.reset();
}

TEST_F(LauncherCgroupTest, RemovingKillsWhatIsInside) {
  const sys::Cgroup pids = root_->create_cgroup("pids", "one").value();
  ContainerRun run;
  ASSERT_TRUE(run.start(shell_plan("exec sleep 1000")));
  const sys::Cgroup* const only[] = {&pids};
  ASSERT_TRUE(place_in_cgroups(*run.parked, only));
  ASSERT_TRUE(run.go());
  EXPECT_TRUE(root_->remove("pids", "one", kPatience));
  EXPECT_EQ(root_->open_cgroup("pids", "one").error().code(), ErrorCode::NotFound);
  run.wait_for_shim();
  EXPECT_EQ(WTERMSIG(run.read_record()->wait_status), SIGKILL);
  run.launch.reset();
}

}  // namespace
}  // namespace tepui::launcher

#include "agent/containerizer/plan_sink.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "agent/containerizer/plan_text.hpp"
#include "lib/linux/sys.hpp"

namespace tepui::agent {
namespace {

TEST(PlanSinkTest, SettingsOfOneControllerAreGatheredInOrder) {
  LaunchPlanSink sink({});
  ASSERT_TRUE(sink.add_to_cgroup("a", "cpu", "cpu.shares", "102"));
  ASSERT_TRUE(sink.add_to_cgroup("b", "memory", "", ""));
  ASSERT_TRUE(sink.add_to_cgroup("a", "cpu", "cpu.cfs_quota_us", "10000"));
  ASSERT_EQ(sink.plan().cgroups.size(), 2U);
  EXPECT_EQ(sink.plan().cgroups[0].settings.size(), 2U);
  EXPECT_EQ(sink.plan().cgroups[0].settings[1].file, "cpu.cfs_quota_us");
  EXPECT_TRUE(sink.plan().cgroups[1].settings.empty());
}

TEST(PlanSinkTest, DescriptorsAreCopiedAndStayOpen) {
  LaunchPlanSink sink({});
  {
    const auto null = sys::open_file("/dev/null", O_RDONLY);
    ASSERT_TRUE(null);
    ASSERT_TRUE(sink.inherit_fd("a", null->borrow(), 3));
  }
  ASSERT_EQ(sink.plan().fds.size(), 1U);
  EXPECT_TRUE(sys::stat_fd(sink.plan().fds[0]->borrow()));
}

TEST(PlanSinkTest, AnOptionalMountWithoutSourceIsLeftOut) {
  LaunchPlanSink sink({});
  modules::PlanMount mount;
  mount.source = "/no/such/path";
  mount.target = "/x";
  mount.flags = MS_BIND;
  mount.is_optional = true;
  ASSERT_TRUE(sink.add_mount("a", mount));
  EXPECT_TRUE(sink.plan().mounts.empty());
  mount.source = "/";
  ASSERT_TRUE(sink.add_mount("a", mount));
  EXPECT_EQ(sink.plan().mounts.size(), 1U);
}

TEST(PlanSinkTest, ASeccompFilterOfHalfAnInstructionIsRefused) {
  LaunchPlanSink sink({});
  const std::vector<std::uint8_t> bytes(12);
  EXPECT_EQ(sink.set_seccomp_filter("a", bytes, 0).error().code(), ErrorCode::InvalidArgument);
  EXPECT_TRUE(sink.set_seccomp_filter("a", std::span(bytes).first(8), 0));
  EXPECT_EQ(sink.set_seccomp_filter("a", std::span(bytes).first(8), 0).error().code(), ErrorCode::Unimplemented);
}

TEST(PlanTextTest, SaysThePlanInTheWordsOfTheOciSpecAndKeepsSecretsBack) {
  launcher::LaunchPlan plan;
  plan.argv = {"sh", "-c", "true"};
  plan.env = {"PASSWORD=hunter2", "MESOS_SANDBOX=/s"};
  plan.namespaces.push_back({launcher::NamespaceKind::Pid});
  plan.mounts.push_back({.source = "/a", .target = "/b", .flags = MS_BIND | MS_REC | MS_RDONLY});
  plan.cgroups.push_back({"cpu", {{"cpu.shares", "102"}}});
  const std::string text = format_plan(plan);
  EXPECT_EQ(text.find("hunter2"), std::string::npos);
  EXPECT_NE(text.find("MESOS_SANDBOX=/s"), std::string::npos);
  EXPECT_NE(text.find(R"("options":["rbind","ro"])"), std::string::npos) << text;
  EXPECT_NE(text.find(R"("namespaces":[{"type":"pid"}])"), std::string::npos) << text;
  EXPECT_NE(text.find(R"("cpu.shares":"102")"), std::string::npos) << text;
}

}  // namespace
}  // namespace tepui::agent

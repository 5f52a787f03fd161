#include "lib/modules/plan_adaptor.hpp"

#include <sys/mount.h>

#include <gtest/gtest.h>

#include "tepui/sdk/launch_plan.hpp"
#include "tests/fakes/recording_plan_sink.hpp"

namespace tepui::modules {
namespace {

class PlanAdaptorTest : public ::testing::Test {
 protected:
  RecordingPlanSink sink_;
  ClaimTable claims_;
  PlanAdaptor adaptor_{"test/one", sink_, claims_};
  sdk::LaunchPlan plan_{adaptor_.raw()};
};

TEST_F(PlanAdaptorTest, EveryVerbReachesTheSink) {
  EXPECT_TRUE(plan_.add_namespace(TEPUI_NAMESPACE_PID).ok());
  EXPECT_TRUE(plan_.join_namespace(TEPUI_NAMESPACE_NETWORK, 5).ok());
  EXPECT_TRUE(plan_.add_id_map(true, 0, 1000, 1).ok());
  EXPECT_TRUE(plan_.set_root("/", MS_RDONLY).ok());
  EXPECT_TRUE(plan_.add_mount({.source = "proc", .target = "/proc", .fstype = "proc", .flags = MS_NOSUID}).ok());
  EXPECT_TRUE(plan_.add_masked_path("/proc/kcore").ok());
  EXPECT_TRUE(plan_.add_readonly_path("/proc/sys").ok());
  EXPECT_TRUE(plan_.add_to_cgroup("cpu", "cpu.shares", "512").ok());
  EXPECT_TRUE(plan_.add_rlimit(7, 10, 20).ok());
  EXPECT_TRUE(plan_.set_capabilities({sizeof(tepui_capabilities), 0, 1, 2, 3, 4, 5}).ok());
  const std::array<std::uint8_t, 16> program{};
  EXPECT_TRUE(plan_.set_seccomp_filter(program).ok());
  EXPECT_TRUE(plan_.set_no_new_privs().ok());
  EXPECT_TRUE(plan_.add_env("A", "b").ok());
  const std::array<std::uint32_t, 2> groups{1, 2};
  EXPECT_TRUE(plan_.set_user(1000, 1000, groups).ok());
  EXPECT_TRUE(plan_.set_hostname("box").ok());
  EXPECT_TRUE(plan_.add_sysctl("net.ipv4.ip_forward", "1").ok());
  EXPECT_TRUE(plan_.set_oom_score_adj(100).ok());
  EXPECT_TRUE(plan_.set_working_directory("/work").ok());
  EXPECT_TRUE(plan_.inherit_fd(0, 3).ok());
  tepui_device device = {sizeof device, 'c', 1, 0, sdk::str("/dev/null"), sdk::str("rw"), 1, 3, 0666, 0, 0};
  EXPECT_TRUE(plan_.add_device(device).ok());
  EXPECT_EQ(sink_.lines.size(), 20U);
  EXPECT_TRUE(sink_.has("test/one add_mount proc on /proc as proc () flags 0x2"));
  EXPECT_TRUE(sink_.has("test/one set_user 1000:1000 [1,2]"));
  EXPECT_TRUE(sink_.has("test/one add_device /dev/null c 1:3 rw"));
}

TEST_F(PlanAdaptorTest, WrongArgumentsAreRefusedBeforeTheSink) {
  const auto refused = [](const sdk::Status& status) { return status.code() == TEPUI_INVALID_ARGUMENT; };
  EXPECT_TRUE(refused(plan_.add_namespace(99)));
  EXPECT_TRUE(refused(plan_.join_namespace(TEPUI_NAMESPACE_PID, -1)));
  EXPECT_TRUE(refused(plan_.add_mount({.target = "relative"})));
  EXPECT_TRUE(refused(plan_.add_mount({.target = std::string_view("/a\0b", 4)})));
  EXPECT_TRUE(refused(plan_.add_masked_path("")));
  EXPECT_TRUE(refused(plan_.add_to_cgroup("cpu", "../x", "1")));
  EXPECT_TRUE(refused(plan_.add_rlimit(7, 20, 10)));
  EXPECT_TRUE(refused(plan_.add_env("A=B", "c")));
  EXPECT_TRUE(refused(plan_.set_oom_score_adj(2000)));
  EXPECT_TRUE(refused(plan_.inherit_fd(0, 2)));
  const std::array<std::uint8_t, 7> odd{};
  EXPECT_TRUE(refused(plan_.set_seccomp_filter(odd)));
  EXPECT_TRUE(sink_.lines.empty());
}

TEST_F(PlanAdaptorTest, AnotherIsolatorsClaimIsAConflictThatNamesBoth) {
  ASSERT_TRUE(plan_.set_hostname("one").ok());
  PlanAdaptor other("test/two", sink_, claims_);
  sdk::LaunchPlan plan(other.raw());
  auto status = plan.set_hostname("two");
  EXPECT_EQ(status.code(), TEPUI_ALREADY_EXISTS);
  EXPECT_EQ(status.message(), "isolators 'test/one' and 'test/two' both claim the host name");
  ASSERT_TRUE(other.conflict());
  EXPECT_EQ(sink_.lines.size(), 1U);
}

TEST_F(PlanAdaptorTest, TheSinksErrorComesBackWithItsText) {
  sink_.refused = "set_hostname";
  auto status = plan_.set_hostname("one");
  EXPECT_EQ(status.code(), TEPUI_RESOURCE_EXHAUSTED);
  EXPECT_FALSE(adaptor_.conflict());
}

TEST_F(PlanAdaptorTest, AVerbThatAnOlderHostLacksIsUnimplemented) {
  adaptor_.raw()->struct_size = offsetof(tepui_launch_plan, inherit_fd);
  EXPECT_EQ(plan_.inherit_fd(0, 3).code(), TEPUI_UNIMPLEMENTED);
  EXPECT_TRUE(plan_.set_working_directory("/").ok());
}

}  // namespace
}  // namespace tepui::modules

#include <gtest/gtest.h>

#include "tests/fakes/fake_cgroupfs.hpp"
#include "tests/unit/isolators/linked_isolator.hpp"

namespace tepui {
namespace {

class CgroupsCpuTest : public LinkedIsolatorTest {
 protected:
  void fill_cgroups() {
    cgroups_.set("cpu", "cpu.shares", "512\n");
    cgroups_.set("cpu", "cpu.cfs_period_us", "100000\n");
    cgroups_.set("cpu", "cpu.cfs_quota_us", "50000\n");
    cgroups_.set("cpu", "cpu.stat", "nr_periods 10\nnr_throttled 4\nthrottled_time 2500000000\n");
    cgroups_.set("cpuacct", "cpuacct.usage", "3000000000\n");
    cgroups_.set("cpuacct", "cpuacct.stat", "user 200\nsystem 100\n");
    host_.cgroups[{"c1", "cpu"}] = cgroups_.directory("cpu");
    host_.cgroups[{"c1", "cpuacct"}] = cgroups_.directory("cpuacct");
  }
  FakeCgroupfs cgroups_;
};

TEST_F(CgroupsCpuTest, TheRequestSetsSharesAndQuota) {
  ASSERT_TRUE(create()->prepare(container(1500, 0), plan_, claims_));
  EXPECT_EQ(plan_.lines, (std::vector<std::string>{"cgroups/cpu add_to_cgroup cpu cpu.shares=1536",
                                                   "cgroups/cpu add_to_cgroup cpu cpu.cfs_period_us=100000",
                                                   "cgroups/cpu add_to_cgroup cpu cpu.cfs_quota_us=150000",
                                                   "cgroups/cpu add_to_cgroup cpuacct"}));
}

TEST_F(CgroupsCpuTest, TinyRequestsGetTheKernelsMinimum) {
  ASSERT_TRUE(create()->prepare(container(1, 0), plan_, claims_));
  EXPECT_TRUE(plan_.has("cgroups/cpu add_to_cgroup cpu cpu.shares=2"));
  EXPECT_TRUE(plan_.has("cgroups/cpu add_to_cgroup cpu cpu.cfs_quota_us=1000"));
}

TEST_F(CgroupsCpuTest, ALimitRaisesTheQuotaAndNotTheShares) {
  auto view = container(500, 0);
  view.limits.cpus_milli = 2000;
  ASSERT_TRUE(create()->prepare(view, plan_, claims_));
  EXPECT_TRUE(plan_.has("cgroups/cpu add_to_cgroup cpu cpu.shares=512"));
  EXPECT_TRUE(plan_.has("cgroups/cpu add_to_cgroup cpu cpu.cfs_quota_us=200000"));
}

TEST_F(CgroupsCpuTest, AnUnlimitedContainerHasNoQuota) {
  auto view = container(500, 0);
  view.limits.cpus_milli = modules::ResourceAmounts::kUnlimited;
  ASSERT_TRUE(create()->prepare(view, plan_, claims_));
  EXPECT_TRUE(plan_.has("cgroups/cpu add_to_cgroup cpu cpu.cfs_quota_us=-1"));
}

TEST_F(CgroupsCpuTest, ParametersChangePeriodAndQuota) {
  ASSERT_TRUE(create({{"period_ms", "10"}, {"cfs_quota", "false"}})->prepare(container(1000, 0), plan_, claims_));
  EXPECT_TRUE(plan_.has("cgroups/cpu add_to_cgroup cpu cpu.cfs_period_us=10000"));
  EXPECT_TRUE(plan_.has("cgroups/cpu add_to_cgroup cpu cpu.cfs_quota_us=-1"));
  EXPECT_FALSE(try_create({{"period_ms", "0"}}));
  EXPECT_FALSE(try_create({{"periodms", "1"}}));
}

TEST_F(CgroupsCpuTest, CgroupVersionTwoIsRefusedByName) {
  auto refused = try_create({}, 2);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().to_string().find("cgroup version 2"), std::string::npos);
}

TEST_F(CgroupsCpuTest, UsageIsExactInSumAndDividedAsTicksSay) {
  fill_cgroups();
  auto usage = create()->usage("c1");
  ASSERT_TRUE(usage) << usage.error().to_string();
  EXPECT_DOUBLE_EQ(usage->at("cpus_user_time_secs"), 2.0);
  EXPECT_DOUBLE_EQ(usage->at("cpus_system_time_secs"), 1.0);
  EXPECT_DOUBLE_EQ(usage->at("cpus_limit"), 0.5);
  EXPECT_DOUBLE_EQ(usage->at("cpus_soft_limit"), 0.5);
  EXPECT_DOUBLE_EQ(usage->at("cpus_nr_periods"), 10);
  EXPECT_DOUBLE_EQ(usage->at("cpus_nr_throttled"), 4);
  EXPECT_DOUBLE_EQ(usage->at("cpus_throttled_time_secs"), 2.5);
}

TEST_F(CgroupsCpuTest, WithoutAQuotaTheLimitIsTheShare) {
  fill_cgroups();
  cgroups_.set("cpu", "cpu.cfs_quota_us", "-1\n");
  EXPECT_DOUBLE_EQ(create()->usage("c1")->at("cpus_limit"), 0.5);
}

TEST_F(CgroupsCpuTest, UpdateWritesSharesAndQuota) {
  fill_cgroups();
  modules::ResourceAmounts requests;
  requests.cpus_milli = 2000;
  ASSERT_TRUE(create()->update("c1", requests, {}));
  EXPECT_EQ(cgroups_.text("cpu", "cpu.shares").substr(0, 4), "2048");
  EXPECT_EQ(cgroups_.text("cpu", "cpu.cfs_quota_us").substr(0, 6), "200000");
}

TEST_F(CgroupsCpuTest, AContainerWithoutCgroupsIsAnErrorAndCleanupIsNot) {
  auto isolator = create();
  EXPECT_EQ(isolator->usage("c9").error().code(), ErrorCode::NotFound);
  EXPECT_TRUE(isolator->cleanup("c9"));
}

}  // namespace
}  // namespace tepui

#include <gtest/gtest.h>

#include "tests/fakes/fake_cgroupfs.hpp"
#include "tests/unit/isolators/linked_isolator.hpp"

namespace tepui {
namespace {

constexpr std::int64_t kMebibyte = 1 << 20U;

class CgroupsMemTest : public LinkedIsolatorTest {
 protected:
  void fill_cgroups() {
    cgroups_.set("memory", "memory.usage_in_bytes", "1000\n");
    cgroups_.set("memory", "memory.max_usage_in_bytes", "67108864\n");
    cgroups_.set("memory", "memory.soft_limit_in_bytes", "33554432\n");
    cgroups_.set("memory", "memory.limit_in_bytes", "67108864\n");
    cgroups_.set("memory", "memory.memsw.limit_in_bytes", "67108864\n");
    cgroups_.set("memory", "memory.stat", "cache 1\ntotal_cache 300\ntotal_rss 700\ntotal_mapped_file 20\n");
    cgroups_.set("memory", "cgroup.event_control", "");
    set_kills(0);
    host_.cgroups[{"c1", "memory"}] = cgroups_.directory("memory");
  }
  void set_kills(int count) {
    cgroups_.set("memory", "memory.oom_control",
                 "oom_kill_disable 0\nunder_oom 0\noom_kill " + std::to_string(count) + "\n");
  }
  FakeCgroupfs cgroups_;
};

TEST_F(CgroupsMemTest, TheRequestSetsSoftAndHardLimit) {
  ASSERT_TRUE(create()->prepare(container(0, 64 * kMebibyte), plan_, claims_));
  EXPECT_EQ(plan_.lines,
            (std::vector<std::string>{"cgroups/mem add_to_cgroup memory memory.soft_limit_in_bytes=67108864",
                                      "cgroups/mem add_to_cgroup memory memory.limit_in_bytes=67108864"}));
}

TEST_F(CgroupsMemTest, LessThanThirtyTwoMebibytesIsRaised) {
  ASSERT_TRUE(create()->prepare(container(0, kMebibyte), plan_, claims_));
  EXPECT_TRUE(plan_.has("cgroups/mem add_to_cgroup memory memory.limit_in_bytes=33554432"));
}

TEST_F(CgroupsMemTest, ALimitIsTheHardLimitAndUnlimitedIsNone) {
  auto view = container(0, 64 * kMebibyte);
  view.limits.mem_bytes = 128 * kMebibyte;
  ASSERT_TRUE(create()->prepare(view, plan_, claims_));
  EXPECT_TRUE(plan_.has("cgroups/mem add_to_cgroup memory memory.soft_limit_in_bytes=67108864"));
  EXPECT_TRUE(plan_.has("cgroups/mem add_to_cgroup memory memory.limit_in_bytes=134217728"));
  view.limits.mem_bytes = modules::ResourceAmounts::kUnlimited;
  plan_.lines.clear();
  ASSERT_TRUE(create()->prepare(view, plan_, claims_));
  EXPECT_TRUE(plan_.has("cgroups/mem add_to_cgroup memory memory.limit_in_bytes=-1"));
}

TEST_F(CgroupsMemTest, LimitSwapAddsTheThirdLimit) {
  ASSERT_TRUE(create({{"limit_swap", "true"}})->prepare(container(0, 64 * kMebibyte), plan_, claims_));
  EXPECT_TRUE(plan_.has("cgroups/mem add_to_cgroup memory memory.memsw.limit_in_bytes=67108864"));
}

TEST_F(CgroupsMemTest, UsageHasPeakAndLimits) {
  fill_cgroups();
  auto usage = create()->usage("c1");
  ASSERT_TRUE(usage) << usage.error().to_string();
  EXPECT_EQ(usage->at("mem_rss_bytes"), 700);
  EXPECT_EQ(usage->at("mem_cache_bytes"), 300);
  EXPECT_EQ(usage->at("mem_total_bytes"), 1000);
  EXPECT_EQ(usage->at("mem_max_usage_bytes"), 67108864);
  EXPECT_EQ(usage->at("mem_limit_bytes"), 67108864);
  EXPECT_EQ(usage->at("mem_soft_limit_bytes"), 33554432);
  EXPECT_TRUE(host_.reports.empty());
}

TEST_F(CgroupsMemTest, AnOomEventIsReportedOnceWithLimitAndPeak) {
  fill_cgroups();
  auto isolator = create();
  ASSERT_TRUE(isolator->isolate(container(0, 64 * kMebibyte), -1));
  ASSERT_EQ(host_.events.size(), 1U);
  // "EVENTFD CONTROLFD"
  EXPECT_EQ(cgroups_.text("memory", "cgroup.event_control").find(std::to_string(host_.events.begin()->second.fd) + " "), 0U);
  EXPECT_TRUE(host_.reports.empty());
  set_kills(1);
  host_.fire_events();
  host_.fire_events();
  ASSERT_TRUE(isolator->usage("c1"));
  ASSERT_EQ(host_.reports.size(), 1U);
  EXPECT_EQ(host_.reports[0].container_id, "c1");
  EXPECT_EQ(host_.reports[0].reason, "REASON_CONTAINER_LIMITATION_MEMORY");
  EXPECT_EQ(host_.reports[0].message,
            "memory limit exceeded: limit 64 MiB, peak 64.0 MiB (memory.max_usage_in_bytes)");
  ASSERT_TRUE(isolator->cleanup("c1"));
  EXPECT_TRUE(host_.events.empty());
}

TEST_F(CgroupsMemTest, AKillThatNobodySawIsToldByTheNextUsageOrAtCleanup) {
  fill_cgroups();
  auto by_usage = create();
  ASSERT_TRUE(by_usage->isolate(container(0, 0), -1));
  set_kills(1);
  ASSERT_TRUE(by_usage->usage("c1"));
  EXPECT_EQ(host_.reports.size(), 1U);
  auto at_cleanup = create();
  ASSERT_TRUE(at_cleanup->cleanup("c1"));
  EXPECT_EQ(host_.reports.size(), 2U);
}

TEST_F(CgroupsMemTest, RecoverArmsTheWatchAgainAndTellsOfAKillMeanwhile) {
  fill_cgroups();
  set_kills(2);
  auto isolator = create();
  auto ended = container(0, 0);
  ended.id = "c-without-cgroup";
  ASSERT_TRUE(isolator->recover({container(0, 0), ended}));
  EXPECT_EQ(host_.events.size(), 1U);
  EXPECT_EQ(host_.reports.size(), 1U);
}

TEST_F(CgroupsMemTest, UpdateWritesTheLimits) {
  fill_cgroups();
  modules::ResourceAmounts requests;
  requests.mem_bytes = 96 * kMebibyte;
  ASSERT_TRUE(create({{"limit_swap", "true"}})->update("c1", requests, {}));
  for (const char* file : {"memory.soft_limit_in_bytes", "memory.limit_in_bytes", "memory.memsw.limit_in_bytes"}) {
    EXPECT_EQ(cgroups_.text("memory", file).substr(0, 9), "100663296") << file;
  }
}

TEST_F(CgroupsMemTest, CleanupOfAnUnknownContainerIsFine) {
  auto isolator = create();
  EXPECT_TRUE(isolator->cleanup("never-seen"));
  EXPECT_TRUE(isolator->cleanup("never-seen"));
}

}  // namespace
}  // namespace tepui

// cgroups/cpu and cgroups/mem, loaded as modules, over real v1 cgroups: limits bite, usage is read, an OOM is told.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <ctime>
#include <functional>

#include <gtest/gtest.h>

#include "lib/async/condition.hpp"
#include "lib/async/deadline.hpp"
#include "lib/async/task_group.hpp"
#include "lib/linux/cgroup.hpp"
#include "lib/linux/sys.hpp"
#include "lib/modules/isolator_set.hpp"
#include "tests/fakes/recording_plan_sink.hpp"
#include "tests/fakes/requires.hpp"

namespace tepui::modules {
namespace {

constexpr std::int64_t kMebibyte = 1 << 20U;

/// Writes settings straight into cgroups, as the containerizer does after the merge.
class CgroupPlanSink final : public PlanSink {
 public:
  std::vector<std::array<std::string, 3>> settings;
  Result<void> add_to_cgroup(std::string_view, std::string_view controller, std::string_view key,
                             std::string_view value) override {
    settings.push_back({std::string(controller), std::string(key), std::string(value)});
    return ok();
  }
};

class CgroupsCpuMemTest : public ::testing::Test {
 protected:
  void SetUp() override {
    TEPUI_REQUIRES(root, cgroup1("memory"), cgroup1("cpu"), cgroup1("cpuacct"));
    auto layout = sys::detect_cgroups();
    ASSERT_TRUE(layout) << layout.error().to_string();
    auto root = sys::CgroupRoot::create(*layout, "tepui-test-" + std::to_string(::getpid()), {"cpu", "cpuacct", "memory"});
    ASSERT_TRUE(root) << root.error().to_string();
    root_ = std::move(*root);
    IsolatorSetOptions options;
    options.loop = loop_.executor();
    options.on_limitation = [this](LimitationReport report) {
      reports_.push_back(std::move(report));
      reported_.notify();
    };
    ModuleSelection selection;
    selection.folders = {std::string(TEPUI_BINARY_DIR) + "/modules"};
    selection.isolation = {"cgroups/cpu", "cgroups/mem"};
    auto set = IsolatorSet::load(selection, std::move(options));
    ASSERT_TRUE(set) << set.error().to_string();
    set_ = std::move(*set);
    ASSERT_TRUE(block_on(loop_, set_->recover({})));
  }

  void TearDown() override {
    if (child_ > 0) {
      ::kill(child_, SIGKILL);
      ::waitpid(child_, nullptr, 0);
    }
    if (set_) {
      for (std::size_t i = 0; i < set_->size(); ++i) EXPECT_TRUE(block_on(loop_, set_->cleanup(i, "c1")));
      EXPECT_TRUE(block_on(loop_, set_->close()));
    }
    if (!root_) return;
    for (const char* controller : {"cpu", "cpuacct", "memory"}) {
      EXPECT_TRUE(root_->remove(controller, "c1", std::chrono::seconds(5)));
    }
    EXPECT_TRUE(root_->remove_root(std::chrono::seconds(5)));
  }

  /// Prepare, make and write cgroups, start `body` parked, attach, isolate, go.
  void start(ContainerView view, const std::function<void()>& body) {
    auto plan = std::make_shared<CgroupPlanSink>();
    auto claims = std::make_shared<ClaimTable>();
    for (std::size_t i = 0; i < set_->size(); ++i) ASSERT_TRUE(block_on(loop_, set_->prepare(i, view, plan, claims)));
    CgroupDirectories lent;
    for (const auto& [controller, key, value] : plan->settings) {
      auto made = root_->create_cgroup(controller, "c1");
      ASSERT_TRUE(made) << made.error().to_string();
      if (!key.empty()) {
        auto written = made->write(key, value);
        ASSERT_TRUE(written) << key << ": " << written.error().to_string();
      }
      auto& cgroup = cgroups_[controller];
      if (!cgroup) cgroup = std::move(*made);
      lent[controller] = cgroup.directory();
    }
    set_->set_cgroups("c1", lent);
    auto pipe = sys::make_pipe();
    ASSERT_TRUE(pipe);
    child_ = ::fork();
    ASSERT_GE(child_, 0);
    if (child_ == 0) {
      char byte = 0;
      static_cast<void>(::read(pipe->read_end.borrow(), &byte, 1));
      body();
      ::_exit(0);
    }
    for (const auto& [controller, cgroup] : cgroups_) ASSERT_TRUE(cgroup.attach(child_));
    view.pid = child_;
    for (std::size_t i = 0; i < set_->size(); ++i) ASSERT_TRUE(block_on(loop_, set_->isolate(i, view, -1)));
    ASSERT_TRUE(sys::write_all(pipe->write_end.borrow(), "g"));
  }

  int reap() {
    int status = 0;
    ::waitpid(child_, &status, 0);
    child_ = -1;
    return status;
  }

  EventLoop loop_;
  Notification reported_{loop_.executor()};
  std::vector<LimitationReport> reports_;
  std::optional<sys::CgroupRoot> root_;
  std::unique_ptr<IsolatorSet> set_;
  std::map<std::string, sys::Cgroup> cgroups_;
  pid_t child_ = -1;
};

void burn_wall_time(std::chrono::milliseconds duration) {
  const auto end = std::chrono::steady_clock::now() + duration;
  while (std::chrono::steady_clock::now() < end) {
  }
}

void allocate(std::int64_t bytes) {
  auto* memory = static_cast<volatile char*>(
      ::mmap(nullptr, static_cast<std::size_t>(bytes), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  for (std::int64_t i = 0; i < bytes; i += 4096) memory[i] = 1;
}

TEST_F(CgroupsCpuMemTest, TheQuotaHoldsAndUsageTellsTimeAndThrottling) {
  ContainerView view;
  view.id = "c1";
  view.requests.cpus_milli = 200;
  view.requests.mem_bytes = 64 * kMebibyte;
  start(view, [] { burn_wall_time(std::chrono::milliseconds(1500)); });
  EXPECT_EQ(reap(), 0);
  auto usage = block_on(loop_, set_->usage("c1"));
  ASSERT_TRUE(usage) << usage.error().to_string();
  const double cpu = usage->at("cpus_user_time_secs") + usage->at("cpus_system_time_secs");
  // 0.2 cpus for 1.5 s are 0.3 s; a period more on either side, and what a busy machine does not give.
  EXPECT_GT(cpu, 0.02);
  EXPECT_LT(cpu, 0.6);
  EXPECT_GT(usage->at("cpus_nr_throttled"), 0);
  EXPECT_DOUBLE_EQ(usage->at("cpus_limit"), 0.2);
  EXPECT_TRUE(reports_.empty());
}

TEST_F(CgroupsCpuMemTest, AnOomIsToldWithLimitAndPeak) {
  ContainerView view;
  view.id = "c1";
  view.requests.cpus_milli = 1000;
  view.requests.mem_bytes = 32 * kMebibyte;
  start(view, [] { allocate(256 * kMebibyte); });
  ASSERT_TRUE(block_on(loop_, with_deadline(reported_.wait(), std::chrono::seconds(20))));
  const int status = reap();
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
  ASSERT_TRUE(block_on(loop_, set_->usage("c1")));
  ASSERT_EQ(reports_.size(), 1U);
  EXPECT_EQ(reports_[0].reason, "REASON_CONTAINER_LIMITATION_MEMORY");
  EXPECT_EQ(reports_[0].isolator, "cgroups/mem");
  EXPECT_EQ(reports_[0].message.find("memory limit exceeded: limit 32 MiB, peak 32.0 MiB"), 0U) << reports_[0].message;
}

TEST_F(CgroupsCpuMemTest, AfterARestartAKillMeanwhileIsTold) {
  ContainerView view;
  view.id = "c1";
  view.requests.cpus_milli = 1000;
  view.requests.mem_bytes = 32 * kMebibyte;
  start(view, [] { allocate(256 * kMebibyte); });
  reap();
  // A set that has never seen the container, as after kill -9 of the agent.
  std::vector<LimitationReport> reports;
  IsolatorSetOptions options;
  options.loop = loop_.executor();
  options.on_limitation = [&reports](LimitationReport report) { reports.push_back(std::move(report)); };
  ModuleSelection selection;
  selection.folders = {std::string(TEPUI_BINARY_DIR) + "/modules"};
  selection.isolation = {"cgroups/mem"};
  auto fresh = IsolatorSet::load(selection, std::move(options));
  ASSERT_TRUE(fresh);
  (*fresh)->set_cgroups("c1", {{"memory", cgroups_.at("memory").directory()}});
  ASSERT_TRUE(block_on(loop_, (*fresh)->recover({view})));
  EXPECT_EQ(reports.size(), 1U);
  EXPECT_TRUE(block_on(loop_, (*fresh)->close()));
}

TEST_F(CgroupsCpuMemTest, UpdateRaisesTheLimitsOfALiveContainer) {
  ContainerView view;
  view.id = "c1";
  view.requests.cpus_milli = 100;
  view.requests.mem_bytes = 32 * kMebibyte;
  start(view, [] { ::pause(); });
  ResourceAmounts more;
  more.cpus_milli = 500;
  more.mem_bytes = 96 * kMebibyte;
  auto updated = block_on(loop_, set_->update("c1", more, {}));
  ASSERT_TRUE(updated) << updated.error().to_string();
  EXPECT_EQ(*cgroups_.at("cpu").read_number("cpu.shares"), 512U);
  EXPECT_EQ(*cgroups_.at("cpu").read_number("cpu.cfs_quota_us"), 50000U);
  EXPECT_EQ(*cgroups_.at("memory").read_number("memory.limit_in_bytes"), 96ULL * kMebibyte);
}

}  // namespace
}  // namespace tepui::modules

// A daemon is killed at every TEPUI_FAULT point of the tree, one test each, and started again: every task still comes
// to one end, and nothing is left behind. The list of points is collected from the sources, so none can be forgotten.
#include <algorithm>
#include <csignal>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <boost/json/array.hpp>

#include "fault_points.hpp"
#include "tests/cluster/cluster_fixture.hpp"

namespace tepui::cluster {
namespace {

using namespace std::chrono_literals;

std::vector<std::string> fault_points() {
  std::vector<std::string> points;
  for (const char* const* point = kFaultPoints; *point != nullptr; ++point) points.emplace_back(*point);
  return points;
}

class ClusterFaultTest : public ClusterTest, public ::testing::WithParamInterface<std::string> {
 protected:
  [[nodiscard]] bool is_masters() const { return GetParam().rfind("master.", 0) == 0; }
  ChildProcess& victim() { return is_masters() ? cluster->master() : cluster->agent(0); }
  [[nodiscard]] MiniCluster::Environment fault() const { return {{"TEPUI_FAULT", GetParam()}}; }

  /// Starts the victim so that it dies at the point; it may do so before it is ready.
  void start_victim_with_fault() {
    is_armed_ = true;
    static_cast<void>(is_masters() ? cluster->start_master(fault()) : cluster->start_agent(0, fault()));
    revive_victim();
  }

  /// If the victim has died, starts it without the fault. The scheduler follows a new master, which may die of being
  /// followed.
  void revive_victim() {
    const auto deadline = in(40s);
    do {
      ASSERT_GT(left_until(deadline), 0) << "no subscription";
      if (is_armed_ && victim().has_ended()) {
        EXPECT_TRUE(WIFSIGNALED(victim().status()) && WTERMSIG(victim().status()) == SIGKILL)
            << "ended otherwise than by the fault";
        is_reached_ = true;
        is_armed_ = false;
        ASSERT_TRUE(is_masters() ? cluster->start_master() : cluster->start_agent(0));
      }
    } while (!scheduler.is_connected() && !scheduler.subscribe(cluster->master_address(), in(1s)));
  }

  /// One launch of each task, and from then on what a patient scheduler does, until all are terminal.
  void see_through(const std::vector<TaskRequest>& tasks, const std::string& to_kill) {
    std::vector<std::string> ids;
    for (const auto& task : tasks) ids.push_back(task.id);
    bool is_launched = false;
    const auto deadline = in(90s);
    auto next_nudge = in(2s);
    while (!scheduler.wait_all_terminal(ids, in(100ms))) {
      ASSERT_GT(left_until(deadline), 0) << "no end in sight";
      ASSERT_NO_FATAL_FAILURE(revive_victim());
      if (!is_launched) {
        is_launched = try_launch(tasks);
        next_nudge = in(2s);
      } else if (scheduler.state(to_kill) == "TASK_RUNNING" || left_until(next_nudge) == 0) {
        nudge(ids, to_kill, next_nudge);
      }
    }
  }

  bool try_launch(const std::vector<TaskRequest>& tasks) {
    const auto event = scheduler.wait_event("OFFERS", in(200ms));
    if (!event) return false;
    const auto& offer = event->at("offers").as_object().at("offers").as_array().at(0).as_object();
    // Whether the master died before or after it took this is what reconciliation finds out.
    scheduler.accept(offer, tasks);
    return true;
  }

  void nudge(const std::vector<std::string>& ids, const std::string& to_kill, Deadline& next) {
    if (left_until(next) > 0 && was_killed_) return;
    scheduler.kill(to_kill);
    was_killed_ = true;
    if (left_until(next) > 0) return;
    std::vector<std::string> open;
    std::copy_if(ids.begin(), ids.end(), std::back_inserter(open),
                 [&](const auto& id) { return !is_terminal(scheduler.state(id)); });
    if (!open.empty()) scheduler.reconcile(open);
    next = in(2s);
  }

  bool is_armed_ = false;
  bool is_reached_ = false;
  bool was_killed_ = false;
};

TEST_P(ClusterFaultTest, TasksComeToOneEndAndNothingStays) {
  cluster = std::make_unique<MiniCluster>();
  if (!is_masters()) {
    ASSERT_TRUE(cluster->start_master());
  }
  ASSERT_NO_FATAL_FAILURE(start_victim_with_fault());
  if (is_masters()) {
    ASSERT_TRUE(cluster->start_agent(0));
  }
  ASSERT_NO_FATAL_FAILURE(see_through({{"quick", "exit 0"}, {"long", "sleep 4713.1"}}, "long"));
  if (!is_reached_) {
    // A point of recovery: it needs something to recover, so the second start is the one that dies.
    is_armed_ = false;
    was_killed_ = false;
    ASSERT_TRUE(scheduler.launch({{"again", "sleep 4713.2"}}, in(20s)));
    ASSERT_TRUE(scheduler.wait_state("again", "TASK_RUNNING", in(20s)));
    victim().kill_now();
    ASSERT_NO_FATAL_FAILURE(start_victim_with_fault());
    ASSERT_NO_FATAL_FAILURE(see_through({{"late", "exit 0"}}, "again"));
    ASSERT_NO_FATAL_FAILURE(see_through({}, "again"));
    EXPECT_TRUE(scheduler.wait_all_terminal({"again"}, in(30s)));
  }
  EXPECT_TRUE(is_reached_) << "no part of the test reaches " << GetParam();
  for (const char* task : {"quick", "long", "again"}) EXPECT_LE(scheduler.terminal_count(task), 1) << task;
  ASSERT_TRUE(scheduler.launch({{"everything", "exit 0", 2.0, 1024}}, in(30s))) << "resources were lost";
  EXPECT_TRUE(scheduler.wait_state("everything", "TASK_FINISHED", in(20s)));
  EXPECT_EQ(cluster->leftovers(), "");
}

std::string test_name(const ::testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == '.' || c == '-'; }, '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Points, ClusterFaultTest, ::testing::ValuesIn(fault_points()), test_name);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ClusterFaultTest);

}  // namespace
}  // namespace tepui::cluster

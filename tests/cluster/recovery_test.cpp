// kill -9 of agent, master and both: what runs goes on, what ended is told truly, nothing is lost or doubled.
#include <csignal>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include "tests/cluster/cluster_fixture.hpp"

namespace tepui::cluster {
namespace {

using namespace std::chrono_literals;

class ClusterRecoveryTest : public ClusterTest {
 protected:
  /// `task` runs `sleep <marker>; exit 7`, and is known to run.
  std::optional<ProcessFacts> launch_sleeper(const std::string& task, const std::string& marker) {
    if (!scheduler.launch({{task, "sleep " + marker + "; exit 7"}}, in(20s))) return std::nullopt;
    if (!scheduler.wait_state(task, "TASK_RUNNING", in(20s))) return std::nullopt;
    return wait_process("sleep " + marker);
  }

  bool resubscribe() { return scheduler.subscribe(cluster->master_address(), in(30s)); }

  [[nodiscard]] std::size_t agents_registered() const {
    const auto reply = http_request(cluster->master_address(), "GET", "/state");
    if (reply.status != 200) return 0;
    const auto state = boost::json::parse(reply.body).as_object();
    std::size_t active = 0;
    for (const auto& agent : state.at("slaves").as_array()) {
      if (agent.as_object().at("active").as_bool()) ++active;
    }
    return active;
  }
};

TEST_F(ClusterRecoveryTest, KilledAgentFindsItsTasksAgain) {
  ASSERT_NO_FATAL_FAILURE(start());
  const auto before = launch_sleeper("long", "4712.1");
  ASSERT_TRUE(before);
  cluster->agent(0).kill_now();
  EXPECT_EQ(find_process("sleep 4712.1"), before);
  ASSERT_TRUE(cluster->start_agent(0));
  EXPECT_TRUE(eventually(in(15s), [&] { return agents_registered() == 1; }));
  EXPECT_EQ(find_process("sleep 4712.1"), before);
  EXPECT_EQ(scheduler.kill("long").status, 202);
  EXPECT_TRUE(scheduler.wait_state("long", "TASK_KILLED", in(20s)));
  EXPECT_EQ(scheduler.terminal_count("long"), 1);
  EXPECT_EQ(cluster->leftovers(), "");
}

TEST_F(ClusterRecoveryTest, TaskThatEndedWhileTheAgentWasAwayIsToldWithItsTrueStatus) {
  ASSERT_NO_FATAL_FAILURE(start());
  const auto before = launch_sleeper("short", "4712.2");
  ASSERT_TRUE(before);
  cluster->agent(0).kill_now();
  ::kill(before->pid, SIGTERM);
  ASSERT_TRUE(eventually(in(10s), [] { return !find_process("sleep 4712.2"); }));
  ASSERT_TRUE(cluster->start_agent(0));
  ASSERT_TRUE(scheduler.wait_all_terminal({"short"}, in(30s)));
  EXPECT_EQ(scheduler.state("short"), "TASK_FAILED");
  EXPECT_NE(scheduler.last("short")->message.find('7'), std::string::npos) << scheduler.last("short")->message;
  EXPECT_EQ(scheduler.terminal_count("short"), 1);
  EXPECT_EQ(cluster->leftovers(), "");
}

TEST_F(ClusterRecoveryTest, AgentKilledManyTimesLosesNothing) {
  ASSERT_NO_FATAL_FAILURE(start());
  const auto before = launch_sleeper("long", "4712.3");
  ASSERT_TRUE(before);
  for (int round = 0; round < 5; ++round) {
    cluster->agent(0).kill_now();
    ASSERT_TRUE(cluster->start_agent(0));
  }
  EXPECT_EQ(find_process("sleep 4712.3"), before);
  ASSERT_TRUE(scheduler.launch({{"next", "exit 0"}}, in(30s)));
  EXPECT_TRUE(scheduler.wait_state("next", "TASK_FINISHED", in(20s)));
  EXPECT_EQ(agents_registered(), 1U);
  EXPECT_EQ(scheduler.kill("long").status, 202);
  EXPECT_TRUE(scheduler.wait_state("long", "TASK_KILLED", in(20s)));
  EXPECT_EQ(cluster->leftovers(), "");
}

TEST_F(ClusterRecoveryTest, KilledMasterFindsAgentsFrameworksAndTasksAgain) {
  ASSERT_NO_FATAL_FAILURE(start());
  const auto before = launch_sleeper("long", "4712.4");
  ASSERT_TRUE(before);
  const auto short_one = launch_sleeper("short", "4712.5");
  ASSERT_TRUE(short_one);
  const std::string framework = scheduler.framework_id();
  cluster->master().kill_now();
  ::kill(short_one->pid, SIGTERM);
  ASSERT_TRUE(cluster->start_master());
  ASSERT_TRUE(resubscribe());
  EXPECT_EQ(scheduler.framework_id(), framework);
  ASSERT_TRUE(scheduler.wait_all_terminal({"short"}, in(40s)));
  EXPECT_EQ(scheduler.terminal_count("short"), 1);
  EXPECT_EQ(agents_registered(), 1U);
  EXPECT_EQ(find_process("sleep 4712.4"), before);
  ASSERT_TRUE(scheduler.launch({{"next", "exit 0"}}, in(30s)));
  EXPECT_TRUE(scheduler.wait_state("next", "TASK_FINISHED", in(20s)));
  EXPECT_EQ(scheduler.kill("long").status, 202);
  EXPECT_TRUE(scheduler.wait_state("long", "TASK_KILLED", in(20s)));
  EXPECT_EQ(cluster->leftovers(), "");
}

TEST_F(ClusterRecoveryTest, MasterAndAgentKilledTogetherComeBackTogether) {
  ASSERT_NO_FATAL_FAILURE(start());
  const auto before = launch_sleeper("long", "4712.6");
  ASSERT_TRUE(before);
  cluster->master().kill_now();
  cluster->agent(0).kill_now();
  ASSERT_TRUE(cluster->start_master());
  ASSERT_TRUE(cluster->start_agent(0));
  ASSERT_TRUE(resubscribe());
  EXPECT_TRUE(eventually(in(30s), [&] { return agents_registered() == 1; }));
  EXPECT_EQ(find_process("sleep 4712.6"), before);
  EXPECT_EQ(scheduler.reconcile({"long"}).status, 202);
  ASSERT_TRUE(scheduler.wait_event("UPDATE", in(20s)));
  EXPECT_EQ(scheduler.state("long"), "TASK_RUNNING");
  EXPECT_EQ(scheduler.kill("long").status, 202);
  EXPECT_TRUE(scheduler.wait_state("long", "TASK_KILLED", in(20s)));
  EXPECT_EQ(cluster->leftovers(), "");
}

TEST_F(ClusterRecoveryTest, SchedulerThatComesBackWithItsIdKeepsItsTasks) {
  ASSERT_NO_FATAL_FAILURE(start());
  const auto before = launch_sleeper("long", "4712.7");
  ASSERT_TRUE(before);
  scheduler.disconnect();
  ASSERT_TRUE(resubscribe());
  EXPECT_EQ(scheduler.reconcile({"long"}).status, 202);
  ASSERT_TRUE(scheduler.wait_event("UPDATE", in(20s)));
  EXPECT_EQ(scheduler.state("long"), "TASK_RUNNING");
  EXPECT_EQ(find_process("sleep 4712.7"), before);
  EXPECT_EQ(scheduler.kill("long").status, 202);
  EXPECT_TRUE(scheduler.wait_state("long", "TASK_KILLED", in(20s)));
}

}  // namespace
}  // namespace tepui::cluster

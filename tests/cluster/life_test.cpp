// A task's life through real daemons: launched, ended, killed, reconciled, refused.
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include "tests/cluster/cluster_fixture.hpp"

namespace tepui::cluster {
namespace {

using namespace std::chrono_literals;

using ClusterLifeTest = ClusterTest;

TEST_F(ClusterLifeTest, TasksRunAndEndWithTheirExitStatus) {
  ASSERT_NO_FATAL_FAILURE(start());
  ASSERT_TRUE(scheduler.launch({{"good", "exit 0"}, {"bad", "exit 3"}, {"signalled", "kill -SEGV $$"}}, in(20s)));
  ASSERT_TRUE(scheduler.wait_all_terminal({"good", "bad", "signalled"}, in(30s)));
  EXPECT_EQ(scheduler.state("good"), "TASK_FINISHED");
  EXPECT_EQ(scheduler.state("bad"), "TASK_FAILED");
  EXPECT_NE(scheduler.last("bad")->message.find('3'), std::string::npos) << scheduler.last("bad")->message;
  EXPECT_EQ(scheduler.state("signalled"), "TASK_FAILED");
  EXPECT_TRUE(scheduler.wait_state("good", "TASK_RUNNING", in(1s)));
  for (const char* task : {"good", "bad", "signalled"}) EXPECT_EQ(scheduler.terminal_count(task), 1) << task;
  EXPECT_EQ(cluster->leftovers(), "");
}

TEST_F(ClusterLifeTest, KilledTaskIsReportedKilledAndNothingOfItStays) {
  ASSERT_NO_FATAL_FAILURE(start());
  ASSERT_TRUE(scheduler.launch({{"long", "sleep 4711.1"}}, in(20s)));
  ASSERT_TRUE(scheduler.wait_state("long", "TASK_RUNNING", in(20s)));
  ASSERT_TRUE(wait_process("sleep 4711.1"));
  EXPECT_EQ(scheduler.kill("long").status, 202);
  EXPECT_TRUE(scheduler.wait_state("long", "TASK_KILLED", in(20s)));
  EXPECT_FALSE(find_process("sleep 4711.1"));
  EXPECT_EQ(cluster->leftovers(), "");
}

TEST_F(ClusterLifeTest, ResourcesOfEndedTasksAreOfferedAgain) {
  ASSERT_NO_FATAL_FAILURE(start());
  ASSERT_TRUE(scheduler.launch({{"all", "exit 0", 2.0, 1024}}, in(20s)));
  ASSERT_TRUE(scheduler.wait_all_terminal({"all"}, in(20s)));
  ASSERT_TRUE(scheduler.launch({{"again", "exit 0", 2.0, 1024}}, in(20s)));
  EXPECT_TRUE(scheduler.wait_all_terminal({"again"}, in(20s)));
  EXPECT_EQ(scheduler.state("again"), "TASK_FINISHED");
}

TEST_F(ClusterLifeTest, ReconciliationTellsWhatIsAndWhatIsNot) {
  ASSERT_NO_FATAL_FAILURE(start());
  ASSERT_TRUE(scheduler.launch({{"long", "sleep 4711.2"}}, in(20s)));
  ASSERT_TRUE(scheduler.wait_state("long", "TASK_RUNNING", in(20s)));
  EXPECT_EQ(scheduler.reconcile({"never-seen"}).status, 202);
  EXPECT_TRUE(scheduler.wait_state("never-seen", "TASK_LOST", in(10s)));
  const auto before = scheduler.updates().size();
  EXPECT_EQ(scheduler.reconcile({}).status, 202);
  while (scheduler.updates().size() == before) ASSERT_TRUE(scheduler.wait_event("UPDATE", in(10s)));
  EXPECT_EQ(scheduler.updates().back().task, "long");
  EXPECT_EQ(scheduler.updates().back().state, "TASK_RUNNING");
  EXPECT_EQ(scheduler.updates().back().reason, "REASON_RECONCILIATION");
}

TEST_F(ClusterLifeTest, TaskLargerThanItsOfferIsRefusedByName) {
  ASSERT_NO_FATAL_FAILURE(start());
  const auto event = scheduler.wait_event("OFFERS", in(20s));
  ASSERT_TRUE(event);
  const auto& offer = event->at("offers").as_object().at("offers").as_array().at(0).as_object();
  EXPECT_EQ(scheduler.accept(offer, {{"greedy", "exit 0", 64, 32}}).status, 202);
  ASSERT_TRUE(scheduler.wait_state("greedy", "TASK_ERROR", in(10s)));
  EXPECT_NE(scheduler.last("greedy")->message, "");
  ASSERT_TRUE(scheduler.launch({{"modest", "exit 0"}}, in(20s)));
  EXPECT_TRUE(scheduler.wait_state("modest", "TASK_FINISHED", in(20s)));
}

TEST_F(ClusterLifeTest, TaskThatOutgrowsItsMemoryIsKilledAndTheStatusSaysSo) {
  ASSERT_NO_FATAL_FAILURE(start());
  // `tail` keeps the last line, and /dev/zero has but one.
  ASSERT_TRUE(scheduler.launch({{"hungry", "tail /dev/zero", 0.5, 32}}, in(20s)));
  ASSERT_TRUE(scheduler.wait_all_terminal({"hungry"}, in(40s)));
  EXPECT_EQ(scheduler.state("hungry"), "TASK_FAILED");
  EXPECT_EQ(scheduler.last("hungry")->reason, "REASON_CONTAINER_LIMITATION_MEMORY");
  EXPECT_EQ(cluster->leftovers(), "");
}

TEST_F(ClusterLifeTest, TeardownEndsEveryTaskOfTheFramework) {
  ASSERT_NO_FATAL_FAILURE(start());
  ASSERT_TRUE(scheduler.launch({{"one", "sleep 4711.3"}, {"two", "sleep 4711.4"}}, in(20s)));
  ASSERT_TRUE(scheduler.wait_state("one", "TASK_RUNNING", in(20s)));
  ASSERT_TRUE(scheduler.wait_state("two", "TASK_RUNNING", in(20s)));
  EXPECT_EQ(scheduler.teardown().status, 202);
  EXPECT_TRUE(eventually(in(15s), [] { return !find_process("sleep 4711.3") && !find_process("sleep 4711.4"); }));
  EXPECT_EQ(cluster->leftovers(), "");
}

TEST_F(ClusterLifeTest, TwoAgentsShareTheTasks) {
  MiniCluster::Options options;
  options.agents = 2;
  ASSERT_NO_FATAL_FAILURE(start(options));
  std::vector<TaskRequest> tasks;
  std::vector<std::string> ids;
  for (int i = 0; i < 30; ++i) {
    tasks.push_back({"t" + std::to_string(i), "exit 0"});
    ids.push_back(tasks.back().id);
  }
  ASSERT_TRUE(scheduler.launch(tasks, in(60s)));
  ASSERT_TRUE(scheduler.wait_all_terminal(ids, in(60s)));
  for (const auto& id : ids) {
    EXPECT_EQ(scheduler.state(id), "TASK_FINISHED") << id;
    EXPECT_EQ(scheduler.terminal_count(id), 1) << id;
  }
  EXPECT_EQ(cluster->leftovers(), "");
  EXPECT_TRUE(cluster->stop());
}

}  // namespace
}  // namespace tepui::cluster

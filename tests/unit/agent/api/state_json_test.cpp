#include <boost/json/serialize.hpp>
#include <boost/json/parse.hpp>

#include <gtest/gtest.h>

#include "agent/api/json_models.hpp"
#include "api/resources_convert.hpp"
#include "lib/async/event_loop.hpp"
#include "lib/model/resources_text.hpp"
#include "tests/unit/agent/core/core_fixture.hpp"
#include "tests/unit/agent/daemon/fake_containerizer.hpp"

namespace tepui::agent {
namespace {

namespace json = boost::json;

class StateJsonTest : public CoreFixture {
 protected:
  StateJsonTest() : containerizer_(loop_.executor()), pool_(1, 10) {}

  [[nodiscard]] AgentView view() {
    return {*core_, containerizer_, SandboxFiles(-1, "/work"), pool_, clock_, clock_.wall(), {{"work_dir", "/work"}},
            {"127.0.0.1", 5051}, [] { return std::optional<http::HostPort>({"master", 5050}); }, [] { return false; }};
  }
  /// As a client reads it.
  [[nodiscard]] json::object state() { return json::parse(json::serialize(state_json(view()))).as_object(); }

  EventLoop loop_;
  FakeContainerizer containerizer_;
  BlockingPool pool_;
};

TEST_F(StateJsonTest, HasTheKeysThatToolsRead) {
  subscribe();
  const auto state = this->state();
  EXPECT_EQ(state.at("id").as_string(), "M-S0");
  EXPECT_EQ(state.at("pid").as_string(), "slave(1)@127.0.0.1:5051");
  EXPECT_EQ(state.at("hostname").as_string(), "host");
  EXPECT_EQ(state.at("version").as_string(), "1.11.0");
  EXPECT_EQ(state.at("master_hostname").as_string(), "master");
  EXPECT_EQ(state.at("attributes").at("weight").as_double(), 1.5);
  EXPECT_EQ(state.at("flags").at("work_dir").as_string(), "/work");
  EXPECT_TRUE(state.at("frameworks").as_array().empty());
  EXPECT_TRUE(state.at("completed_frameworks").as_array().empty());
}

TEST_F(StateJsonTest, ATaskIsAnExecutorWithOneTask) {
  subscribe();
  auto info = task_info("t");
  *info.mutable_resources() = api::resources_to_proto(*parse_resources("cpus:0.5;mem:64;ports:[31000-31001]"));
  launch(info);
  const auto state = this->state();
  const auto& framework = state.at("frameworks").as_array().at(0).as_object();
  EXPECT_EQ(framework.at("id").as_string(), "F");
  const auto& executor = framework.at("executors").as_array().at(0).as_object();
  EXPECT_EQ(executor.at("id").as_string(), "t");
  EXPECT_EQ(executor.at("container").as_string(), container_of("t"));
  const auto& task = executor.at("tasks").as_array().at(0).as_object();
  EXPECT_EQ(task.at("state").as_string(), "TASK_STARTING");
  EXPECT_EQ(task.at("resources").at("cpus").as_double(), 0.5);
  EXPECT_EQ(task.at("resources").at("ports").as_string(), "[31000-31001]");
  EXPECT_EQ(task.at("resources").at("gpus").as_double(), 0.0);
}

TEST_F(StateJsonTest, AForgottenTaskMovesToTheCompletedFrameworks) {
  run_task();
  take(core_->container_terminated(container_of("t"), exited(0)));
  acknowledge_newest("t");
  const auto state = this->state();
  EXPECT_TRUE(state.at("frameworks").as_array().empty());
  const auto& framework = state.at("completed_frameworks").as_array().at(0).as_object();
  const auto& executor = framework.at("completed_executors").as_array().at(0).as_object();
  EXPECT_EQ(executor.at("completed_tasks").as_array().at(0).at("state").as_string(), "TASK_FINISHED");
  EXPECT_EQ(state.at("finished_tasks").as_int64(), 1);
}

TEST_F(StateJsonTest, ACompletedFrameworkKeepsWhatItSaidOfItself) {
  run_task();
  const std::string name = core_->frameworks().at("F").info.name();
  ASSERT_FALSE(name.empty());
  take(core_->container_terminated(container_of("t"), exited(0)));
  acknowledge_newest("t");
  const auto state = this->state();
  const auto& framework = state.at("completed_frameworks").as_array().at(0).as_object();
  EXPECT_EQ(framework.at("name").as_string(), name);
  EXPECT_EQ(framework.at("role").as_string(), "*");
  EXPECT_FALSE(framework.contains("roles"));
}

TEST_F(StateJsonTest, MetricsAreFlatNumbers) {
  run_task();
  const auto metrics = json::parse(json::serialize(metrics_json(view(), {}))).as_object();
  for (const auto& [name, value] : metrics) EXPECT_TRUE(value.is_number()) << std::string(name);
  EXPECT_EQ(metrics.at("slave/tasks_running").to_number<int>(), 1);
  EXPECT_EQ(metrics.at("slave/registered").to_number<int>(), 1);
}

TEST(StatisticsJsonTest, IntegersStayIntegersAndForeignNamesAreLeftOut) {
  ContainerUsage usage;
  usage.values = {{"mem_rss_bytes", 4096}, {"cpus_user_time_secs", 1.5}, {"acme_thing", 7}};
  const auto object = statistics_json(usage);
  EXPECT_EQ(object.at("mem_rss_bytes").as_uint64(), 4096U);
  EXPECT_EQ(object.at("cpus_user_time_secs").as_double(), 1.5);
  EXPECT_FALSE(object.contains("acme_thing"));
}

TEST(ContainerJsonTest, AnEndedContainerTellsPeakAndEnd) {
  ContainerSummary summary;
  summary.container_id = "C";
  summary.isolators = {"cgroups/cpu"};
  summary.termination.emplace();
  summary.termination->exit = ExitStatus{false, 3, 0, false};
  summary.termination->usage.values = {{"mem_max_usage_bytes", 1048576}};
  const auto object = container_json(summary);
  EXPECT_EQ(object.at("memory_peak_bytes").to_number<int>(), 1048576);
  EXPECT_EQ(object.at("termination").at("wait_status").to_number<int>(), 768);
  EXPECT_EQ(object.at("isolators").as_array().size(), 1U);
}

}  // namespace
}  // namespace tepui::agent

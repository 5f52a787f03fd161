// What tools ask of a master: /version, /redirect, /state with its aliases, and the kill that is ours.
#include <boost/json/parse.hpp>

#include "tests/integration/master/running_master.hpp"

namespace tepui::master {
namespace {

using OperatorApiTest = MasterHttpTest;

TEST_F(OperatorApiTest, HealthIsAnEmptySuccess) {
  const auto reply = master_->fetch("/health");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "");
}

TEST_F(OperatorApiTest, TheVersionIsDigitsAndDots) {
  const auto version = boost::json::parse(master_->fetch("/version").body);
  EXPECT_EQ(text_at(version, "version"), "1.11.0");
}

TEST_F(OperatorApiTest, RedirectNamesTheLeaderWithoutAScheme) {
  for (const char* path : {"/redirect", "/master/redirect"}) {
    const auto reply = master_->fetch(path);
    EXPECT_EQ(reply.status, 307);
    EXPECT_EQ(reply.headers.at("location"), "//" + master_->address());
  }
  EXPECT_EQ(master_->fetch("/redirect/x").status, 404);
}

TEST_F(OperatorApiTest, StateAnswersUnderAllItsNames) {
  for (const char* path : {"/state", "/master/state", "/state.json", "/master/state.json"}) {
    const auto reply = master_->fetch(path);
    ASSERT_EQ(reply.status, 200) << path;
    EXPECT_EQ(reply.headers.at("content-type"), kJson);
    const auto state = boost::json::parse(reply.body);
    EXPECT_EQ(text_at(state, "leader"), "master@" + master_->address());
    for (const char* list : {"slaves", "frameworks", "completed_frameworks", "orphan_tasks", "unregistered_frameworks"}) {
      EXPECT_TRUE(state.as_object().at(list).is_array()) << list;
    }
  }
}

TEST_F(OperatorApiTest, ListsAnswerGetAndPostAndWhateverIsBehindThem) {
  for (const char* path : {"/slaves", "/slaves/anything", "/master/slaves", "/tasks", "/tasks/?task_id=t&framework_id=f"}) {
    EXPECT_EQ(master_->fetch(path).status, 200) << path;
    EXPECT_EQ(master_->post(path, "", {}).status, 200) << path;
  }
  EXPECT_EQ(master_->fetch("/slavesx").status, 404);
}

TEST_F(OperatorApiTest, MetricsAreOneFlatObjectOfNumbers) {
  const auto metrics = boost::json::parse(master_->fetch("/metrics/snapshot").body).as_object();
  EXPECT_TRUE(metrics.contains("master/uptime_secs"));
  EXPECT_TRUE(metrics.contains("tepui_master_http_requests"));
  for (const auto& [name, value] : metrics) EXPECT_TRUE(value.is_number()) << std::string_view(name);
}

TEST_F(OperatorApiTest, AConnectedFrameworkIsShown) {
  EventStream stream(*master_, kSchedulerPath, subscribe_call());
  const std::string id = text_at(stream.next(), "subscribed.framework_id.value");
  const auto state = boost::json::parse(master_->fetch("/state").body);
  const auto& framework = state.as_object().at("frameworks").as_array().at(0);
  EXPECT_EQ(text_at(framework, "id"), id);
  EXPECT_EQ(text_at(framework, "name"), "test");
  EXPECT_TRUE(framework.as_object().at("active").as_bool());
}

TEST_F(OperatorApiTest, AKillSaysWhatIsWrongWithIt) {
  const auto kill = [&](const std::string& body, const std::string& type = kJson) {
    return master_->post("/tepui/v1/tasks/kill", body, {{"Content-Type", type}});
  };
  EXPECT_EQ(kill("{}", "text/plain").status, 415);
  EXPECT_EQ(kill("garbage").status, 400);
  EXPECT_NE(kill(R"({"framework_id":"f"})").body.find("task_id"), std::string::npos);
  const auto unknown = kill(R"({"framework_id":{"value":"f"},"task_id":"t"})");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_NE(unknown.body.find("'f'"), std::string::npos) << unknown.body;
}

}  // namespace
}  // namespace tepui::master

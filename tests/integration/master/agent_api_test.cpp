// POST /api/v1/agent on a socket, and what goes between an agent and a framework through the master.
#include "tests/integration/master/running_master.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace tepui::master {
namespace {

constexpr const char* kSubscribe =
    R"({"type":"SUBSCRIBE","subscribe":{"agent_info":{"hostname":"node","port":5051,"resources":[
        {"name":"cpus","type":"SCALAR","scalar":{"value":4}},{"name":"mem","type":"SCALAR","scalar":{"value":1024}},
        {"name":"ports","type":"RANGES","ranges":{"range":[{"begin":31000,"end":31009}]}}]},
        "version":"1.11.0","ip":"127.0.0.1","port":5051}})";

class AgentApiTest : public MasterHttpTest {
 protected:
  HttpReply agent_call(const std::string& body, const std::string& stream) const {
    return master_->post(kAgentPath, body, {{"Content-Type", kJson}, {"Mesos-Stream-Id", stream}});
  }
};

TEST_F(AgentApiTest, TheTransportRulesAreThoseOfTheSchedulerApi) {
  EXPECT_EQ(master_->fetch(kAgentPath).status, 405);
  EXPECT_EQ(master_->post(kAgentPath, kSubscribe, {}).status, 400);
  EXPECT_EQ(master_->post(kAgentPath, kSubscribe, {{"Content-Type", "text/plain"}}).status, 415);
  EXPECT_EQ(master_->post(kAgentPath, R"({"type":"SUBSCRIBE"})", {{"Content-Type", kJson}}).status, 400);
  EXPECT_EQ(master_->post(kAgentPath, kSubscribe, {{"Content-Type", kJson}, {"Accept", "text/html"}}).status, 406);
  EXPECT_EQ(agent_call(kSubscribe, "11111111-2222-3333-4444-555555555555").status, 400);
}

TEST_F(AgentApiTest, AnAgentIsGivenAnIdAndItsResourcesAreOffered) {
  EventStream scheduler(*master_, kSchedulerPath, subscribe_call());
  EventStream agent(*master_, kAgentPath, kSubscribe);
  const auto subscribed = agent.next();
  EXPECT_EQ(text_at(subscribed, "type"), "SUBSCRIBED");
  const std::string agent_id = text_at(subscribed, "subscribed.agent_id.value");
  EXPECT_NE(agent_id.find("-S0"), std::string::npos) << agent_id;
  const auto offers = scheduler.next("OFFERS");
  ASSERT_FALSE(offers.empty());
  const auto& offer = offers.at("offers").as_object().at("offers").as_array().at(0);
  EXPECT_EQ(text_at(offer, "agent_id.value"), agent_id);
  EXPECT_EQ(text_at(offer, "hostname"), "node");
}

TEST_F(AgentApiTest, UnknownAgentsAndForeignStreamsAreSentBackToSubscribe) {
  EventStream agent(*master_, kAgentPath, kSubscribe);
  const std::string id = text_at(agent.next(), "subscribed.agent_id.value");
  const auto call = [](const std::string& agent_id) {
    return R"({"type":"MESSAGE","agent_id":{"value":")" + agent_id +
           R"("},"message":{"framework_id":{"value":"f"},"executor_id":{"value":"e"},"data":""}})";
  };
  EXPECT_EQ(agent_call(call("no-such-agent"), agent.id()).status, 404);
  EXPECT_EQ(agent_call(call(id), "11111111-2222-3333-4444-555555555555").status, 403);
  EXPECT_EQ(agent_call(call(id), agent.id()).status, 202);
}

TEST_F(AgentApiTest, ATaskGoesFromTheSchedulerToTheAgentAndItsStatusBack) {
  EventStream scheduler(*master_, kSchedulerPath, subscribe_call());
  const std::string framework = text_at(scheduler.next(), "subscribed.framework_id.value");
  EventStream agent(*master_, kAgentPath, kSubscribe);
  const std::string agent_id = text_at(agent.next(), "subscribed.agent_id.value");
  const auto offers = scheduler.next("OFFERS");
  ASSERT_FALSE(offers.empty());
  const std::string offer = text_at(offers.at("offers").as_object().at("offers").as_array().at(0), "id.value");

  const std::string accept =
      R"("accept":{"offer_ids":[{"value":")" + offer + R"("}],"operations":[{"type":"LAUNCH","launch":{"task_infos":[
      {"name":"t","task_id":{"value":"t1"},"agent_id":{"value":")" + agent_id +
      R"("},"command":{"value":"true"},"resources":[{"name":"cpus","type":"SCALAR","scalar":{"value":1}},
      {"name":"mem","type":"SCALAR","scalar":{"value":32}}]}]}}]})";
  ASSERT_EQ(call(framework_call("ACCEPT", framework, accept), scheduler.id()).status, 202);
  const auto launch = agent.next("LAUNCH");
  ASSERT_FALSE(launch.empty());
  EXPECT_EQ(text_at(launch, "launch.framework_info.id.value"), framework);

  const std::string update =
      R"({"type":"UPDATE","agent_id":{"value":")" + agent_id + R"("},"update":{"framework_id":{"value":")" + framework +
      R"("},"status":{"task_id":{"value":"t1"},"state":"TASK_RUNNING","agent_id":{"value":")" + agent_id +
      R"("},"source":"SOURCE_EXECUTOR","timestamp":1.5,"uuid":"AAECAwQFBgcICQoLDA0ODw=="}}})";
  ASSERT_EQ(agent_call(update, agent.id()).status, 202);
  const auto told = scheduler.next("UPDATE");
  EXPECT_EQ(text_at(told, "update.status.state"), "TASK_RUNNING");
  EXPECT_EQ(text_at(told, "update.status.uuid"), "AAECAwQFBgcICQoLDA0ODw==");
  const std::string acknowledge = R"("acknowledge":{"agent_id":{"value":")" + agent_id +
                                  R"("},"task_id":{"value":"t1"},"uuid":"AAECAwQFBgcICQoLDA0ODw=="})";
  EXPECT_EQ(call(framework_call("ACKNOWLEDGE", framework, acknowledge), scheduler.id()).status, 202);
  EXPECT_EQ(text_at(agent.next("ACKNOWLEDGE"), "acknowledge.task_id.value"), "t1");

  EXPECT_NE(master_->fetch("/state").body.find("\"TASK_RUNNING\""), std::string::npos);
  EXPECT_NE(master_->fetch("/tasks?task_id=t1").body.find("\"t1\""), std::string::npos);
  EXPECT_EQ(master_->fetch("/tasks?task_id=t2").body, R"({"tasks":[]})");

  const std::string kill = R"({"framework_id":")" + framework + R"(","task_id":"t1"})";
  EXPECT_EQ(master_->post("/tepui/v1/tasks/kill", kill, {{"Content-Type", kJson}}).status, 202);
  EXPECT_EQ(text_at(agent.next("KILL"), "kill.task_id.value"), "t1");
}

TEST_F(AgentApiTest, AnEndedTaskIsShownWithEverythingItHeld) {
  EventStream scheduler(*master_, kSchedulerPath, subscribe_call());
  const std::string framework = text_at(scheduler.next(), "subscribed.framework_id.value");
  EventStream agent(*master_, kAgentPath, kSubscribe);
  const std::string agent_id = text_at(agent.next(), "subscribed.agent_id.value");
  const auto offers = scheduler.next("OFFERS");
  ASSERT_FALSE(offers.empty());
  const std::string offer = text_at(offers.at("offers").as_object().at("offers").as_array().at(0), "id.value");
  const std::string accept =
      R"("accept":{"offer_ids":[{"value":")" + offer + R"("}],"operations":[{"type":"LAUNCH","launch":{"task_infos":[
      {"name":"t","task_id":{"value":"t1"},"agent_id":{"value":")" + agent_id +
      R"("},"command":{"value":"true"},"resources":[{"name":"cpus","type":"SCALAR","scalar":{"value":1}},
      {"name":"ports","type":"RANGES","ranges":{"range":[{"begin":31000,"end":31001}]}}]}]}}]})";
  ASSERT_EQ(call(framework_call("ACCEPT", framework, accept), scheduler.id()).status, 202);
  ASSERT_FALSE(agent.next("LAUNCH").empty());
  ASSERT_EQ(call(framework_call("TEARDOWN", framework), scheduler.id()).status, 202);
  const auto tasks = boost::json::parse(master_->fetch("/tasks?task_id=t1").body);
  const auto& task = tasks.as_object().at("tasks").as_array().at(0).as_object();
  EXPECT_EQ(task.at("state").as_string(), "TASK_KILLED");
  EXPECT_EQ(task.at("resources").at("ports").as_string(), "[31000-31001]");
  EXPECT_EQ(task.at("role").as_string(), "*");
}

}  // namespace
}  // namespace tepui::master

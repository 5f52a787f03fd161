// What a master knows after a restart, from its registry alone.
#include <boost/json/parse.hpp>

#include "tests/integration/master/running_master.hpp"

namespace tepui::master {
namespace {

class MasterRestartTest : public MasterHttpTest {
 protected:
  void restart() {
    master_.reset();
    master_.emplace(folder_ / "work");
  }
  EventStream subscribe(const std::string& body) { return {*master_, kSchedulerPath, body}; }
};

TEST_F(MasterRestartTest, StoppingEndsStreamsAndRemovesTheAddress) {
  EXPECT_EQ(folder_.read("work/master.address"), master_->address() + "\n");
  EventStream stream = subscribe(subscribe_call());
  ASSERT_FALSE(stream.next().empty());
  master_->stop();
  EXPECT_TRUE(stream.is_ended());
  EXPECT_EQ(folder_.read("work/master.address"), "");
}

TEST_F(MasterRestartTest, AFrameworkKeepsItsIdAndIsShownBeforeItComesBack) {
  EventStream first = subscribe(subscribe_call({}, R"(,"failover_timeout":3600)"));
  const std::string id = text_at(first.next(), "subscribed.framework_id.value");
  restart();
  const auto state = boost::json::parse(master_->fetch("/state").body);
  EXPECT_EQ(text_at(state.as_object().at("frameworks").as_array().at(0), "id"), id);
  EXPECT_EQ(text_at(subscribe(subscribe_call(id)).next(), "subscribed.framework_id.value"), id);
}

TEST_F(MasterRestartTest, WhatWasTornDownStaysSo) {
  EventStream first = subscribe(subscribe_call());
  const std::string id = text_at(first.next(), "subscribed.framework_id.value");
  ASSERT_EQ(call(framework_call("TEARDOWN", id), first.id()).status, 202);
  restart();
  EXPECT_EQ(text_at(subscribe(subscribe_call(id)).next(), "type"), "ERROR");
}

TEST_F(MasterRestartTest, AdmittedAgentsAreAwaited) {
  EventStream agent(*master_, kAgentPath,
                    R"({"type":"SUBSCRIBE","subscribe":{"agent_info":{"hostname":"node"},"version":"1.11.0","ip":"127.0.0.1",
                        "port":5051}})");
  const std::string id = text_at(agent.next(), "subscribed.agent_id.value");
  ASSERT_NE(id, "");
  restart();
  const auto agents = boost::json::parse(master_->fetch("/slaves").body);
  EXPECT_TRUE(agents.as_object().at("slaves").as_array().empty());
  EXPECT_EQ(text_at(agents.as_object().at("recovered_slaves").as_array().at(0), "id"), id);
}

}  // namespace
}  // namespace tepui::master

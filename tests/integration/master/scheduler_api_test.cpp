// POST /api/v1/scheduler on a socket: statuses and their order (mesos.md §1.1), streams, takeover, both encodings.
#include "mesos/v1/scheduler/scheduler.pb.h"
#include "tests/integration/master/running_master.hpp"

namespace tepui::master {
namespace {

class SchedulerApiTest : public MasterHttpTest {
 protected:
  EventStream subscribe(const std::string& body = subscribe_call()) { return {*master_, kSchedulerPath, body}; }
};

TEST_F(SchedulerApiTest, OtherMethodsAreRefusedWithTheOneThatIsAllowed) {
  const auto reply = master_->fetch(kSchedulerPath);
  EXPECT_EQ(reply.status, 405);
  EXPECT_EQ(reply.headers.at("allow"), "POST");
}

TEST_F(SchedulerApiTest, TheContentTypeDecidesBeforeTheBody) {
  EXPECT_EQ(master_->post(kSchedulerPath, "garbage", {}).status, 400);
  for (const char* type : {"text/plain", "application/json; charset=utf-8", "application/recordio"}) {
    EXPECT_EQ(master_->post(kSchedulerPath, "garbage", {{"Content-Type", type}}).status, 415) << type;
  }
  for (const char* type : {kJson, kProtobuf}) {
    const auto reply = master_->post(kSchedulerPath, "garbage", {{"Content-Type", type}});
    EXPECT_EQ(reply.status, 400) << type;
    EXPECT_NE(reply.body, "");
  }
}

TEST_F(SchedulerApiTest, CallsOfBadShapeAreRefusedByField) {
  EXPECT_EQ(call(R"({"type":"SUBSCRIBE"})").status, 400);
  EXPECT_EQ(call(R"({"type":"TEARDOWN"})").status, 400);
  EXPECT_EQ(call("[]").status, 400);
  const auto reply = call(R"({"type":"SUBSCRIBE","subscribe":{"framework_info":{"user":"u"}}})");
  EXPECT_EQ(reply.status, 400);
  EXPECT_NE(reply.body.find("subscribe.framework_info.name"), std::string::npos) << reply.body;
}

TEST_F(SchedulerApiTest, ASubscriptionNeedsAnAcceptableEncodingAndNoStreamId) {
  EXPECT_EQ(master_->post(kSchedulerPath, subscribe_call(), {{"Content-Type", kJson}, {"Accept", "text/html"}}).status, 406);
  EXPECT_EQ(call(subscribe_call(), "11111111-2222-3333-4444-555555555555").status, 400);
  EXPECT_EQ(text_at(boost::json::value(subscribe().next()), "type"), "SUBSCRIBED");
}

TEST_F(SchedulerApiTest, AStreamIsChunkedJsonThatStartsWithSubscribedAndAHeartbeat) {
  EventStream stream = subscribe();
  EXPECT_EQ(stream.head().status, 200);
  EXPECT_EQ(stream.head().headers.at("content-type"), kJson);
  EXPECT_EQ(stream.head().headers.at("transfer-encoding"), "chunked");
  EXPECT_EQ(stream.head().headers.count("content-length"), 0U);
  EXPECT_EQ(stream.id().size(), 36U);
  const auto subscribed = stream.next();
  EXPECT_EQ(text_at(subscribed, "type"), "SUBSCRIBED");
  EXPECT_NE(text_at(subscribed, "subscribed.framework_id.value").find("-0000"), std::string::npos);
  EXPECT_EQ(subscribed.at("subscribed").as_object().at("heartbeat_interval_seconds").as_double(), 15.0);
  EXPECT_EQ(text_at(stream.next(), "type"), "HEARTBEAT");
}

TEST_F(SchedulerApiTest, ProtobufIsSpokenInBothDirections) {
  mesos::v1::scheduler::Call call;
  call.set_type(mesos::v1::scheduler::Call::SUBSCRIBE);
  call.mutable_subscribe()->mutable_framework_info()->set_user("nobody");
  call.mutable_subscribe()->mutable_framework_info()->set_name("test");
  EventStream stream(*master_, kSchedulerPath, call.SerializeAsString(), {{"Content-Type", kProtobuf}, {"Accept", kProtobuf}});
  EXPECT_EQ(stream.head().headers.at("content-type"), kProtobuf);
  mesos::v1::scheduler::Event event;
  ASSERT_TRUE(event.ParseFromString(stream.next_record().value_or("")));
  EXPECT_EQ(event.type(), mesos::v1::scheduler::Event::SUBSCRIBED);

  call.Clear();
  call.set_type(mesos::v1::scheduler::Call::REVIVE);
  *call.mutable_framework_id() = event.subscribed().framework_id();
  const auto reply = master_->post(kSchedulerPath, call.SerializeAsString(),
                                   {{"Content-Type", kProtobuf}, {"Mesos-Stream-Id", stream.id()}});
  EXPECT_EQ(reply.status, 202);
}

TEST_F(SchedulerApiTest, EveryOtherCallNeedsTheCurrentStreamOfAKnownFramework) {
  EventStream stream = subscribe();
  const std::string id = text_at(stream.next(), "subscribed.framework_id.value");
  const auto unknown = call(framework_call("REVIVE", "no-such-framework"), stream.id());
  EXPECT_EQ(unknown.status, 400);
  EXPECT_NE(unknown.body.find("Framework cannot be found"), std::string::npos) << unknown.body;
  EXPECT_EQ(call(framework_call("REVIVE", id)).status, 400);
  EXPECT_EQ(call(framework_call("REVIVE", id), "11111111-2222-3333-4444-555555555555").status, 400);
  const auto accepted = call(framework_call("REVIVE", id), stream.id());
  EXPECT_EQ(accepted.status, 202);
  EXPECT_EQ(accepted.body, "");
}

TEST_F(SchedulerApiTest, AFrameworkThatHasHungUpIsToldSo) {
  EventStream stream = subscribe(subscribe_call({}, R"(,"failover_timeout":60)"));
  const std::string id = text_at(stream.next(), "subscribed.framework_id.value");
  stream.close();
  EXPECT_TRUE(cluster::eventually(in(std::chrono::seconds(5)),
                                  [&] { return call(framework_call("REVIVE", id), stream.id()).status == 403; }));
}

TEST_F(SchedulerApiTest, ARefusedSubscriptionIsAnErrorEventAndTheEndOfItsStream) {
  EventStream stream = subscribe(subscribe_call({}, R"(,"role":"also-a-role")"));
  EXPECT_EQ(stream.head().status, 200);
  const auto event = stream.next();
  EXPECT_EQ(text_at(event, "type"), "ERROR");
  EXPECT_NE(text_at(event, "error.message"), "");
  EXPECT_TRUE(stream.is_ended());
}

TEST_F(SchedulerApiTest, ANewSubscriptionTakesTheStreamOver) {
  EventStream old = subscribe();
  const std::string id = text_at(old.next(), "subscribed.framework_id.value");
  EventStream current = subscribe(subscribe_call(id));
  EXPECT_EQ(text_at(current.next(), "subscribed.framework_id.value"), id);
  EXPECT_EQ(text_at(old.next("ERROR"), "error.message"), "Framework failed over");
  EXPECT_TRUE(old.is_ended());
  EXPECT_EQ(call(framework_call("REVIVE", id), old.id()).status, 400);
  EXPECT_EQ(call(framework_call("REVIVE", id), current.id()).status, 202);
}

TEST_F(SchedulerApiTest, AnUnknownFrameworkIdIsTakenForOneOfAnEarlierMaster) {
  EXPECT_EQ(text_at(subscribe(subscribe_call("of-another-master-0007")).next(), "subscribed.framework_id.value"),
            "of-another-master-0007");
}

TEST_F(SchedulerApiTest, WhatWasTornDownNeverComesBack) {
  EventStream stream = subscribe();
  const std::string id = text_at(stream.next(), "subscribed.framework_id.value");
  EXPECT_EQ(call(framework_call("TEARDOWN", id), stream.id()).status, 202);
  EXPECT_TRUE(stream.is_ended());
  EXPECT_NE(text_at(subscribe(subscribe_call(id)).next(), "error.message").find("removed"), std::string::npos);
}

}  // namespace
}  // namespace tepui::master

#include "api/json.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "mesos/v1/executor/executor.pb.h"
#include "mesos/v1/mesos.pb.h"
#include "mesos/v1/scheduler/scheduler.pb.h"

namespace tepui::api {
namespace {

using mesos::v1::scheduler::Call;
using mesos::v1::scheduler::Event;

std::string error_of(std::string_view text) {
  Call call;
  const auto parsed = parse_json(text, call);
  return parsed ? "" : parsed.error().to_string();
}

TEST(JsonTest, NamesAreThoseOfTheProtoAndTextIsOneLine) {
  Event event;
  event.set_type(Event::SUBSCRIBED);
  event.mutable_subscribed()->mutable_framework_id()->set_value("f-\n\"0");
  event.mutable_subscribed()->set_heartbeat_interval_seconds(15);
  EXPECT_EQ(format_json(event),
            R"({"type":"SUBSCRIBED","subscribed":{"framework_id":{"value":"f-\n\"0"},"heartbeat_interval_seconds":15.0}})");
}

TEST(JsonTest, UnsetFieldsWithADeclaredDefaultAreWritten) {
  mesos::v1::CommandInfo command;
  command.set_value("true");
  EXPECT_EQ(format_json(command), R"({"shell":true,"value":"true"})");
}

TEST(JsonTest, BytesAreBase64AndSixtyFourBitIntegersAreNumbers) {
  mesos::v1::TaskStatus status;
  status.mutable_task_id()->set_value("t");
  status.set_state(mesos::v1::TASK_RUNNING);
  status.set_uuid(std::string("\x00\xff\x10", 3));
  EXPECT_NE(format_json(status).find(R"("uuid":"AP8Q")"), std::string::npos);
  mesos::v1::Value::Range range;
  range.set_begin(18446744073709551615ULL);
  range.set_end(0);
  EXPECT_EQ(format_json(range), R"({"begin":18446744073709551615,"end":0})");
}

TEST(JsonTest, LenientClientsAreUnderstood) {
  Call call;
  const auto parsed = parse_json(R"(
    { "type": "SUBSCRIBE", "unknown": {"deep": [1, 2]}, "framework_id": null,
      "subscribe": { "framework_info": { "user": "u", "name": 5, "roles": "x", "checkpoint": "true",
        "failover_timeout": "12.5", "capabilities": [{"type": "FROM_THE_FUTURE"}, {"type": "MULTI_ROLE"}] } } }
  )", call);
  ASSERT_TRUE(parsed) << parsed.error().to_string();
  const auto& framework = call.subscribe().framework_info();
  EXPECT_EQ(framework.name(), "5");
  ASSERT_EQ(framework.roles_size(), 1);
  EXPECT_EQ(framework.roles(0), "x");
  EXPECT_TRUE(framework.checkpoint());
  EXPECT_DOUBLE_EQ(framework.failover_timeout(), 12.5);
  ASSERT_EQ(framework.capabilities_size(), 2);
  EXPECT_FALSE(framework.capabilities(0).has_type());
  EXPECT_FALSE(call.has_framework_id());
}

TEST(JsonTest, MapsAreObjects) {
  Call call;
  const auto parsed = parse_json(
      R"({"type":"SUBSCRIBE","subscribe":{"framework_info":{"user":"u","name":"n","offer_filters":
          {"b":{"min_allocatable_resources":{}},"a":{"min_allocatable_resources":{}}}}}})", call);
  ASSERT_TRUE(parsed) << parsed.error().to_string();
  EXPECT_EQ(call.subscribe().framework_info().offer_filters_size(), 2);
  EXPECT_NE(format_json(call).find(R"("offer_filters":{"a":{"min_allocatable_resources":{}},"b":)"), std::string::npos);
}

TEST(JsonTest, InfinityIsANumberInBothDirections) {
  mesos::v1::Value::Scalar scalar;
  ASSERT_TRUE(parse_json(R"({"value":"Infinity"})", scalar));
  EXPECT_TRUE(std::isinf(scalar.value()));
  EXPECT_EQ(format_json(scalar), R"({"value":"Infinity"})");
  EXPECT_FALSE(parse_json(R"({"value":"NaN"})", scalar));
}

TEST(JsonTest, ErrorsNameTheField) {
  EXPECT_NE(error_of(R"({"type":"SUBSCRIBE","subscribe":{"framework_info":{"user":"u"}}})")
                .find("subscribe.framework_info.name"), std::string::npos);
  EXPECT_NE(error_of(R"({"type":"DECLINE","decline":{"offer_ids":[{"value":"a"},{"value":[]}]}})")
                .find("decline.offer_ids[1].value"), std::string::npos);
  EXPECT_NE(error_of(R"({"type":"DECLINE","decline":{"filters":{"refuse_seconds":{}}}})")
                .find("decline.filters.refuse_seconds"), std::string::npos);
  EXPECT_NE(error_of("{\n\"type\": nonsense}").find("line 2"), std::string::npos);
}

TEST(JsonTest, IntegersThatDoNotFitAreRefused) {
  mesos::v1::Value::Range range;
  EXPECT_TRUE(parse_json(R"({"begin":"18446744073709551615","end":3.0})", range));
  EXPECT_EQ(range.begin(), 18446744073709551615ULL);
  EXPECT_EQ(range.end(), 3U);
  for (const char* text : {R"({"begin":-1,"end":0})", R"({"begin":18446744073709551616,"end":0})", R"({"begin":1.5,"end":0})",
                           R"({"begin":"x","end":0})", R"({"begin":true,"end":0})"}) {
    EXPECT_FALSE(parse_json(text, range)) << text;
  }
}

TEST(JsonTest, DoublesSurviveBothDirectionsToTheLastBit) {
  // Among them some that a conversion by multiplication with a power of ten gets wrong.
  for (const double value : {0.1, 1.0 / 3, 1795481228.4476376, 5e-324, 1.7976931348623157e308, 9007199254740993.0, 123456.7e-200,
                             -0.0, 8.988465674311579e307, 4.4501477170144023e-308}) {
    mesos::v1::Value::Scalar scalar;
    scalar.set_value(value);
    const std::string text = format_json(scalar);
    ASSERT_TRUE(parse_json(text, scalar)) << text;
    EXPECT_EQ(scalar.value(), value) << text;
  }
  mesos::v1::Value::Scalar scalar;
  EXPECT_FALSE(parse_json(R"({"value":1e999})", scalar));
}

TEST(JsonTest, TextThatIsNoUtf8StaysValidJson) {
  mesos::v1::TaskID id;
  for (const char* bad : {"a\xff" "b", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82"}) {
    id.set_value(bad);
    const std::string text = format_json(id);
    mesos::v1::TaskID back;
    EXPECT_TRUE(parse_json(text, back)) << text;
    EXPECT_NE(text.find("\xef\xbf\xbd"), std::string::npos) << text;
  }
  EXPECT_FALSE(parse_json("{\"value\":\"\xff\"}", id));
  id.set_value("h\xc3\xa9 \xe2\x82\xac \xf0\x9f\x8f\x94");
  EXPECT_EQ(format_json(id), "{\"value\":\"" + id.value() + "\"}");
}

TEST(JsonTest, ValuesOfTheWrongShapeAreRefusedByPath) {
  const std::pair<const char*, const char*> cases[] = {
      {R"([])", "(top)"},
      {R"("x")", "(top)"},
      {R"(null)", "(top)"},
      {R"({"type":["KILL"]})", "\"type\""},
      {R"({"type":{}})", "\"type\""},
      {R"({"type":5})", "\"type\""},
      {R"({"kill":"x"})", "\"kill\""},
      {R"({"kill":[{}]})", "\"kill\""},
      {R"({"decline":{"offer_ids":[[]]}})", "decline.offer_ids[0]"},
      {R"({"decline":{"offer_ids":[{"value":"a"},null,7]}})", "decline.offer_ids[2]"},
      {R"({"acknowledge":{"uuid":"?"}})", "acknowledge.uuid"},
      {R"({"subscribe":{"framework_info":{"offer_filters":[]}}})", "subscribe.framework_info.offer_filters"},
      {R"({"subscribe":{"framework_info":{"offer_filters":"x"}}})", "subscribe.framework_info.offer_filters"},
      {R"({"subscribe":{"framework_info":{"offer_filters":{"r":1}}}})", "offer_filters[\"r\"]"},
  };
  for (const auto& [text, path] : cases) {
    EXPECT_NE(error_of(text).find(path), std::string::npos) << text << ": " << error_of(text);
  }
}

TEST(JsonTest, WhatIsUnknownIsSkippedWhole) {
  Call call;
  const auto parsed = parse_json(
      R"({"x":[{"type":"KILL","y":[[1,"2",null,{"type":{}}]]}],"type":"REVIVE","z":{"kill":{"task_id":7}},"w":1.5})", call);
  ASSERT_TRUE(parsed) << parsed.error().to_string();
  EXPECT_EQ(call.type(), Call::REVIVE);
  EXPECT_FALSE(call.has_kill());
}

TEST(JsonTest, AMillionOpenBracketsAreRefusedWithoutUsingTheStack) {
  for (const std::string open : {"[", "{\"a\":", "{\"subscribe\":"}) {
    std::string text;
    for (int i = 0; i < 1'000'000; ++i) text += open;
    EXPECT_NE(error_of(text), "");
  }
}

TEST(JsonTest, EveryTruncationOfAValidCallIsRefused) {
  const std::string text = R"({"type":"ACKNOWLEDGE","framework_id":{"value":"f"},"acknowledge":{"agent_id":{"value":"a"},)"
                           R"("task_id":{"value":"t"},"uuid":"AAECAwQFBgcICQoLDA0ODw=="}})";
  ASSERT_EQ(error_of(text), "");
  for (std::size_t size = 0; size < text.size(); ++size) EXPECT_NE(error_of(text.substr(0, size)), "") << size;
  EXPECT_NE(error_of(text + "x"), "");
}

TEST(JsonTest, ProtobufThatIsTruncatedNestedTooDeepOrNoMessageIsRefused) {
  Call call;
  call.set_type(Call::KILL);
  call.mutable_framework_id()->set_value("f");
  call.mutable_kill()->mutable_task_id()->set_value("t");
  const std::string bytes = call.SerializeAsString();
  Call parsed;
  ASSERT_TRUE(parse_protobuf(bytes, parsed));
  EXPECT_FALSE(parse_protobuf(bytes.substr(0, bytes.size() - 1), parsed));
  EXPECT_FALSE(parse_protobuf("\xff\xff\xff", parsed));
  // Labels inside an unknown group, nested a thousand times: field 1000, wire type 3.
  std::string groups;
  for (int i = 0; i < 1000; ++i) groups += "\xc3\x3e";
  EXPECT_FALSE(parse_protobuf(groups, parsed));
}

}  // namespace
}  // namespace tepui::api

#include "master/media_type.hpp"

#include <gtest/gtest.h>

#include "mesos/v1/scheduler/scheduler.pb.h"

namespace tepui::master {
namespace {

std::optional<Encoding> chosen(std::initializer_list<http::Header> headers) { return choose_encoding(http::Headers(headers)); }
std::optional<Encoding> chosen(const char* accept) { return chosen({{"Accept", accept}}); }

TEST(MediaTypeTest, JsonIsChosenWhereverItIsAcceptable) {
  EXPECT_EQ(chosen(std::initializer_list<http::Header>{}), Encoding::Json);
  for (const char* accept : {"*/*", "application/*", "application/json", "application/x-protobuf, application/json",
                             "application/x-protobuf;q=1.0, application/json;q=0.1", "text/html, */*;q=0.5", ""}) {
    EXPECT_EQ(chosen(accept), Encoding::Json) << accept;
  }
  EXPECT_EQ(chosen({{"Accept", "application/x-protobuf"}, {"accept", "application/json"}}), Encoding::Json);
}

TEST(MediaTypeTest, ProtobufIsChosenWhereJsonIsNotAcceptable) {
  for (const char* accept : {"application/x-protobuf", "application/json;q=0, */*", "application/json; q=0.0,application/*"}) {
    EXPECT_EQ(chosen(accept), Encoding::Protobuf) << accept;
  }
}

TEST(MediaTypeTest, NeitherIsSaid) {
  for (const char* accept : {"text/html", "application/json;q=0", "*/*;q=0", "application/jsonx"}) {
    EXPECT_EQ(chosen(accept), std::nullopt) << accept;
  }
}

TEST(MediaTypeTest, ContentTypesCompareExactly) {
  EXPECT_EQ(encoding_of("application/json"), Encoding::Json);
  EXPECT_EQ(encoding_of("application/x-protobuf"), Encoding::Protobuf);
  for (const char* type : {"application/json; charset=utf-8", "Application/JSON", "text/plain", ""}) {
    EXPECT_EQ(encoding_of(type), std::nullopt) << type;
  }
}

TEST(MediaTypeTest, AnEventIsOneRecord) {
  mesos::v1::scheduler::Event event;
  event.set_type(mesos::v1::scheduler::Event::HEARTBEAT);
  EXPECT_EQ(encode_event(event, Encoding::Json), "20\n{\"type\":\"HEARTBEAT\"}");
  EXPECT_EQ(encode_event(event, Encoding::Protobuf), "2\n\x08\x08");
}

}  // namespace
}  // namespace tepui::master

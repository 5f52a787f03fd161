// The gate alone: what it reads out of a good head (bad ones: smuggling_test.cpp).
#include "lib/http/header_gate.hpp"

#include <gtest/gtest.h>

namespace tepui::http {
namespace {

RequestHead read(const std::string& raw) {
  auto checked = check_head(raw, {});
  if (auto* refusal = std::get_if<Refusal>(&checked)) ADD_FAILURE() << refusal->reason;
  return std::holds_alternative<RequestHead>(checked) ? std::get<RequestHead>(checked) : RequestHead{};
}

TEST(HeaderGateTest, ReadsLineFieldsAndFraming) {
  const RequestHead head = read(
      "POST /api/v1/scheduler?x=1 HTTP/1.1\r\nHost: a:1\r\nContent-Length: 12\r\nExpect: 100-Continue\r\n"
      "X-Empty:\r\nX-Blank: \t a b \t\r\nConnection: foo, Close\r\n\r\n");
  EXPECT_EQ(head.method, "POST");
  EXPECT_EQ(head.target, "/api/v1/scheduler?x=1");
  EXPECT_EQ(head.content_length, 12U);
  EXPECT_TRUE(head.has_content_length);
  EXPECT_FALSE(head.is_chunked);
  EXPECT_TRUE(head.expects_continue);
  EXPECT_FALSE(head.keeps_alive);
  EXPECT_EQ(head.headers.value_or("x-empty", "?"), "");
  EXPECT_EQ(head.headers.value_or("x-blank", "?"), "a b");
}

TEST(HeaderGateTest, HighBytesMayStandInValues) {
  EXPECT_EQ(read("GET / HTTP/1.1\r\nHost: a\r\nX: \xc3\xa4\r\n\r\n").headers.value_or("x", ""), "\xc3\xa4");
}

TEST(HeaderGateTest, GarbageIsRefusedAtItsFirstByte) {
  EXPECT_EQ(check_head_bytes(std::string_view("\0", 1), 0, {}).reason, "nul byte");
  EXPECT_EQ(check_head_bytes("\x16", 0, {}).reason, "control byte");
  EXPECT_EQ(check_head_bytes("GET / HTTP/1.1\n", 14, {}).reason, "bare line feed");
  EXPECT_EQ(check_head_bytes("GET /", 0, {}).reason, "");
}

TEST(HeaderGateTest, EveryPrefixOfAGoodHeadIsAcceptedSoFar) {
  const std::string good = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_EQ(check_head_bytes(good.substr(0, size), size / 2, {}).reason, "") << size;
  }
}

}  // namespace
}  // namespace tepui::http

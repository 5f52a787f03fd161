// What no daemon may be hurt by: garbage on its sockets, lengths and depths that lie, records that break off.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "lib/base/random.hpp"
#include "tests/cluster/cluster_fixture.hpp"

namespace tepui::cluster {
namespace {

using namespace std::chrono_literals;

class ClusterBadInputTest : public ClusterTest {
 protected:
  /// Both daemons still live, answer, and run a task.
  void expect_unharmed() {
    EXPECT_FALSE(cluster->master().has_ended());
    EXPECT_FALSE(cluster->agent(0).has_ended());
    EXPECT_EQ(http_request(cluster->master_address(), "GET", "/health").status, 200);
    EXPECT_EQ(http_request(cluster->agent_address(0), "GET", "/health").status, 200);
    ASSERT_TRUE(scheduler.launch({{"after", "exit 0"}}, in(20s)));
    EXPECT_TRUE(scheduler.wait_state("after", "TASK_FINISHED", in(20s)));
  }

  [[nodiscard]] std::vector<std::string> addresses() const {
    return {cluster->master_address(), cluster->agent_address(0)};
  }
};

TEST_F(ClusterBadInputTest, GarbageOnEverySocketIsRefusedAndTheConnectionEnds) {
  ASSERT_NO_FATAL_FAILURE(start());
  SeededRandom random(2);
  std::vector<std::string> garbage = {
      "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
      "SSH-2.0-OpenSSH_9.2\r\n",
      "\r\n\r\n\r\n\r\n",
      "GET / HTTP/9.9\r\n\r\n",
      "GET\r\n\r\n",
      std::string(100'000, 'A'),
      "GET / HTTP/1.1\r\nHost: x\r\nX: " + std::string(1'000'000, 'b') + "\r\n\r\n",
      "POST /api/v1/scheduler HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzzzz\r\n"};
  for (int i = 0; i < 20; ++i) {
    std::string bytes;
    for (int n = 0; n < 2000; ++n) bytes += static_cast<char>(random.below(256));
    garbage.push_back(bytes + "\r\n\r\n");
  }
  for (const auto& address : addresses()) {
    for (const auto& bytes : garbage) {
      RawConnection connection(address);
      ASSERT_TRUE(connection.is_open());
      connection.send(bytes, in(5s));
      const HttpReply reply = connection.read_head(in(1s));  // what looks like the start of a request may wait
      EXPECT_TRUE(reply.status == 0 || (reply.status >= 400 && reply.status < 600))
          << reply.status << " for " << bytes.substr(0, 40);
    }
  }
  expect_unharmed();
}

TEST_F(ClusterBadInputTest, RequestThatBreaksOffIsForgotten) {
  ASSERT_NO_FATAL_FAILURE(start());
  for (const auto& address : addresses()) {
    for (const char* path : {"/api/v1/scheduler", "/api/v1/agent", "/api/v1"}) {
      RawConnection connection(address);
      connection.send(std::string("POST ") + path + " HTTP/1.1\r\nHost: " + address +
                          "\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{\"type\":\"SUBSCR",
                      in(5s));
      connection.close();
    }
  }
  expect_unharmed();
}

TEST_F(ClusterBadInputTest, TruncatedMessagesAreRefusedByBothCodecs) {
  ASSERT_NO_FATAL_FAILURE(start());
  for (const char* path : {"/api/v1/scheduler", "/api/v1/agent"}) {
    for (const auto& [type, body] :
         std::vector<std::pair<std::string, std::string>>{{"application/json", R"({"type":"SUBSCRIBE","subscribe":{)"},
                                                          {"application/json", ""},
                                                          {"application/json", "[]"},
                                                          {"application/x-protobuf", "\x10\x01\x1a\x7f\x0a"},
                                                          {"application/x-protobuf", ""},
                                                          {"text/plain", "hello"}}) {
      const auto reply = http_request(cluster->master_address(), "POST", path, body, {{"Content-Type", type}});
      EXPECT_GE(reply.status, 400) << path << " " << type << " " << body;
      EXPECT_LT(reply.status, 500) << path << " " << type << " " << body;
      EXPECT_NE(reply.body, "") << path << " " << type << " " << body;
    }
  }
  expect_unharmed();
}

TEST_F(ClusterBadInputTest, DeclaredLengthOfAGibibyteIsRefusedWithoutReadingIt) {
  ASSERT_NO_FATAL_FAILURE(start());
  for (const auto& address : addresses()) {
    RawConnection connection(address);
    ASSERT_TRUE(connection.send("POST /api/v1/scheduler HTTP/1.1\r\nHost: " + address +
                                    "\r\nContent-Type: application/json\r\nContent-Length: 1073741824\r\n\r\n{",
                                in(5s)));
    const HttpReply reply = connection.read_head(in(10s));
    EXPECT_GE(reply.status, 400);
    EXPECT_LT(reply.status, 500);
    EXPECT_TRUE(connection.is_closed_by_peer(in(10s)));
  }
  expect_unharmed();
}

TEST_F(ClusterBadInputTest, JsonAMillionLevelsDeepIsRefused) {
  ASSERT_NO_FATAL_FAILURE(start());
  for (const std::string& open : {std::string("["), std::string("{\"subscribe\":")}) {
    std::string body = R"({"type":"SUBSCRIBE","subscribe":)";
    for (int i = 0; i < 1'000'000; ++i) body += open;
    const auto reply = http_request(cluster->master_address(), "POST", "/api/v1/scheduler", body,
                                    {{"Content-Type", "application/json"}});
    EXPECT_EQ(reply.status, 400) << reply.body.substr(0, 200);
  }
  expect_unharmed();
}

TEST_F(ClusterBadInputTest, CallsWithoutOrWithAForeignStreamAreRefused) {
  ASSERT_NO_FATAL_FAILURE(start());
  const std::string call = R"({"type":"REVIVE","framework_id":{"value":")" + scheduler.framework_id() + "\"}}";
  const auto post = [&](std::map<std::string, std::string> headers) {
    headers["Content-Type"] = "application/json";
    return http_request(cluster->master_address(), "POST", "/api/v1/scheduler", call, headers).status;
  };
  EXPECT_EQ(post({}), 400);
  EXPECT_EQ(post({{"Mesos-Stream-Id", "6b1a1b6e-0b5e-4e5f-9d8a-3c6f7c1d2e3f"}}), 400);
  EXPECT_EQ(post({{"Mesos-Stream-Id", scheduler.stream_id()}}), 202);
  expect_unharmed();
}

TEST_F(ClusterBadInputTest, ForeignHostAndOriginAreForbidden) {
  ASSERT_NO_FATAL_FAILURE(start());
  for (const auto& address : addresses()) {
    RawConnection connection(address);
    connection.send("GET /state HTTP/1.1\r\nHost: evil.example\r\n\r\n", in(5s));
    EXPECT_EQ(connection.read_head(in(10s)).status, 403) << address;
    EXPECT_EQ(http_request(address, "GET", "/state", {}, {{"Origin", "http://evil.example"}}).status, 403) << address;
  }
  expect_unharmed();
}

}  // namespace
}  // namespace tepui::cluster

// Limits: oversize, slowness, pipelining, garbage, too many connections. Times are small and nothing waits on the clock but
// the server itself.
#include <sys/resource.h>

#include <random>

#include "tests/unit/http/live_server.hpp"

namespace tepui::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const std::string kHost = "Host: 127.0.0.1\r\n";
const std::string kGet = "GET /hello HTTP/1.1\r\n" + kHost + "\r\n";

ServerOptions impatient() {
  ServerOptions options;
  options.header_timeout = milliseconds(60);
  options.idle_timeout = milliseconds(60);
  options.body_idle_timeout = milliseconds(60);
  options.body_grace = milliseconds(120);
  options.body_bytes_per_second = 1U << 20U;
  options.linger_timeout = milliseconds(50);
  return options;
}

/// One byte every 5 ms until the server has had enough.
Async<std::string> drip(Endpoint to, std::string head, std::string body) {
  auto socket = co_await connect_raw(to);
  if (!socket) co_return socket.error();
  auto begun = co_await (*socket)->write_all(head, seconds(5));
  if (!begun) co_return begun.error();
  for (const char byte : body) {
    auto written = co_await (*socket)->write_all(std::string(1, byte), seconds(5));
    if (!written || (*socket)->available() > 0) break;
    co_await dawdle(milliseconds(5));
  }
  auto all = co_await read_to_end(*socket);
  co_return all;
}

class ServerLimitsTest : public LiveServer {};

TEST_F(ServerLimitsTest, HeadersOverTheLimitAre431) {
  start();
  EXPECT_EQ(talk({"GET /hello HTTP/1.1\r\n" + kHost + "X: " + std::string(9000, 'a') + "\r\n\r\n"}).substr(9, 3), "431");
  EXPECT_EQ(talk({"GET /" + std::string(1U << 20U, 'a') + " HTTP/1.1\r\n"}).substr(9, 3), "431");
  std::string many = "GET /hello HTTP/1.1\r\n" + kHost;
  for (int i = 0; i < 100; ++i) many += "X: y\r\n";
  EXPECT_EQ(talk({many + "\r\n"}).substr(9, 3), "431");
  EXPECT_EQ(refused("header bytes"), 2U);
  EXPECT_EQ(refused("header fields"), 1U);
}

TEST_F(ServerLimitsTest, AHundredHeadersPass) {
  start();
  std::string many = "GET /hello HTTP/1.1\r\n" + kHost + "Connection: close\r\n";
  for (int i = 0; i < 98; ++i) many += "X: y\r\n";
  EXPECT_EQ(talk({many + "\r\n"}).substr(9, 3), "200");
}

TEST_F(ServerLimitsTest, BodiesOverTheLimitAre413BeforeTheyAreRead) {
  start({.body_bytes = 1000});
  EXPECT_EQ(talk({"POST /echo HTTP/1.1\r\n" + kHost + "Content-Length: 1001\r\n\r\n"}).substr(9, 3), "413");
  EXPECT_EQ(talk({"POST /echo HTTP/1.1\r\n" + kHost + "Content-Length: 9223372036854775807\r\n\r\n"}).substr(9, 3), "413");
  EXPECT_EQ(talk({"POST /echo HTTP/1.1\r\n" + kHost + "Transfer-Encoding: chunked\r\n\r\n3E9\r\n"}).substr(9, 3), "413");
  EXPECT_EQ(talk({"POST /echo HTTP/1.1\r\n" + kHost + "Transfer-Encoding: chunked\r\n\r\n", "1F4\r\n" + std::string(500, 'a') + "\r\n",
                  "1F5\r\n"})
                .substr(9, 3),
            "413");
  EXPECT_EQ(talk({"POST /echo HTTP/1.1\r\n" + kHost + "Connection: close\r\nContent-Length: 1000\r\n\r\n" + std::string(1000, 'a')})
                .substr(9, 3),
            "200");
  EXPECT_EQ(refused("body bytes"), 4U);
}

TEST_F(ServerLimitsTest, AnExpectedContinueIsNotGivenToABodyThatIsTooLarge) {
  start({.body_bytes = 1000});
  const std::string reply =
      talk({"POST /echo HTTP/1.1\r\n" + kHost + "Expect: 100-continue\r\nContent-Length: 1001\r\n\r\n"});
  EXPECT_EQ(reply.substr(9, 3), "413");
}

TEST_F(ServerLimitsTest, ASlowHeaderIs408AndClosed) {
  start(impatient());
  auto reply = run(drip(bound_, "GET /hello HTTP/1.1\r\nX: ", std::string(1000, 'a')));
  ASSERT_TRUE(reply) << reply.error().to_string();
  EXPECT_EQ(reply->substr(0, 12), "HTTP/1.1 408");
  EXPECT_EQ(refused("header time"), 1U);
}

TEST_F(ServerLimitsTest, ADrippedBodyIs408EvenThoughItNeverStops) {
  start(impatient());
  auto reply = run(drip(bound_, "POST /echo HTTP/1.1\r\n" + kHost + "Content-Length: 5000\r\n\r\n", std::string(5000, 'a')));
  ASSERT_TRUE(reply) << reply.error().to_string();
  EXPECT_EQ(reply->substr(0, 12), "HTTP/1.1 408");
  EXPECT_EQ(refused("body time"), 1U);
}

TEST_F(ServerLimitsTest, AnIdleConnectionIsClosedWithoutAWord) {
  start(impatient());
  EXPECT_EQ(talk({}), "");
  const std::string reply = talk({kGet});
  EXPECT_TRUE(reply.ends_with("hello\n")) << reply;
}

TEST_F(ServerLimitsTest, TwoRequestsInOnePacketAreRefusedAndNeitherIsDispatched) {
  start();
  const std::string reply = talk({kGet + kGet});
  EXPECT_EQ(reply.substr(0, 12), "HTTP/1.1 400");
  EXPECT_EQ(server_->metrics().requests, 0U);
  EXPECT_EQ(refused("pipelining"), 1U);
}

TEST_F(ServerLimitsTest, ARequestSentBeforeTheAnswerToTheFirstIsRefusedBehindThatAnswer) {
  start();
  Alarm open_gate(loop_.executor(), [this] { gate_.notify(); });
  open_gate.set_after(milliseconds(50));
  const std::string reply = talk({"GET /wait HTTP/1.1\r\n" + kHost + "\r\n", "GET /poison HTTP/1.1\r\n" + kHost + "\r\n"});
  EXPECT_EQ(reply.substr(0, 12), "HTTP/1.1 200");
  EXPECT_NE(reply.find("HTTP/1.1 400"), std::string::npos);
  EXPECT_EQ(poisoned_, 0);
}

TEST_F(ServerLimitsTest, AHundredPipelinedRequestsDispatchNothing) {
  start();
  std::string flood;
  for (int i = 0; i < 100; ++i) flood += "POST /poison HTTP/1.1\r\n" + kHost + "Content-Length: 1\r\n\r\nx";
  EXPECT_EQ(talk({flood}).substr(0, 12), "HTTP/1.1 400");
  EXPECT_EQ(poisoned_, 0);
}

TEST_F(ServerLimitsTest, ConnectionsOverTheLimitAre503) {
  start({.connections = 1});
  struct Two {
    static Async<std::string> talk(Endpoint to) {
      auto first = co_await connect_raw(to);
      if (!first) co_return first.error();
      auto asked = co_await (*first)->write_all(kGet, seconds(5));
      auto answered = co_await read_until(*first, "hello\n");
      if (!answered) co_return answered.error();
      auto second = co_await connect_raw(to);
      if (!second) co_return second.error();
      auto reply = co_await read_until(*second, "\r\n\r\n");
      co_return reply;
    }
  };
  auto reply = run(Two::talk(bound_));
  ASSERT_TRUE(reply) << reply.error().to_string();
  EXPECT_EQ(reply->substr(0, 12), "HTTP/1.1 503");
}

/// Lowers the process's limit of descriptors to those in use and `spare` more.
class FewDescriptors {
 public:
  explicit FewDescriptors(rlim_t spare) {
    EXPECT_EQ(::getrlimit(RLIMIT_NOFILE, &before_), 0);
    const int next = ::dup(0);
    ::close(next);
    const rlimit few{static_cast<rlim_t>(next) + spare, before_.rlim_max};
    EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &few), 0);
  }
  ~FewDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

Async<std::vector<std::shared_ptr<TimedSocket>>> connect_as_long_as_it_goes(Endpoint to) {
  std::vector<std::shared_ptr<TimedSocket>> all;
  for (int i = 0; i < 64; ++i) {
    auto socket = co_await connect_raw(to);
    if (!socket) break;
    all.push_back(*socket);
    co_await dawdle(milliseconds(1));
  }
  co_return all;
}

TEST_F(ServerLimitsTest, WithoutDescriptorsConnectionsAreDroppedAndAcceptingGoesOnAfterwards) {
  start();
  auto first = run(connect_raw(bound_));  // whatever the loop opens only once is open now
  ASSERT_TRUE(first);
  {
    FewDescriptors few(5);
    auto some = run(connect_as_long_as_it_goes(bound_));
    ASSERT_TRUE(some);
    ASSERT_GE(some->size(), 2U);
    ASSERT_TRUE(run(dawdle(milliseconds(60))));
    EXPECT_GE(server_->metrics().accept_failures, 1U);
  }
  EXPECT_TRUE(talk({"GET /hello HTTP/1.1\r\n" + kHost + "Connection: close\r\n\r\n"}).ends_with("hello\n"));
}

TEST_F(ServerLimitsTest, GarbageNeverReachesAHandlerAndNeverHurts) {
  start(impatient());
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    std::string garbage(1 + random() % 600, '\0');
    for (char& byte : garbage) byte = static_cast<char>(random() % 256);
    const std::string reply = talk({garbage + "\r\n\r\n"});
    EXPECT_TRUE(reply.empty() || reply.starts_with("HTTP/1.1 4")) << reply;
  }
  EXPECT_EQ(server_->metrics().requests, 0U);
  EXPECT_TRUE(talk({kGet}).ends_with("hello\n"));
}

TEST_F(ServerLimitsTest, MutatedRequestsAreAnsweredOrRefusedAndThePoisonStaysOut) {
  start(impatient());
  std::mt19937 random(11);
  const std::string good = "POST /echo HTTP/1.1\r\n" + kHost + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
  for (int round = 0; round < 300; ++round) {
    std::string bytes = good;
    for (unsigned flips = 1 + random() % 2; flips > 0; --flips) {
      bytes[random() % bytes.size()] = "\r\n :\t;,0Zz\x01\xff"[random() % 12];
    }
    const std::string reply = talk({bytes + "GET /poison HTTP/1.1\r\n" + kHost + "\r\n"});
    EXPECT_EQ(poisoned_, 0) << bytes;
    EXPECT_TRUE(reply.empty() || reply.starts_with("HTTP/1.1 ")) << reply;
  }
}

}  // namespace
}  // namespace tepui::http

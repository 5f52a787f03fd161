// The server's everyday behaviour.
#include "tests/unit/http/live_server.hpp"

namespace tepui::http {
namespace {

const std::string kHost = "Host: 127.0.0.1\r\n";

class ServerTest : public LiveServer {};

TEST_F(ServerTest, ARequestIsAnsweredAndTheConnectionIsKept) {
  start();
  const std::string get = "GET /hello HTTP/1.1\r\n" + kHost + "\r\n";
  struct Twice {
    static Async<std::string> talk(Endpoint to, std::string request) {
      auto socket = co_await connect_raw(to);
      if (!socket) co_return socket.error();
      std::string all;
      for (int i = 0; i < 2; ++i) {
        auto written = co_await (*socket)->write_all(request, std::chrono::seconds(5));
        if (!written) co_return written.error();
        auto reply = co_await read_until(*socket, "hello\n");
        if (!reply) co_return reply.error();
        all += *reply;
      }
      co_return all;
    }
  };
  auto both = run(Twice::talk(bound_, get));
  ASSERT_TRUE(both) << both.error().to_string();
  EXPECT_NE(both->find("Content-Type: text/plain\r\n"), std::string::npos);
  EXPECT_NE(both->find("Content-Length: 6\r\n"), std::string::npos);
  EXPECT_EQ(both->find("Connection"), std::string::npos);
  EXPECT_EQ(server_->metrics().requests, 2U);
  EXPECT_EQ(server_->metrics().connections_accepted, 1U);
}

TEST_F(ServerTest, ConnectionCloseAndHttp10AreHonoured) {
  start();
  EXPECT_TRUE(talk({"GET /hello HTTP/1.1\r\n" + kHost + "Connection: close\r\n\r\n"}).ends_with("hello\n"));
  EXPECT_TRUE(talk({"GET /hello HTTP/1.0\r\n\r\n"}).ends_with("hello\n"));
}

TEST_F(ServerTest, TheContentTypeIsExactlyTheHandlers) {
  start();
  const std::string reply = talk({"POST /echo HTTP/1.1\r\n" + kHost +
                                  "Content-Type: application/x-protobuf\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi"});
  EXPECT_NE(reply.find("\r\nContent-Type: application/x-protobuf\r\n"), std::string::npos) << reply;
}

TEST_F(ServerTest, HeadHasTheHeadersAndNoBody) {
  start();
  const std::string reply = talk({"HEAD /hello HTTP/1.1\r\n" + kHost + "Connection: close\r\n\r\n"});
  EXPECT_NE(reply.find("Content-Length: 6\r\n"), std::string::npos);
  EXPECT_TRUE(reply.ends_with("\r\n\r\n"));
}

TEST_F(ServerTest, UnknownPathsAre404AndWrongMethods405WithAllow) {
  start();
  EXPECT_EQ(talk({"GET /nowhere HTTP/1.1\r\n" + kHost + "Connection: close\r\n\r\n"}).substr(9, 3), "404");
  const std::string reply = talk({"DELETE /hello HTTP/1.1\r\n" + kHost + "Connection: close\r\n\r\n"});
  EXPECT_EQ(reply.substr(9, 3), "405");
  EXPECT_NE(reply.find("Allow: GET\r\n"), std::string::npos);
}

TEST_F(ServerTest, AnExceptionOfAHandlerIs500AndTheServerLives) {
  start();
  EXPECT_EQ(talk({"GET /throw HTTP/1.1\r\n" + kHost + "Connection: close\r\n\r\n"}).substr(9, 3), "500");
  EXPECT_EQ(talk({"GET /hello HTTP/1.1\r\n" + kHost + "Connection: close\r\n\r\n"}).substr(9, 3), "200");
}

TEST_F(ServerTest, ABodyInManyPiecesArrivesWhole) {
  start();
  std::vector<std::string> pieces = {"POST /ec", "ho HTTP/1.1\r", "\n" + kHost + "Connection: close\r\nTransfer-",
                                     "Encoding: chunked\r\n\r", "\n", "5", "\r", "\nhel", "lo\r\n1", "\r\n!\r\n0\r\n\r", "\n"};
  EXPECT_TRUE(talk(pieces).ends_with("\r\n\r\nhello!"));
}

TEST_F(ServerTest, ContinueIsSentBeforeTheBodyIsRead) {
  start();
  struct Careful {
    static Async<std::string> talk(Endpoint to) {
      auto socket = co_await connect_raw(to);
      if (!socket) co_return socket.error();
      auto asked = co_await (*socket)->write_all(
          "POST /echo HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n\r\n",
          std::chrono::seconds(5));
      if (!asked) co_return asked.error();
      auto told = co_await read_until(*socket, "100 Continue\r\n\r\n");
      if (!told) co_return told.error();
      auto written = co_await (*socket)->write_all("hi", std::chrono::seconds(5));
      if (!written) co_return written.error();
      auto rest = co_await read_to_end(*socket);
      co_return rest;
    }
  };
  auto reply = run(Careful::talk(bound_));
  ASSERT_TRUE(reply) << reply.error().to_string();
  EXPECT_TRUE(reply->ends_with("\r\n\r\nhi")) << *reply;
}

TEST_F(ServerTest, ForeignHostsAndOriginsAre403AndClosed) {
  start({.allowed_hosts = {"tepui.test"}});
  const auto status_of = [this](const std::string& fields) {
    return talk({"GET /hello HTTP/1.1\r\n" + fields + "Connection: close\r\n\r\n"}).substr(9, 3);
  };
  EXPECT_EQ(status_of("Host: evil.test\r\n"), "403");
  EXPECT_EQ(status_of("Host: 10.0.0.1:80\r\n"), "403");
  EXPECT_EQ(status_of("Host: TEPUI.test:1\r\n"), "200");
  EXPECT_EQ(status_of("Host: localhost:5050\r\nOrigin: http://localhost:5050\r\n"), "200");
  EXPECT_EQ(status_of("Host: localhost:5050\r\nOrigin: http://localhost:3000\r\n"), "403");
  EXPECT_EQ(status_of("Host: localhost:5050\r\nOrigin: null\r\n"), "403");
  EXPECT_EQ(refused("foreign host"), 2U);
  EXPECT_EQ(refused("foreign origin"), 2U);
}

TEST_F(ServerTest, TheHandlerSeesPathQueryPeerAndHeaders) {
  start();
  talk({"GET /echo?a=b%20c&d=%2Fe+f HTTP/1.1\r\n" + kHost + "X-Thing: 1\r\nConnection: close\r\n\r\n"});
  EXPECT_EQ(last_.path, "/echo");
  EXPECT_EQ(last_.query, "a=b%20c&d=%2Fe+f");
  EXPECT_EQ(last_.query_value("a"), "b c");
  EXPECT_EQ(last_.query_value("d"), "/e f");
  EXPECT_EQ(last_.headers.value_or("x-thing", ""), "1");
  EXPECT_EQ(last_.peer.address, "127.0.0.1");
  EXPECT_EQ(last_.local, bound_);
  EXPECT_NE(last_.connection_id, 0U);
}

TEST_F(ServerTest, AnAddressInUseIsNamedWithAHint) {
  start();
  Server other(loop_.executor(), Router());
  auto refused = other.listen(bound_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::AlreadyExists);
  EXPECT_NE(refused.error().to_string().find(bound_.to_string()), std::string::npos);
  EXPECT_FALSE(other.listen({"no-address", 1}));
}

TEST_F(ServerTest, ClosingTheServerEndsConnectionsThatWaitAndHandlersThatRun) {
  start();
  TaskGroup clients(loop_.executor(), "clients", nullptr);
  struct Waiting {
    static Async<void> talk(Endpoint to, std::string request, Notification sent) {
      auto socket = co_await connect_raw(to);
      if (!socket) co_return socket.error();
      auto written = co_await (*socket)->write_all(request, std::chrono::seconds(5));
      sent.notify();
      auto all = co_await read_to_end(*socket);
      co_return ok();
    }
    static Async<void> close_after(Notification one, Notification two, Server* server) {
      co_await one.wait();
      co_await two.wait();
      co_await dawdle(std::chrono::milliseconds(20));
      auto closed = co_await server->close();
      co_return closed;
    }
  };
  Notification one(loop_.executor());
  Notification two(loop_.executor());
  ASSERT_TRUE(clients.spawn("a", Waiting::talk(bound_, "GET /wait HTTP/1.1\r\n" + kHost + "\r\n", one)));
  ASSERT_TRUE(clients.spawn("b", Waiting::talk(bound_, "GET /hel", two)));
  ASSERT_TRUE(run(Waiting::close_after(one, two, server_.get())));
  ASSERT_TRUE(run(clients.drain()));
  EXPECT_EQ(server_->metrics().connections_open, 0U);
}

}  // namespace
}  // namespace tepui::http

// The client against our own server and against servers that misbehave.
#include "tests/unit/http/live_server.hpp"

namespace tepui::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class ClientTest : public LiveServer {
 protected:
  static Async<std::shared_ptr<ReplyStream>> open(Client* client, Call call) {
    auto opened = co_await client->open(std::move(call));
    if (!opened) co_return opened.error();
    co_return std::make_shared<ReplyStream>(std::move(*opened));
  }
};

TEST_F(ClientTest, CallsReuseOneConnection) {
  start();
  Client client(loop_.executor(), host());
  for (int i = 0; i < 5; ++i) {
    auto reply = run(client.send({"POST", "/echo", {{"Content-Type", "text/x"}}, "body " + std::to_string(i)}));
    ASSERT_TRUE(reply) << reply.error().to_string();
    EXPECT_EQ(reply->status, 200);
    EXPECT_EQ(reply->body, "body " + std::to_string(i));
    EXPECT_EQ(reply->headers.value_or("content-type", ""), "text/x");
  }
  EXPECT_EQ(server_->metrics().connections_accepted, 1U);
}

TEST_F(ClientTest, AConnectionThatTheServerClosedIsNotUsedAgain) {
  start({.idle_timeout = milliseconds(20)});
  Client client(loop_.executor(), host());
  ASSERT_TRUE(run(client.send({"GET", "/hello", {}, ""})));
  struct Until {
    static Async<void> none_open(Server* server) {
      while (server->metrics().connections_open > 0) {
        co_await dawdle(milliseconds(5));
      }
      co_return ok();
    }
  };
  ASSERT_TRUE(run(Until::none_open(server_.get())));
  auto reply = run(client.send({"GET", "/hello", {}, ""}));
  ASSERT_TRUE(reply) << reply.error().to_string();
  EXPECT_EQ(server_->metrics().connections_accepted, 2U);
}

TEST_F(ClientTest, StreamsAreReadAsTheyCome) {
  start();
  Client client(loop_.executor(), host());
  auto opened = run(open(&client, {"POST", "/stream", {}, ""}));
  ASSERT_TRUE(opened) << opened.error().to_string();
  EXPECT_EQ((*opened)->status(), 200);
  stream_->send("one");
  auto first = run((*opened)->read_some(seconds(5)));
  ASSERT_TRUE(first);
  EXPECT_EQ(*first, "one");
  stream_->send("two");
  stream_->finish();
  auto rest = run((*opened)->read_rest(100, seconds(5)));
  ASSERT_TRUE(rest);
  EXPECT_EQ(*rest, "two");
}

TEST_F(ClientTest, ASilentStreamIsADeadline) {
  start();
  Client client(loop_.executor(), host());
  auto opened = run(open(&client, {"POST", "/stream", {}, ""}));
  ASSERT_TRUE(opened);
  auto silence = run((*opened)->read_some(milliseconds(20)));
  ASSERT_FALSE(silence);
  EXPECT_EQ(silence.error().code(), ErrorCode::DeadlineExceeded);
}

TEST_F(ClientTest, AStreamCutOffIsUnavailable) {
  start();
  Client client(loop_.executor(), host());
  auto opened = run(open(&client, {"POST", "/stream", {}, ""}));
  ASSERT_TRUE(opened);
  stream_->disconnect("gone");
  auto cut = run((*opened)->read_some(seconds(5)));
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().code(), ErrorCode::Unavailable);
}

TEST_F(ClientTest, ARefusedConnectionIsUnavailableAndNamesTheAddress) {
  start();
  ASSERT_TRUE(run(server_->close()));
  Client client(loop_.executor(), host());
  auto reply = run(client.send({"GET", "/hello", {}, ""}));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code(), ErrorCode::Unavailable);
  EXPECT_NE(reply.error().to_string().find(host().to_string()), std::string::npos);
}

TEST_F(ClientTest, AReplyThatNeverComesIsADeadline) {
  start();
  Client client(loop_.executor(), host(), {.reply_timeout = milliseconds(30)});
  auto reply = run(client.send({"GET", "/wait", {}, ""}));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code(), ErrorCode::DeadlineExceeded);
}

TEST_F(ClientTest, HeadRepliesHaveNoBodyAndLeaveTheConnectionGood) {
  start();
  Client client(loop_.executor(), host());
  auto head = run(client.send({"HEAD", "/hello", {}, ""}));
  ASSERT_TRUE(head) << head.error().to_string();
  EXPECT_EQ(head->body, "");
  EXPECT_EQ(head->headers.value_or("content-length", ""), "6");
  ASSERT_TRUE(run(client.send({"GET", "/hello", {}, ""})));
  EXPECT_EQ(server_->metrics().connections_accepted, 1U);
}

TEST_F(ClientTest, HeadersThatWouldSmuggleAreRefusedBeforeTheyAreSent) {
  start();
  Client client(loop_.executor(), host());
  EXPECT_FALSE(run(client.send({"GET", "/hello", {{"X", "a\r\nHost: evil"}}, ""})));
  EXPECT_FALSE(run(client.send({"GET", "/hello HTTP/1.1\r\nX: y", {}, ""})));
  EXPECT_FALSE(run(client.send({"GET", "http://x/", {}, ""})));
}

/// A server that sends `reply` to whoever connects, whatever he asks, and closes.
class Scripted {
 public:
  Scripted(EventLoop& loop, std::string reply) : tasks_(loop.executor(), "scripted", nullptr), acceptor_(loop.executor()) {
    const boost::asio::ip::tcp::endpoint any(boost::asio::ip::make_address("127.0.0.1"), 0);
    acceptor_.open(any.protocol());
    acceptor_.bind(any);
    acceptor_.listen();
    static_cast<void>(tasks_.spawn("answer", answer(&acceptor_, std::move(reply))));
  }
  HostPort host() const { return {"127.0.0.1", acceptor_.local_endpoint().port()}; }

 private:
  using Acceptor = boost::asio::basic_socket_acceptor<boost::asio::ip::tcp, Executor>;
  static Async<void> answer(Acceptor* acceptor, std::string reply) {
    auto executor = co_await boost::asio::this_coro::executor;
    Stream stream(executor);
    auto [code] = co_await acceptor->async_accept(stream, boost::asio::as_tuple(boost::asio::use_awaitable));
    if (code) co_return ok();
    auto socket = std::make_shared<TimedSocket>(std::move(stream));
    auto asked = co_await read_until(socket, "\r\n\r\n");
    auto written = co_await socket->write_all(std::move(reply), seconds(5));
    co_return ok();
  }
  TaskGroup tasks_;
  Acceptor acceptor_;
};

TEST_F(ClientTest, InterimRepliesAreSkipped) {
  Scripted server(loop_, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
  Client client(loop_.executor(), server.host());
  auto reply = run(client.send({"GET", "/", {}, ""}));
  ASSERT_TRUE(reply) << reply.error().to_string();
  EXPECT_EQ(reply->status, 200);
  EXPECT_EQ(reply->body, "hi");
}

TEST_F(ClientTest, WhatIsNoHttpOrTooLongIsAnErrorOfItsKind) {
  const std::vector<std::pair<std::string, ErrorCode>> replies = {
      {"SSH-2.0-OpenSSH_9.2\r\n\r\n", ErrorCode::DataLoss},
      {"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n", ErrorCode::ResourceExhausted},
      {"HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'a') + "\r\n\r\n", ErrorCode::ResourceExhausted},
      {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", ErrorCode::Unavailable},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", ErrorCode::Unavailable},
      {"", ErrorCode::Unavailable},
  };
  for (const auto& [text, code] : replies) {
    Scripted server(loop_, text);
    Client client(loop_.executor(), server.host());
    auto reply = run(client.send({"GET", "/", {}, ""}));
    ASSERT_FALSE(reply) << text;
    EXPECT_EQ(reply.error().code(), code) << reply.error().to_string();
  }
}

TEST_F(ClientTest, ARedirectIsTheCallersToFollow) {
  Scripted server(loop_, "HTTP/1.1 307 Temporary Redirect\r\nLocation: //127.0.0.1:1/x\r\nContent-Length: 0\r\n\r\n");
  Client client(loop_.executor(), server.host());
  auto reply = run(client.send({"POST", "/x", {}, "body"}));
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 307);
  EXPECT_EQ(reply->headers.value_or("location", ""), "//127.0.0.1:1/x");
}

TEST_F(ClientTest, NamesAreResolved) {
  start();
  Client client(loop_.executor(), {"localhost", bound_.port});
  auto reply = run(client.send({"GET", "/hello", {}, ""}));
  ASSERT_TRUE(reply) << reply.error().to_string();
}

}  // namespace
}  // namespace tepui::http

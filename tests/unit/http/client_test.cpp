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

TEST_F(ClientTest, NamesAreResolved) {
  start();
  Client client(loop_.executor(), {"localhost", bound_.port});
  auto reply = run(client.send({"GET", "/hello", {}, ""}));
  ASSERT_TRUE(reply) << reply.error().to_string();
}

}  // namespace
}  // namespace tepui::http

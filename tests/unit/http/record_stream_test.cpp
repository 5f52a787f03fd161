// Streams of records: one chunk each, bounded queues, clients that leave.
#include "tests/unit/http/live_server.hpp"

namespace tepui::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const std::string kSubscribe = "POST /stream HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";

class RecordStreamTest : public LiveServer {
 protected:
  static Async<std::shared_ptr<TimedSocket>> subscribe(Endpoint to) {
    auto socket = co_await connect_raw(to);
    if (!socket) co_return socket.error();
    auto asked = co_await (*socket)->write_all(kSubscribe, seconds(5));
    if (!asked) co_return asked.error();
    auto head = co_await read_until(*socket, "\r\n\r\n");
    if (!head) co_return head.error();
    EXPECT_NE(head->find("Transfer-Encoding: chunked\r\n"), std::string::npos);
    EXPECT_NE(head->find("\r\nContent-Type: application/json\r\n"), std::string::npos);
    EXPECT_EQ(head->find("Content-Length"), std::string::npos);
    EXPECT_EQ(head->find("Connection"), std::string::npos);
    co_return *socket;
  }
  static Async<void> wait_for(Notification event) {
    auto waited = co_await event.wait();
    co_return waited;
  }
};

TEST_F(RecordStreamTest, EveryRecordIsOneChunkAndIsFlushedAtOnce) {
  start();
  auto socket = run(subscribe(bound_));
  ASSERT_TRUE(socket) << socket.error().to_string();
  ASSERT_TRUE(stream_->send("5\nhello"));
  auto first = run(read_until(*socket, "hello\r\n"));
  ASSERT_TRUE(first);
  EXPECT_EQ(*first, "7\r\n5\nhello\r\n");
  ASSERT_TRUE(stream_->send("a"));
  ASSERT_TRUE(stream_->send(std::string(20, 'b')));
  stream_->finish();
  auto rest = run(read_to_end(*socket));
  ASSERT_TRUE(rest);
  EXPECT_EQ(*rest, "1\r\na\r\n14\r\n" + std::string(20, 'b') + "\r\n0\r\n\r\n");
  ASSERT_TRUE(run(wait_for(stream_ended_)));
  EXPECT_EQ(end_.reason, StreamEnd::Reason::Finished);
}

TEST_F(RecordStreamTest, TheEndOfTheClientIsReported) {
  start();
  auto socket = run(subscribe(bound_));
  ASSERT_TRUE(socket);
  (*socket)->close();
  ASSERT_TRUE(run(wait_for(stream_ended_)));
  EXPECT_EQ(end_.reason, StreamEnd::Reason::ClientGone);
  EXPECT_FALSE(stream_->send("late"));
}

TEST_F(RecordStreamTest, ASlowReaderIsDisconnectedWithTheReasonAndTheQueueStaysBounded) {
  stream_limits_.queued_bytes = 100'000;
  start();
  auto socket = run(subscribe(bound_));
  ASSERT_TRUE(socket);
  const std::string record(10'000, 'x');
  int sent = 0;
  while (stream_->send(record)) {
    ++sent;
    ASSERT_LE(stream_->queued_bytes(), 130'000U);
    ASSERT_LT(sent, 100'000);
  }
  ASSERT_TRUE(run(wait_for(stream_ended_)));
  EXPECT_EQ(end_.reason, StreamEnd::Reason::SlowReader);
  EXPECT_NE(end_.detail.find("wait for the reader"), std::string::npos);
}

TEST_F(RecordStreamTest, AReaderThatTakesNothingForTooLongIsSlow) {
  stream_limits_.stall_timeout = milliseconds(50);
  stream_limits_.queued_bytes = 64U << 20U;
  start();
  auto socket = run(subscribe(bound_));
  ASSERT_TRUE(socket);
  for (int i = 0; i < 32; ++i) ASSERT_TRUE(stream_->send(std::string(1U << 20U, 'x')));
  ASSERT_TRUE(run(wait_for(stream_ended_)));
  EXPECT_EQ(end_.reason, StreamEnd::Reason::SlowReader);
}

TEST_F(RecordStreamTest, OneLargeRecordReachesAReaderWhoReads) {
  start();
  auto socket = run(subscribe(bound_));
  ASSERT_TRUE(socket);
  const std::string large(8U << 20U, 'y');
  ASSERT_TRUE(stream_->send(large));
  ASSERT_TRUE(stream_->send("heartbeat"));
  stream_->finish();
  auto all = run(read_to_end(*socket));
  ASSERT_TRUE(all);
  EXPECT_EQ(all->size(), std::string("800000\r\n\r\n").size() + large.size() + std::string("9\r\nheartbeat\r\n0\r\n\r\n").size());
}

TEST_F(RecordStreamTest, ASecondRequestOnAStreamEndsIt) {
  start();
  auto socket = run(subscribe(bound_));
  ASSERT_TRUE(socket);
  ASSERT_TRUE(run((*socket)->write_all("GET /poison HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", seconds(5))));
  ASSERT_TRUE(run(wait_for(stream_ended_)));
  EXPECT_EQ(end_.reason, StreamEnd::Reason::UnexpectedBytes);
  EXPECT_EQ(poisoned_, 0);
}

TEST_F(RecordStreamTest, DisconnectClosesAtOnce) {
  start();
  auto socket = run(subscribe(bound_));
  ASSERT_TRUE(socket);
  stream_->disconnect("failed over");
  auto rest = run(read_to_end(*socket));
  ASSERT_TRUE(rest);
  EXPECT_EQ(*rest, "");
  ASSERT_TRUE(run(wait_for(stream_ended_)));
  EXPECT_EQ(end_.reason, StreamEnd::Reason::Disconnected);
  EXPECT_EQ(end_.detail, "failed over");
}

TEST_F(RecordStreamTest, ClosingTheServerEndsItsStreams) {
  start();
  auto socket = run(subscribe(bound_));
  ASSERT_TRUE(socket);
  ASSERT_TRUE(run(server_->close()));
  ASSERT_TRUE(run(wait_for(stream_ended_)));
  EXPECT_EQ(end_.reason, StreamEnd::Reason::ServerClosed);
}

TEST_F(RecordStreamTest, RecordsSentBeforeTheResponseComeFirstAndInOrder) {
  start();
  auto stream = RecordStream::create(loop_.executor());
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(stream->send(std::to_string(i)));
  EXPECT_EQ(stream->records_sent(), 100U);
  EXPECT_GT(stream->queued_bytes(), 100U);
  stream->disconnect("not needed");
}

TEST_F(RecordStreamTest, TheOwnerMayDropTheStreamWhenItIsToldOfTheEnd) {
  auto stream = RecordStream::create(loop_.executor());
  std::weak_ptr<RecordStream> seen = stream;
  stream->on_end([&](const StreamEnd& end) {
    stream.reset();
    end_ = end;
    stream_ended_.notify();
  });
  stream->disconnect("replaced");
  ASSERT_TRUE(run(wait_for(stream_ended_)));
  EXPECT_EQ(end_.detail, "replaced");
  EXPECT_TRUE(seen.expired());
}

TEST_F(RecordStreamTest, AnEndCallThatWasTakenBackIsNotMade) {
  auto stream = RecordStream::create(loop_.executor());
  stream->on_end([&](const StreamEnd&) { ADD_FAILURE() << "called"; });
  stream->disconnect("first");
  stream->on_end(nullptr);
  auto end = run(stream->wait_end());
  ASSERT_TRUE(end);
  EXPECT_EQ(end->detail, "first");
  ASSERT_TRUE(run(dawdle(milliseconds(2))));
}

TEST_F(RecordStreamTest, Http10CannotStream) {
  start();
  const std::string reply = talk({"POST /stream HTTP/1.0\r\nContent-Length: 0\r\n\r\n"});
  EXPECT_EQ(reply.substr(9, 3), "505");
  EXPECT_FALSE(stream_->is_open());
}

}  // namespace
}  // namespace tepui::http

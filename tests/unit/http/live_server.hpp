// A server and raw clients on one loop of one test: every byte on the wire is the test's own.
#pragma once

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "lib/async/condition.hpp"
#include "lib/async/deadline.hpp"
#include "lib/async/event_loop.hpp"
#include "lib/async/task_group.hpp"
#include "lib/http/client.hpp"
#include "lib/http/record_stream.hpp"
#include "lib/http/server.hpp"
#include "lib/http/timed_socket.hpp"

namespace tepui::http {

inline MonotonicTime in_test_time() { return std::chrono::steady_clock::now() + std::chrono::seconds(20); }

inline Async<std::shared_ptr<TimedSocket>> connect_raw(Endpoint to) {
  auto executor = co_await boost::asio::this_coro::executor;
  Stream stream(executor);
  boost::asio::ip::tcp::endpoint endpoint(boost::asio::ip::make_address(to.address), to.port);
  auto [code] = co_await stream.async_connect(endpoint, boost::asio::as_tuple(boost::asio::use_awaitable));
  if (code) co_return error_of_asio(code, "connect");
  co_return std::make_shared<TimedSocket>(std::move(stream));
}

/// How slow a client is.
inline Async<void> dawdle(std::chrono::nanoseconds duration) {
  auto executor = co_await boost::asio::this_coro::executor;
  Notification over(executor);
  Alarm alarm(executor, [over]() mutable { over.notify(); });
  alarm.set_after(duration);
  auto waited = co_await over.wait();
  co_return waited;
}

/// Everything until the server closes.
inline Async<std::string> read_to_end(std::shared_ptr<TimedSocket> socket) {
  std::string all;
  for (;;) {
    auto read = co_await socket->read_some(&all, 4096, in_test_time());
    if (!read && read.error().code() == ErrorCode::Unavailable) co_return all;  // reset
    if (!read) co_return read.error();
    if (*read == 0) co_return all;
  }
}

/// Until `mark` has come.
inline Async<std::string> read_until(std::shared_ptr<TimedSocket> socket, std::string mark) {
  std::string all;
  while (all.find(mark) == std::string::npos) {
    auto read = co_await socket->read_some(&all, 4096, in_test_time());
    if (!read) co_return read.error();
    if (*read == 0) co_return Error(ErrorCode::Unavailable, "closed after: " + all);
  }
  co_return all;
}

/// Sends each piece by itself and reads until the server closes.
inline Async<std::string> exchange(Endpoint to, std::vector<std::string> pieces) {
  auto socket = co_await connect_raw(to);
  if (!socket) co_return socket.error();
  for (std::string& piece : pieces) {
    auto written = co_await (*socket)->write_all(std::move(piece), std::chrono::seconds(20));
    if (!written) break;
    auto turn = co_await dawdle(std::chrono::microseconds(200));
    if (!turn) co_return turn.error();
  }
  auto all = co_await read_to_end(*socket);
  co_return all;
}

class LiveServer : public ::testing::Test {
 protected:
  /// Call first in the test.
  void start(ServerOptions options = {}) {
    Router router;
    router.add("GET", "/hello", [this](Request request) { return hello(std::move(request)); });
    router.add("GET", "/close", [this](Request request) { return hello(std::move(request)); });
    router.add("*", "/echo", [this](Request request) { return echo(std::move(request)); });
    router.add("GET", "/poison", [this](Request request) { return poison(std::move(request)); });
    router.add("POST", "/poison", [this](Request request) { return poison(std::move(request)); });
    router.add("POST", "/stream", [this](Request request) { return open_stream(std::move(request)); });
    router.add("GET", "/throw", [this](Request request) { return throw_something(std::move(request)); });
    router.add("GET", "/wait", [this](Request request) { return wait_for_gate(std::move(request)); });
    server_ = std::make_unique<Server>(loop_.executor(), std::move(router), options);
    auto bound = server_->listen({"127.0.0.1", 0});
    ASSERT_TRUE(bound) << bound.error().to_string();
    bound_ = *bound;
  }
  void TearDown() override {
    if (!server_) return;
    EXPECT_TRUE(block_on(loop_, server_->close()));
  }

  template <class T>
  Result<T> run(Async<T> task) {
    return block_on(loop_, with_deadline(std::move(task), std::chrono::seconds(30), "run a test"));
  }
  std::string talk(std::vector<std::string> pieces) {
    auto reply = run(exchange(bound_, std::move(pieces)));
    return reply ? *reply : "failed: " + reply.error().to_string();
  }
  [[nodiscard]] std::uint64_t refused(const std::string& reason) const {
    const auto& all = server_->metrics().refused;
    const auto found = all.find(reason);
    return found == all.end() ? 0 : found->second;
  }
  HostPort host() const { return HostPort{bound_.address, bound_.port}; }

  Async<Response> hello(Request) { co_return Response::text(200, "hello\n"); }
  Async<Response> echo(Request request) {
    last_ = request;
    Response response = Response::text(200, request.body);
    response.content_type = request.headers.value_or("content-type", "");
    co_return response;
  }
  Async<Response> poison(Request) {
    ++poisoned_;
    co_return Response::text(200, "poison\n");
  }
  Async<Response> throw_something(Request request) {
    if (request.method == "GET") throw std::runtime_error("thrown");
    co_return Response::empty(200);
  }
  Async<Response> wait_for_gate(Request) {
    auto waited = co_await gate_.wait();
    if (!waited) co_return waited.error();
    co_return Response::text(200, "waited\n");
  }
  Async<Response> open_stream(Request) {
    stream_ = RecordStream::create(loop_.executor(), stream_limits_);
    stream_->on_end([this](const StreamEnd& end) {
      end_ = end;
      stream_ended_.notify();
    });
    stream_opened_.notify();
    co_return Response::streaming("application/json", stream_);
  }

  EventLoop loop_;
  Notification gate_{loop_.executor()};
  Notification stream_opened_{loop_.executor()};
  Notification stream_ended_{loop_.executor()};
  StreamLimits stream_limits_;
  std::unique_ptr<Server> server_;
  Endpoint bound_;
  int poisoned_ = 0;
  Request last_;
  std::shared_ptr<RecordStream> stream_;
  StreamEnd end_;
};

}  // namespace tepui::http

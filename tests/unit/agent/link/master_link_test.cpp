#include "agent/link/master_link.hpp"

#include <gtest/gtest.h>

#include "api/json.hpp"
#include "api/record_io.hpp"
#include "lib/async/deadline.hpp"
#include "lib/async/event_loop.hpp"
#include "lib/http/record_stream.hpp"
#include "lib/http/server.hpp"

namespace tepui::agent {
namespace {

using tepui::v1::AgentCall;
using tepui::v1::AgentEvent;

/// A master that opens a stream to whoever subscribes and notes what else it is told.
class FakeMaster {
 public:
  explicit FakeMaster(Executor executor)
      : executor_(executor), changed_(executor), server_(executor, routes(), {}) {
    address_ = *server_.listen({"127.0.0.1", 0});
  }

  [[nodiscard]] http::HostPort host_port() const { return {address_.address, address_.port}; }

  void send(const AgentEvent& event) { stream_->send(api::encode_record(event.SerializeAsString())); }
  void send_subscribed(double heartbeat_seconds) {
    AgentEvent event;
    event.set_type(AgentEvent::SUBSCRIBED);
    event.mutable_subscribed()->mutable_agent_id()->set_value("S0");
    event.mutable_subscribed()->set_heartbeat_interval_seconds(heartbeat_seconds);
    send(event);
  }
  Async<void> wait_for(std::function<bool()> condition) {
    const std::string what = "wait for the master";
    auto waited = co_await with_deadline(wait(std::move(condition)), std::chrono::seconds(20), what);
    co_return waited;
  }
  void notify() { changed_.notify_all(); }
  Async<void> close() {
    auto closed = co_await server_.close();
    co_return closed;
  }

  std::vector<AgentCall> subscriptions;
  std::vector<AgentCall> calls;
  std::vector<std::string> stream_ids;  // that calls carried
  std::string redirect_to;
  int status_of_calls = 202;
  std::shared_ptr<http::RecordStream> stream_;

 private:
  http::Router routes() {
    http::Router router;
    const http::Handler handler = [this](http::Request request) { return take(std::move(request)); };
    router.add("POST", "/api/v1/agent", handler);
    return router;
  }
  Async<http::Response> take(http::Request request) {
    AgentCall call;
    auto parsed = api::parse_protobuf(request.body, call);
    if (!parsed) co_return parsed.error();
    changed_.notify_all();
    if (!redirect_to.empty()) {
      auto response = http::Response::empty(307);
      response.headers.set("Location", redirect_to);
      co_return response;
    }
    if (call.type() != AgentCall::SUBSCRIBE) {
      calls.push_back(call);
      stream_ids.push_back(request.headers.value_or("Mesos-Stream-Id", ""));
      co_return http::Response::empty(status_of_calls);
    }
    subscriptions.push_back(call);
    stream_ = http::RecordStream::create(executor_);
    auto response = http::Response::streaming("application/x-protobuf", stream_);
    response.headers.set("Mesos-Stream-Id", "stream-" + std::to_string(subscriptions.size()));
    co_return response;
  }
  Async<void> wait(std::function<bool()> condition) {
    while (!condition()) {
      auto waited = co_await changed_.wait();
      if (!waited) co_return waited.error();
    }
    co_return ok();
  }

  Executor executor_;
  Condition changed_;
  http::Server server_;
  http::Endpoint address_;
};

class MasterLinkTest : public ::testing::Test {
 protected:
  MasterLinkTest() : master_(loop_.executor()) {}

  void start() {
    link_ = std::make_unique<MasterLink>(loop_.executor(), master_.host_port(), random_,
                                         LinkHooks{[this] {
                                                     AgentCall call;
                                                     call.set_type(AgentCall::SUBSCRIBE);
                                                     call.mutable_subscribe()->mutable_agent_info()->set_hostname("h");
                                                     call.mutable_subscribe()->set_version("1");
                                                     call.mutable_subscribe()->set_ip("127.0.0.1");
                                                     call.mutable_subscribe()->set_port(1);
                                                     link_->send(call);
                                                   },
                                                   [this](const AgentEvent& event) {
                                                     events_.push_back(event.type());
                                                     master_.notify();
                                                   },
                                                   [this] {
                                                     ++disconnections_;
                                                     master_.notify();
                                                   }});
    link_->start();
  }
  void until(const std::function<bool()>& condition) {
    const auto waited = block_on(loop_, master_.wait_for(condition));
    ASSERT_TRUE(waited) << waited.error().to_string();
  }
  void subscribe() {
    start();
    until([this] { return master_.subscriptions.size() == 1; });
    master_.send_subscribed(15);
    until([this] { return events_.size() == 1; });
  }
  static AgentCall message(const std::string& data) {
    AgentCall call;
    call.set_type(AgentCall::MESSAGE);
    call.mutable_message()->mutable_framework_id()->set_value("F");
    call.mutable_message()->mutable_executor_id()->set_value("E");
    call.mutable_message()->set_data(data);
    return call;
  }
  void TearDown() override {
    if (link_) EXPECT_TRUE(block_on(loop_, link_->close()));
    EXPECT_TRUE(block_on(loop_, master_.close()));
  }

  EventLoop loop_;
  SeededRandom random_{1};
  FakeMaster master_;
  std::unique_ptr<MasterLink> link_;
  std::vector<int> events_;
  int disconnections_ = 0;
};

TEST_F(MasterLinkTest, CallsCarryTheStreamAndKeepTheirOrder) {
  subscribe();
  for (int i = 0; i < 20; ++i) link_->send(message(std::to_string(i)));
  until([this] { return master_.calls.size() == 20; });
  for (std::size_t i = 0; i < 20; ++i) {
    EXPECT_EQ(master_.calls[i].message().data(), std::to_string(i));
    EXPECT_EQ(master_.stream_ids[i], "stream-1");
  }
  EXPECT_EQ(link_->connected_to(), master_.host_port());
}

TEST_F(MasterLinkTest, SubscribesAgainWhenTheStreamEndsAndSendsOverTheNewOne) {
  subscribe();
  master_.stream_->disconnect("test");
  until([this] { return master_.subscriptions.size() == 2; });
  EXPECT_EQ(disconnections_, 1);
  master_.send_subscribed(15);
  until([this] { return events_.size() == 2; });
  link_->send(message("x"));
  until([this] { return master_.calls.size() == 1; });
  EXPECT_EQ(master_.stream_ids[0], "stream-2");
}

TEST_F(MasterLinkTest, ARefusedCallEndsTheSubscription) {
  subscribe();
  master_.status_of_calls = 400;
  link_->send(message("x"));
  until([this] { return master_.subscriptions.size() == 2; });
}

TEST_F(MasterLinkTest, FiveMissedHeartbeatsEndTheSubscription) {
  start();
  until([this] { return master_.subscriptions.size() == 1; });
  master_.send_subscribed(0.1);
  until([this] { return master_.subscriptions.size() == 2; });
  EXPECT_EQ(disconnections_, 1);
}

TEST_F(MasterLinkTest, FollowsToTheLeadingMaster) {
  FakeMaster leader(loop_.executor());
  master_.redirect_to = "//" + leader.host_port().to_string() + "/api/v1/agent";
  start();
  const auto followed = block_on(loop_, leader.wait_for([&leader] { return leader.subscriptions.size() == 1; }));
  EXPECT_TRUE(followed);
  TearDown();
  link_.reset();
  EXPECT_TRUE(block_on(loop_, leader.close()));
}

TEST_F(MasterLinkTest, GarbageOnTheStreamEndsTheSubscription) {
  subscribe();
  master_.stream_->send("this is no record\n");
  until([this] { return master_.subscriptions.size() == 2; });
}

TEST_F(MasterLinkTest, WhatIsSentWithoutASubscriptionIsDropped) {
  start();
  link_->send(message("early"));
  until([this] { return master_.subscriptions.size() == 1; });
  master_.send_subscribed(15);
  until([this] { return events_.size() == 1; });
  link_->send(message("late"));
  until([this] { return master_.calls.size() == 1; });
  EXPECT_EQ(master_.calls[0].message().data(), "late");
}

}  // namespace
}  // namespace tepui::agent

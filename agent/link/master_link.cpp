#include "agent/link/master_link.hpp"

#include <algorithm>

#include "api/json.hpp"
#include "api/record_io.hpp"
#include "lib/async/deadline.hpp"
#include "lib/async/timer.hpp"
#include "lib/base/log.hpp"
#include "lib/base/try.hpp"
#include "lib/http/redirect.hpp"

namespace tepui::agent {
namespace {

using tepui::v1::AgentCall;
using tepui::v1::AgentEvent;

constexpr std::chrono::seconds kFirstPause{1};
constexpr std::chrono::seconds kLongestPause{10};
constexpr std::chrono::seconds kSilenceBeforeSubscribed{30};
constexpr std::chrono::seconds kErrorTextLimit{5};
constexpr const char* kPath = "/api/v1/agent";
constexpr const char* kProtobuf = "application/x-protobuf";

void log_failure(std::string_view task, const Error& error) {
  log::error("master link failed", {{"work", task}, {"error", error}});
}

http::Call call_of(const AgentCall& message) {
  http::Call call;
  call.method = "POST";
  call.target = kPath;
  call.headers = {{"Content-Type", kProtobuf}, {"Accept", kProtobuf}};
  call.body = message.SerializeAsString();
  return call;
}

}  // namespace

MasterLink::MasterLink(Executor executor, http::HostPort master, RandomSource& random, LinkHooks hooks)
    : executor_(executor),
      configured_(master),
      target_(std::move(master)),
      random_(random),
      hooks_(std::move(hooks)),
      changed_(executor),
      senders_(executor, "calls to the master", log_failure),
      tasks_(executor, "master link", log_failure) {}

void MasterLink::start() { static_cast<void>(tasks_.spawn("subscribe", run())); }

void MasterLink::send(const AgentCall& call) {
  if (call.type() == AgentCall::SUBSCRIBE) {
    subscribe_ = call;
    changed_.notify_all();
    return;
  }
  if (!connected_to_) return;
  if (calls_.size() >= kQueueLimit) {
    log::warn("subscription ended: too many calls wait for the master", {{"calls", calls_.size()}});
    stream_->close();
    return;
  }
  calls_.push_back(call);
  changed_.notify_all();
}

void MasterLink::resubscribe() {
  is_pause_skipped_ = true;
  if (stream_ != nullptr) {
    stream_->close();
  } else {
    hooks_.ready();
  }
}

std::chrono::nanoseconds MasterLink::pause() {
  auto length = std::chrono::nanoseconds(kFirstPause);
  for (unsigned i = 1; i < failures_ && length < kLongestPause; ++i) length *= 2;
  length = std::min<std::chrono::nanoseconds>(length, kLongestPause);
  // Half to whole: agents that lost the same master do not come back together.
  return std::chrono::nanoseconds(static_cast<std::int64_t>(static_cast<double>(length.count()) * (0.5 + random_.unit() / 2)));
}

Async<void> MasterLink::run() {
  while (true) {
    subscribe_.reset();
    hooks_.ready();
    while (!subscribe_) {
      TEPUI_CO_TRY(co_await changed_.wait());
    }
    is_redirected_ = false;
    auto subscribed = co_await subscribe_once();
    connected_to_.reset();
    calls_.clear();
    hooks_.disconnected();
    const bool is_ending = co_await is_cancelled();
    if (is_ending) co_return cancelled("keep the subscription");
    if (is_redirected_ && ++failures_ < 5) continue;
    if (!subscribed) {
      log::warn("subscription at the master ended", {{"master", target_.to_string()}, {"error", subscribed.error()}});
    }
    if (!is_redirected_) target_ = configured_;
    if (is_pause_skipped_) {
      is_pause_skipped_ = false;
      continue;
    }
    ++failures_;
    TEPUI_CO_TRY(co_await sleep_for(pause()));
  }
}

Async<void> MasterLink::subscribe_once() {
  client_ = std::make_unique<http::Client>(executor_, target_);
  http::Call call = call_of(*subscribe_);
  const std::string context = "subscribe at " + target_.to_string();
  auto opened = co_await client_->open(std::move(call));
  if (!opened) co_return opened.error().wrap(context);
  http::ReplyStream stream = std::move(*opened);
  if (stream.status() != 200) {
    auto refused = co_await follow_or_refuse(&stream);
    if (!refused) co_return refused.error().wrap(context);
    co_return ok();
  }
  const std::string stream_id = stream.headers().value_or("Mesos-Stream-Id", "");
  if (stream_id.empty()) co_return Error(ErrorCode::DataLoss, context + ": the reply has no Mesos-Stream-Id");
  connected_to_ = target_;
  silence_limit_ = kSilenceBeforeSubscribed;
  stream_ = &stream;
  const Notification sent(executor_);
  static_cast<void>(senders_.spawn("send calls", send_until_cancelled(stream_id, sent)));
  auto ended = co_await read_events(&stream);
  stream_ = nullptr;
  connected_to_.reset();
  // Not TaskGroup::close(): it would make this task, which goes on to the next subscription, deaf to its own end.
  senders_.cancel();
  auto finished = co_await sent.wait();
  if (!ended) co_return ended.error().wrap(context);
  co_return finished;
}

Async<void> MasterLink::send_until_cancelled(std::string stream_id, Notification sent) {
  auto outcome = co_await send_calls(std::move(stream_id));
  sent.notify();
  co_return outcome;
}

Async<void> MasterLink::follow_or_refuse(http::ReplyStream* stream) {
  const int status = stream->status();
  const std::string* location = stream->headers().find("Location");
  if ((status == 307 || status == 302) && location != nullptr) {
    TEPUI_CO_ASSIGN(target_, http::server_in_location(*location));
    is_redirected_ = true;
    co_return ok();
  }
  auto text = co_await stream->read_rest(4096, kErrorTextLimit);
  co_return Error(ErrorCode::Unavailable,
                  "the master answered " + std::to_string(status) + (text && !text->empty() ? ": " + *text : ""));
}

Async<void> MasterLink::read_events(http::ReplyStream* stream) {
  api::RecordDecoder decoder;
  while (true) {
    auto bytes = co_await stream->read_some(silence_limit_);
    if (!bytes) co_return bytes.error();
    if (bytes->empty()) co_return Error(ErrorCode::Unavailable, "read events: the master closed the stream");
    TEPUI_CO_TRY(decoder.feed(*bytes));
    while (auto record = decoder.take()) {
      TEPUI_CO_ASSIGN(const bool goes_on, take_record(*record));
      if (!goes_on) co_return ok();
    }
  }
}

Result<bool> MasterLink::take_record(const std::string& record) {
  AgentEvent event;
  TEPUI_TRY(api::parse_protobuf(record, event), "read event");
  if (event.type() == AgentEvent::SUBSCRIBED) {
    failures_ = 0;
    const double interval = std::clamp(event.subscribed().heartbeat_interval_seconds(), 0.1, 3600.0);
    silence_limit_ = std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double>(interval * 5));
    log::info("subscribed at the master",
              {{"master", target_.to_string()}, {"agent", event.subscribed().agent_id().value()}});
  }
  hooks_.event(event);
  return event.type() != AgentEvent::ERROR;
}

Async<void> MasterLink::send_calls(std::string stream_id) {
  while (true) {
    if (calls_.empty()) {
      TEPUI_CO_TRY(co_await changed_.wait());
      continue;
    }
    http::Call call = call_of(calls_.front());
    calls_.pop_front();
    call.headers.set("Mesos-Stream-Id", stream_id);
    auto reply = co_await client_->send(std::move(call));
    if (reply && reply->status == 202) continue;
    if (!reply && reply.error().code() == ErrorCode::Cancelled) co_return reply.error();
    // The next subscription sends everything again that still matters.
    if (stream_ != nullptr) stream_->close();
    if (!reply) co_return reply.error();
    co_return Error(ErrorCode::Unavailable,
                    "send call: the master answered " + std::to_string(reply->status) + ": " + reply->body);
  }
}

Async<void> MasterLink::close() {
  hooks_ = {[] {}, [](const AgentEvent&) {}, [] {}};
  auto closed = co_await tasks_.close();
  auto senders_closed = co_await senders_.close();
  if (!closed) co_return closed;
  co_return senders_closed;
}

}  // namespace tepui::agent

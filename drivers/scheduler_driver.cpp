#include "drivers/scheduler_driver.hpp"

#include <optional>
#include <utility>

#include <fmt/format.h>

#include "api/json.hpp"
#include "api/record_io.hpp"
#include "drivers/backoff.hpp"
#include "lib/async/channel.hpp"
#include "lib/async/condition.hpp"
#include "lib/async/deadline.hpp"
#include "lib/async/task_group.hpp"
#include "lib/async/timer.hpp"
#include "lib/base/try.hpp"
#include "lib/http/client.hpp"
#include "lib/http/redirect.hpp"

namespace tepui::drivers {
namespace {

using mesos::v1::scheduler::Call;
using mesos::v1::scheduler::Event;
using std::chrono::seconds;

constexpr const char* kPath = "/api/v1/scheduler";
constexpr const char* kProtobuf = "application/x-protobuf";
constexpr std::size_t kWaitingCalls = 1000;
constexpr seconds kStopLimit{2};
// A scheduler gives its master up after five missed heartbeats (Mesos docs/scheduler-http-api.md).
constexpr int kMissedHeartbeats = 5;
constexpr seconds kFirstEventLimit{30};

http::Call to_http(const Call& call, const std::string& stream_id) {
  http::Call request;
  request.method = "POST";
  request.target = kPath;
  request.headers.set("Content-Type", kProtobuf);
  request.headers.set("Accept", kProtobuf);
  if (!stream_id.empty()) request.headers.set("Mesos-Stream-Id", stream_id);
  request.body = call.SerializeAsString();
  return request;
}

Call call_of(Call::Type type) {
  Call call;
  call.set_type(type);
  return call;
}

Call acknowledgement_of(const mesos::v1::TaskStatus& status) {
  Call call = call_of(Call::ACKNOWLEDGE);
  *call.mutable_acknowledge()->mutable_agent_id() = status.agent_id();
  *call.mutable_acknowledge()->mutable_task_id() = status.task_id();
  call.mutable_acknowledge()->set_uuid(status.uuid());
  return call;
}

}  // namespace

struct SchedulerDriver::Impl {
  Impl(Executor executor_in, SchedulerDriverOptions options_in, Scheduler& scheduler_in, RandomSource& random_in)
      : executor(executor_in), options(std::move(options_in)), scheduler(scheduler_in), random(random_in),
        calls(executor, kWaitingCalls), stopping(executor) {}

  Result<void> queue(Call call) {
    if (stream_id.empty()) {
      return Error(ErrorCode::Unavailable, fmt::format("send {}: not subscribed", Call::Type_Name(call.type())));
    }
    *call.mutable_framework_id() = options.framework.id();
    if (!calls.try_push(std::move(call))) {
      return Error(ErrorCode::ResourceExhausted, fmt::format("send a call: {} wait already", kWaitingCalls));
    }
    return ok();
  }

  /// What became of one subscription.
  enum class End { Lost, Redirected, Refused };
  struct Ending {
    End end = End::Lost;
    Error reason;
  };

  Async<void> stay_subscribed();
  boost::asio::awaitable<Ending> serve_one_subscription();
  boost::asio::awaitable<Ending> refuse_or_redirect(http::ReplyStream* stream);
  boost::asio::awaitable<Ending> read_events(http::ReplyStream* stream);
  std::optional<Ending> take_event(const Event& event);
  Async<void> send_calls();

  Executor executor;
  SchedulerDriverOptions options;
  Scheduler& scheduler;
  RandomSource& random;
  http::HostPort master;
  std::unique_ptr<http::Client> client;
  std::string stream_id;  // empty: not subscribed
  seconds idle_limit = kFirstEventLimit;
  bool is_torn_down = false;
  bool was_subscribed = false;  // since the last back-off
  Channel<Call> calls;
  Notification stopping;
};

boost::asio::awaitable<SchedulerDriver::Impl::Ending> SchedulerDriver::Impl::refuse_or_redirect(http::ReplyStream* stream) {
  const int status = stream->status();
  if (status == 307) {
    const auto leader = http::server_in_location(stream->headers().value_or("Location", ""), 5050);
    if (!leader) co_return Ending{End::Lost, leader.error().wrap("follow a redirect to the leading master")};
    master = *leader;
    co_return Ending{End::Redirected, Error(ErrorCode::Unavailable, "subscribe: redirected to " + master.to_string())};
  }
  auto body = co_await stream->read_rest(4096, seconds(5));
  const std::string text = body ? *body : std::string();
  const Error reason(status == 503 ? ErrorCode::Unavailable : ErrorCode::FailedPrecondition,
                     fmt::format("subscribe to master {}: HTTP {} {}", master.to_string(), status, text));
  co_return Ending{status >= 500 ? End::Lost : End::Refused, reason};
}

std::optional<SchedulerDriver::Impl::Ending> SchedulerDriver::Impl::take_event(const Event& event) {
  switch (event.type()) {
    case Event::SUBSCRIBED:
      *options.framework.mutable_id() = event.subscribed().framework_id();
      if (event.subscribed().heartbeat_interval_seconds() > 0) {
        idle_limit = seconds(static_cast<int>(event.subscribed().heartbeat_interval_seconds() * kMissedHeartbeats) + 1);
      }
      was_subscribed = true;
      scheduler.on_subscribed(event.subscribed());
      break;
    case Event::OFFERS:
      scheduler.on_offers({event.offers().offers().begin(), event.offers().offers().end()});
      break;
    case Event::RESCIND: scheduler.on_rescinded(event.rescind().offer_id()); break;
    case Event::UPDATE: {
      const auto& status = event.update().status();
      scheduler.on_update(status);
      if (options.is_acknowledging && status.has_uuid()) {
        // A full queue loses the acknowledgement: the update comes again.
        static_cast<void>(queue(acknowledgement_of(status)));
      }
      break;
    }
    case Event::MESSAGE: scheduler.on_message(event.message()); break;
    case Event::FAILURE: scheduler.on_failure(event.failure()); break;
    case Event::ERROR:
      return Ending{End::Refused, Error(ErrorCode::FailedPrecondition,
                                        fmt::format("stay subscribed: the master says: {}", event.error().message()))};
    default: break;  // HEARTBEAT, and kinds this driver has no word for
  }
  return std::nullopt;
}

boost::asio::awaitable<SchedulerDriver::Impl::Ending> SchedulerDriver::Impl::read_events(http::ReplyStream* stream) {
  api::RecordDecoder decoder;
  for (;;) {
    auto bytes = co_await stream->read_some(idle_limit);
    if (!bytes) co_return Ending{End::Lost, bytes.error().wrap("read events of the master")};
    if (bytes->empty()) co_return Ending{End::Lost, Error(ErrorCode::Unavailable, "read events: the master closed the stream")};
    if (auto fed = decoder.feed(*bytes); !fed) co_return Ending{End::Lost, fed.error()};
    for (auto record = decoder.take(); record; record = decoder.take()) {
      Event event;
      if (auto parsed = api::parse_protobuf(*record, event); !parsed) co_return Ending{End::Lost, parsed.error()};
      if (auto ending = take_event(event)) co_return *ending;
    }
  }
}

boost::asio::awaitable<SchedulerDriver::Impl::Ending> SchedulerDriver::Impl::serve_one_subscription() {
  client = std::make_unique<http::Client>(executor, master);
  Call subscribe = call_of(Call::SUBSCRIBE);
  *subscribe.mutable_subscribe()->mutable_framework_info() = options.framework;
  if (options.framework.has_id()) *subscribe.mutable_framework_id() = options.framework.id();
  http::Call request = to_http(subscribe, "");
  auto opened = co_await client->open(std::move(request));
  if (!opened) co_return Ending{End::Lost, opened.error().wrap("subscribe to master " + master.to_string())};
  http::ReplyStream stream = std::move(*opened);
  if (stream.status() != 200) {
    Ending ending = co_await refuse_or_redirect(&stream);
    co_return ending;
  }
  stream_id = stream.headers().value_or("Mesos-Stream-Id", "");
  idle_limit = kFirstEventLimit;
  while (calls.try_pop()) {
  }
  TaskGroup sender(executor, "scheduler calls", {});
  static_cast<void>(sender.spawn("send calls", send_calls()));
  Ending ending = co_await read_events(&stream);
  stream_id.clear();
  static_cast<void>(co_await sender.close());
  co_return ending;
}

Async<void> SchedulerDriver::Impl::send_calls() {
  for (;;) {
    TEPUI_CO_ASSIGN(std::optional<Call> call, co_await calls.pop());
    if (!call) co_return ok();
    http::Call request = to_http(*call, stream_id);
    auto reply = co_await client->send(std::move(request));
    if (!reply && reply.error().code() == ErrorCode::Cancelled) co_return reply.error();
    if (!reply) {
      scheduler.on_call_refused(*call, reply.error());
    } else if (reply->status != 202 && reply->status != 200) {
      scheduler.on_call_refused(*call, Error(ErrorCode::FailedPrecondition,
                                             fmt::format("send {}: HTTP {} {}", Call::Type_Name(call->type()), reply->status,
                                                         reply->body)));
    }
  }
}

Async<void> SchedulerDriver::Impl::stay_subscribed() {
  Backoff backoff(options.first_backoff, options.backoff_cap, random);
  MonotonicTime subscribed_last = std::chrono::steady_clock::now();
  for (int redirects = 0;;) {
    Ending ending = co_await serve_one_subscription();
    const bool was_cancelled = co_await is_cancelled();
    if (was_cancelled) co_return cancelled("stay subscribed");
    if (is_torn_down) co_return ok();  // the master closes the stream of a framework that ended itself
    if (ending.end == End::Refused) co_return ending.reason;
    if (ending.end == End::Redirected && ++redirects < 5) continue;
    redirects = 0;
    if (was_subscribed) {
      was_subscribed = false;
      backoff.reset();
      subscribed_last = std::chrono::steady_clock::now();
      scheduler.on_disconnected(ending.reason);
    }
    const auto without = std::chrono::steady_clock::now() - subscribed_last;
    if (options.give_up_after.count() > 0 && without >= options.give_up_after) co_return ending.reason;
    // After a failure the address given first is asked again: the leader it redirected to may be the one that died.
    TEPUI_CO_ASSIGN(master, http::HostPort::parse(options.master, 5050));
    const std::chrono::nanoseconds pause = backoff.next();
    TEPUI_CO_TRY(co_await sleep_for(pause));
  }
}

SchedulerDriver::SchedulerDriver(Executor executor, SchedulerDriverOptions options, Scheduler& scheduler, RandomSource& random)
    : impl_(std::make_shared<Impl>(std::move(executor), std::move(options), scheduler, random)) {}

SchedulerDriver::~SchedulerDriver() = default;

namespace {

/// Remembers how the subscription ended and tells the one who waits for it.
Async<void> tell_end(Async<void> subscription, std::optional<Error>* failure, Notification ended) {
  auto outcome = co_await std::move(subscription);
  if (!outcome) *failure = outcome.error();
  ended.notify();
  co_return ok();
}

}  // namespace

Async<void> SchedulerDriver::run() {
  const auto impl = impl_;
  TEPUI_CO_ASSIGN(impl->master, http::HostPort::parse(impl->options.master, 5050), "find the master");
  std::optional<Error> failure;
  TaskGroup tasks(impl->executor, "scheduler driver", {});
  TEPUI_CO_TRY(tasks.spawn("subscription", tell_end(impl->stay_subscribed(), &failure, impl->stopping)));
  const auto waited = co_await impl->stopping.wait();
  if (!failure) {
    const auto deadline = std::chrono::steady_clock::now() + kStopLimit;
    while (waited && impl->calls.size() > 0 && std::chrono::steady_clock::now() < deadline) {
      if (const auto slept = co_await sleep_for(std::chrono::milliseconds(5)); !slept) break;
    }
  }
  static_cast<void>(co_await tasks.close());
  if (failure && failure->code() != ErrorCode::Cancelled) co_return *failure;
  if (!waited) co_return waited.error();
  co_return ok();
}

void SchedulerDriver::stop() { impl_->stopping.notify(); }

Result<void> SchedulerDriver::accept(const std::vector<mesos::v1::OfferID>& offers,
                                     const std::vector<mesos::v1::Offer::Operation>& operations,
                                     const mesos::v1::Filters& filters) {
  Call call = call_of(Call::ACCEPT);
  for (const auto& offer : offers) *call.mutable_accept()->add_offer_ids() = offer;
  for (const auto& operation : operations) *call.mutable_accept()->add_operations() = operation;
  *call.mutable_accept()->mutable_filters() = filters;
  return impl_->queue(std::move(call));
}

Result<void> SchedulerDriver::launch(const mesos::v1::Offer& offer, const std::vector<mesos::v1::TaskInfo>& tasks,
                                     const mesos::v1::Filters& filters) {
  mesos::v1::Offer::Operation operation;
  operation.set_type(mesos::v1::Offer::Operation::LAUNCH);
  for (const auto& task : tasks) *operation.mutable_launch()->add_task_infos() = task;
  return accept({offer.id()}, {operation}, filters);
}

Result<void> SchedulerDriver::decline(const std::vector<mesos::v1::OfferID>& offers, const mesos::v1::Filters& filters) {
  Call call = call_of(Call::DECLINE);
  for (const auto& offer : offers) *call.mutable_decline()->add_offer_ids() = offer;
  *call.mutable_decline()->mutable_filters() = filters;
  return impl_->queue(std::move(call));
}

Result<void> SchedulerDriver::revive() { return impl_->queue(call_of(Call::REVIVE)); }

Result<void> SchedulerDriver::suppress() { return impl_->queue(call_of(Call::SUPPRESS)); }

Result<void> SchedulerDriver::kill(const mesos::v1::TaskID& task, const mesos::v1::AgentID* agent) {
  Call call = call_of(Call::KILL);
  *call.mutable_kill()->mutable_task_id() = task;
  if (agent != nullptr) *call.mutable_kill()->mutable_agent_id() = *agent;
  return impl_->queue(std::move(call));
}

Result<void> SchedulerDriver::acknowledge(const mesos::v1::TaskStatus& status) {
  if (!status.has_uuid()) return ok();
  return impl_->queue(acknowledgement_of(status));
}

Result<void> SchedulerDriver::reconcile(const std::vector<mesos::v1::TaskStatus>& statuses) {
  Call call = call_of(Call::RECONCILE);
  call.mutable_reconcile();
  for (const auto& status : statuses) {
    auto& task = *call.mutable_reconcile()->add_tasks();
    *task.mutable_task_id() = status.task_id();
    if (status.has_agent_id()) *task.mutable_agent_id() = status.agent_id();
  }
  return impl_->queue(std::move(call));
}

Result<void> SchedulerDriver::send_message(const mesos::v1::AgentID& agent, const mesos::v1::ExecutorID& executor,
                                           const std::string& data) {
  Call call = call_of(Call::MESSAGE);
  *call.mutable_message()->mutable_agent_id() = agent;
  *call.mutable_message()->mutable_executor_id() = executor;
  call.mutable_message()->set_data(data);
  return impl_->queue(std::move(call));
}

Result<void> SchedulerDriver::teardown() {
  TEPUI_TRY(impl_->queue(call_of(Call::TEARDOWN)));
  impl_->is_torn_down = true;
  return ok();
}

const mesos::v1::FrameworkID& SchedulerDriver::framework_id() const { return impl_->options.framework.id(); }
bool SchedulerDriver::is_subscribed() const { return !impl_->stream_id.empty(); }

}  // namespace tepui::drivers

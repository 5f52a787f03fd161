#include "master/core_runner.hpp"

#include <google/protobuf/message.h>

#include "lib/base/log.hpp"
#include "lib/base/try.hpp"
#include "lib/base/uuid.hpp"

namespace tepui::master {

CoreRunner::CoreRunner(Executor executor, MasterConfig config, const Clock& clock, RandomSource& random, Registry& registry,
                       const RegistryContents& contents, OnFatal on_fatal)
    : executor_(executor),
      random_(random),
      registry_(registry),
      on_fatal_(std::move(on_fatal)),
      core_(std::move(config), clock, random, contents),
      pool_(1, 4),
      tasks_(executor, "registry", {}),
      alarm_(executor, [this] { queue(core_.tick()); }) {}

CoreRunner::~CoreRunner() {
  for (auto& [id, stream] : streams_) stream.stream->on_end(nullptr);
}

void CoreRunner::start() { queue(core_.start()); }

Async<void> CoreRunner::close() {
  is_stopping_ = true;
  alarm_.clear();
  TEPUI_CO_TRY(co_await tasks_.drain());
  co_return ok();
}

StreamId CoreRunner::open_stream(std::shared_ptr<http::RecordStream> stream, Encoding encoding) {
  StreamId id = Uuid::random(random_).to_string();
  stream->on_end([this, id](const http::StreamEnd& end) { stream_ended(id, end); });
  streams_.emplace(id, Stream{std::move(stream), encoding});
  return id;
}

Async<Answer> CoreRunner::scheduler_call(mesos::v1::scheduler::Call call, StreamId stream) {
  return answer(core_.scheduler_call(call, stream));
}

Async<Answer> CoreRunner::agent_call(tepui::v1::AgentCall call, StreamId stream) {
  return answer(core_.agent_call(call, stream));
}

Async<Answer> CoreRunner::kill_task(std::string framework_id, std::string task_id) {
  return answer(core_.kill_task(framework_id, task_id));
}

Async<Answer> CoreRunner::answer(CallResult result) {
  queue(std::move(result.effects));
  if (!steps_.empty() || is_storing_) {
    Notification performed(executor_);
    steps_.emplace_back(performed);
    TEPUI_CO_TRY(co_await performed.wait(), "wait for the effects of a call");
  }
  co_return Answer{result.status, std::move(result.message)};
}

void CoreRunner::queue(Effects effects) {
  for (Effect& effect : effects) steps_.emplace_back(std::move(effect));
  alarm_.set(core_.next_deadline());
  perform_queued();
}

void CoreRunner::perform_queued() {
  while (!is_storing_ && !steps_.empty()) {
    if (auto* effect = std::get_if<Effect>(&steps_.front())) {
      if (std::holds_alternative<StoreInRegistry>(*effect)) return begin_store();
      const Effect taken = std::move(*effect);
      steps_.pop_front();
      perform(taken);
    } else {
      std::get<Notification>(steps_.front()).notify();
      steps_.pop_front();
    }
  }
}

void CoreRunner::perform(const Effect& effect) {
  if (const auto* event = std::get_if<SendToScheduler>(&effect)) {
    send(event->stream, event->event);
  } else if (const auto* agent_event = std::get_if<SendToAgent>(&effect)) {
    send(agent_event->stream, agent_event->event);
  } else if (const auto* closing = std::get_if<CloseStream>(&effect)) {
    const auto found = streams_.find(closing->stream);
    if (found == streams_.end()) return;
    log::info("stream closed", {{"stream", closing->stream}, {"reason", closing->reason}});
    found->second.stream->on_end(nullptr);
    found->second.stream->finish();
    streams_.erase(found);
  }
}

void CoreRunner::send(const StreamId& id, const google::protobuf::Message& event) {
  const auto found = streams_.find(id);
  if (found == streams_.end()) return;
  // A false answer means that the stream has ended; its on_end tells the core.
  static_cast<void>(found->second.stream->send(encode_event(event, found->second.encoding)));
}

void CoreRunner::begin_store() {
  // All changes that wait are written at once: one that is durable early harms nobody, and what follows each still waits.
  std::vector<StoreInRegistry> changes;
  std::deque<Step> rest;
  for (Step& step : steps_) {
    auto* effect = std::get_if<Effect>(&step);
    auto* change = effect == nullptr ? nullptr : std::get_if<StoreInRegistry>(effect);
    if (change != nullptr) {
      changes.push_back(std::move(*change));
    } else {
      rest.push_back(std::move(step));
    }
  }
  steps_ = std::move(rest);
  is_storing_ = true;
  static_cast<void>(tasks_.spawn("store", store(std::move(changes))));
}

Async<void> CoreRunner::store(std::vector<StoreInRegistry> changes) {
  auto work = [registry = &registry_, changes = std::move(changes)] { return registry->write(changes); };
  const auto stored = co_await pool_.run("write the registry", std::move(work));
  if (!stored) {
    on_fatal_(stored.error());
    co_return ok();
  }
  is_storing_ = false;
  if (!is_stopping_) perform_queued();
  co_return ok();
}

void CoreRunner::stream_ended(const StreamId& id, const http::StreamEnd& end) {
  const auto ended = streams_.extract(id);  // `end` lives in the stream: it has to outlast this call
  if (ended.empty() || is_stopping_) return;
  log::info("stream ended", {{"stream", id}, {"reason", end.detail}});
  queue(core_.stream_closed(id));
}

}  // namespace tepui::master

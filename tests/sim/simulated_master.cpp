#include "tests/sim/simulated_master.hpp"

#include <fmt/format.h>

namespace tepui::sim {

using namespace std::chrono_literals;

namespace {

master::MasterConfig storm_config() {
  master::MasterConfig config;
  config.allocation_interval = 2s;
  config.agent_reregister_timeout = 40s;
  config.agent_recovery_timeout = 90s;
  config.is_strict = false;  // the simulation looks itself, and names the seed
  return config;
}

}  // namespace

SimulatedMaster::SimulatedMaster(World& world) : world_(world), core_random_(world.random.next()) {}

void SimulatedMaster::crash() {
  world_.note("master", "crashes");
  core_.reset();
  ++epoch_;
  queue_.clear();
  is_storing_ = false;
  for (auto& [id, end] : streams_) {
    end.connection->tell_master = nullptr;
    end.connection->is_up_broken = true;
    // What was on the wire may still arrive before the peer sees the end.
    world_.send(end.connection, Direction::Down, [closed = end.closed, connection = end.connection] {
      connection->is_down_broken = true;
      closed();
    });
  }
  streams_.clear();
}

void SimulatedMaster::start() {
  world_.note("master", "starts");
  core_ = std::make_unique<master::MasterCore>(storm_config(), world_.clock, core_random_, registry_);
  take(core_->start());
}

void SimulatedMaster::receive(const mesos::v1::scheduler::Call& call, const StreamEnd& from) {
  if (core_ == nullptr) {
    from.closed();
    return;
  }
  world_.note("master", fmt::format("< {} {} {}", from.connection->stream_id,
                                    mesos::v1::scheduler::Call::Type_Name(call.type()), call.framework_id().value()));
  const bool is_subscribe = call.type() == mesos::v1::scheduler::Call::SUBSCRIBE;
  if (is_subscribe) streams_[from.connection->stream_id] = from;
  answer(core_->scheduler_call(call, from.connection->stream_id), from, is_subscribe);
}

void SimulatedMaster::receive(const tepui::v1::AgentCall& call, const StreamEnd& from) {
  if (core_ == nullptr) {
    from.closed();
    return;
  }
  world_.note("master", fmt::format("< {} {} {} {}", from.connection->stream_id, tepui::v1::AgentCall::Type_Name(call.type()),
                                    call.agent_id().value(), call.update().status().task_id().value()));
  const bool is_subscribe = call.type() == tepui::v1::AgentCall::SUBSCRIBE;
  if (is_subscribe) streams_[from.connection->stream_id] = from;
  answer(core_->agent_call(call, from.connection->stream_id), from, is_subscribe);
}

void SimulatedMaster::answer(master::CallResult result, const StreamEnd& from, bool is_subscribe) {
  if (is_subscribe) {
    from.connection->tell_master = [this, id = from.connection->stream_id, epoch = epoch_] {
      if (epoch != epoch_ || streams_.erase(id) == 0) return;
      world_.note("master", "sees the end of " + id);
      take(core_->stream_closed(id));
    };
  }
  const int status = result.status;
  if (status >= 400) world_.note("master", fmt::format("answers {} {}", status, result.message));
  take(std::move(result.effects));
  if (status < 400) return;
  world_.send(from.connection, Direction::Down, from.closed);
}

void SimulatedMaster::take(master::Effects effects) {
  ++events_;
  for (auto& effect : effects) queue_.push_back(std::move(effect));
  perform_queue();
  plan_tick();
}

void SimulatedMaster::perform_queue() {
  while (!queue_.empty() && !is_storing_) {
    master::Effect effect = std::move(queue_.front());
    queue_.pop_front();
    if (auto* store = std::get_if<master::StoreInRegistry>(&effect)) {
      is_storing_ = true;
      const Duration delay = world_.chance(5) ? world_.between(10ms, 500ms) : world_.between(0ms, 5ms);
      world_.after(delay, [this, change = std::move(*store), epoch = epoch_] {
        if (epoch != epoch_) return;
        for (const auto& [key, bytes] : change.puts) registry_[key] = bytes;
        for (const std::string& key : change.erases) registry_.erase(key);
        is_storing_ = false;
        perform_queue();
      });
    } else {
      perform(std::move(effect));
    }
  }
}

void SimulatedMaster::perform(master::Effect effect) {
  if (auto* to_scheduler = std::get_if<master::SendToScheduler>(&effect)) {
    const auto stream = streams_.find(to_scheduler->stream);
    if (stream == streams_.end()) return;
    world_.log.add_bytes(to_scheduler->event.SerializeAsString());
    world_.send(stream->second.connection, Direction::Down,
                [event = std::move(to_scheduler->event), deliver = stream->second.scheduler_event] { deliver(event); });
  } else if (auto* to_agent = std::get_if<master::SendToAgent>(&effect)) {
    const auto stream = streams_.find(to_agent->stream);
    if (stream == streams_.end()) return;
    world_.log.add_bytes(to_agent->event.SerializeAsString());
    world_.send(stream->second.connection, Direction::Down,
                [event = std::move(to_agent->event), deliver = stream->second.agent_event] { deliver(event); });
  } else if (auto* close = std::get_if<master::CloseStream>(&effect)) {
    world_.note("master", fmt::format("closes {}: {}", close->stream, close->reason));
    end_stream(close->stream);
  }
}

void SimulatedMaster::end_stream(const std::string& stream_id) {
  const auto stream = streams_.find(stream_id);
  if (stream == streams_.end()) return;
  const StreamEnd end = stream->second;
  streams_.erase(stream);
  end.connection->tell_master = nullptr;
  world_.send(end.connection, Direction::Down, end.closed);
}

void SimulatedMaster::plan_tick() {
  const MonotonicTime next = core_->next_deadline();
  if (next == MonotonicTime::max()) return;
  world_.at(next, [this, epoch = epoch_, tick = ++tick_] {
    if (epoch != epoch_ || tick != tick_) return;
    take(core_->tick());
  });
}

}  // namespace tepui::sim

#include "tests/sim/simulated_agent.hpp"

#include <charconv>

#include <fmt/format.h>

#include "api/resources_convert.hpp"
#include "lib/model/resources_text.hpp"

namespace tepui::sim {

using namespace std::chrono_literals;

SimulatedAgent::SimulatedAgent(World& world, SimulatedMaster& master, std::string name, std::string resources)
    : world_(world), master_(master), name_(std::move(name)), resources_(std::move(resources)), core_random_(world.random.next()) {}

void SimulatedAgent::crash() {
  world_.note(name_, "crashes");
  core_.reset();
  ++epoch_;
  queue_.clear();
  is_writing_ = false;
  // A child that is still parked sees its agent go and goes too.
  std::erase_if(containers_, [](const auto& entry) { return entry.second.phase == Phase::Launching; });
  if (connection_ != nullptr) {
    connection_->tell_peer = nullptr;
    world_.break_connection(connection_);
    connection_.reset();
  }
}

void SimulatedAgent::start() {
  world_.note(name_, "starts");
  agent::AgentCoreConfig config;
  config.agent_info.set_hostname(name_);
  *config.agent_info.mutable_resources() = api::resources_to_proto(*parse_resources(resources_));
  config.version = "0.1.0";
  config.ip = "127.0.0.1";
  config.boot_id = fmt::format("{}-boot-{}", name_, ++boots_);
  core_ = std::make_unique<agent::AgentCore>(config, disk_, world_.clock, core_random_);
  std::vector<agent::RecoveredContainer> found;
  std::vector<std::string> ended;
  for (const auto& [id, container] : containers_) {
    found.push_back({id, container.pid});
    if (container.phase == Phase::Ended) ended.push_back(id);
  }
  take(core_->recover(found));
  for (const std::string& id : ended) report_end(id);
  connect();
}

void SimulatedAgent::lose_connection() {
  if (connection_ != nullptr) world_.break_connection(connection_);
}

void SimulatedAgent::connect() {
  connection_ = world_.connect();
  connection_->tell_peer = [this, connection = connection_.get(), epoch = epoch_] {
    if (epoch == epoch_ && connection_.get() == connection) connection_ended(connection_);
  };
  take(core_->link_connected());
}

void SimulatedAgent::connection_ended(const ConnectionPtr& connection) {
  if (connection != connection_) return;
  world_.note(name_, "sees the end of " + connection->stream_id);
  connection_->tell_peer = nullptr;
  connection_.reset();
  take(core_->link_disconnected());
  reconnect_later();
}

void SimulatedAgent::reconnect_later() {
  world_.after(world_.between(50ms, world_.is_stormy ? 15s : 1s), [this, epoch = epoch_] {
    if (epoch == epoch_ && connection_ == nullptr) connect();
  });
}

void SimulatedAgent::take(agent::Effects effects) {
  for (auto& effect : effects) queue_.push_back(std::move(effect));
  perform_queue();
  if (core_ != nullptr) plan_tick();
}

void SimulatedAgent::perform_queue() {
  while (!queue_.empty() && !is_writing_) {
    agent::Effect effect = std::move(queue_.front());
    queue_.pop_front();
    if (auto* checkpoint = std::get_if<agent::Checkpoint>(&effect)) {
      is_writing_ = true;
      const Duration delay = world_.chance(5) ? world_.between(10ms, 800ms) : world_.between(0ms, 2ms);
      world_.after(delay, [this, record = std::move(checkpoint->record), epoch = epoch_] {
        if (epoch != epoch_) return;
        if (const auto applied = disk_.apply(record); !applied) world_.fail(name_ + ": " + applied.error().to_string());
        is_writing_ = false;
        perform_queue();
      });
    } else {
      perform(std::move(effect));
    }
  }
}

void SimulatedAgent::perform(agent::Effect effect) {
  if (const auto* call = std::get_if<agent::SendToMaster>(&effect)) {
    send(call->call);
  } else if (const auto* start = std::get_if<agent::LaunchContainer>(&effect)) {
    launch(*start);
  } else if (const auto* kill = std::get_if<agent::KillContainer>(&effect)) {
    world_.after(world_.between(1ms, 100ms), [this, id = kill->container_id] { end(id, 15); });
  } else if (const auto* destroy = std::get_if<agent::DestroyContainer>(&effect)) {
    world_.after(world_.between(1ms, 20ms), [this, id = destroy->container_id] { end(id, 9); });
  } else if (const auto* forget = std::get_if<agent::ForgetContainer>(&effect)) {
    containers_.erase(forget->container_id);  // until now a crash would have found its end again
  } else if (std::holds_alternative<agent::Resubscribe>(effect)) {
    if (connection_ == nullptr) return;
    world_.break_connection(connection_);
    const ConnectionPtr connection = connection_;
    connection_ended(connection);
  } else if (const auto* terminate = std::get_if<agent::Terminate>(&effect)) {
    world_.fail(name_ + " was refused: " + terminate->message);
  }
}

void SimulatedAgent::send(const tepui::v1::AgentCall& call) {
  if (connection_ == nullptr) return;
  world_.log.add_bytes(call.SerializeAsString());
  const ConnectionPtr connection = connection_;
  StreamEnd end{connection, nullptr,
                [this, connection, epoch = epoch_](const tepui::v1::AgentEvent& event) {
                  if (epoch != epoch_ || connection != connection_) return;
                  world_.note(name_, "> " + tepui::v1::AgentEvent::Type_Name(event.type()));
                  take(core_->receive(event));
                },
                [this, connection, epoch = epoch_] {
                  if (epoch == epoch_) connection_ended(connection);
                }};
  const auto deliver = [this, call, end] { master_.receive(call, end); };
  world_.send(connection, Direction::Up, deliver);
  // An answer that got lost makes the sender say it again.
  const bool is_update = call.type() == tepui::v1::AgentCall::UPDATE;
  if (is_update && world_.is_stormy && world_.chance(5)) world_.send(connection, Direction::Up, deliver);
}

void SimulatedAgent::launch(const agent::LaunchContainer& launch) {
  Container container;
  container.key = {launch.framework.id().value(), launch.task.task_id().value()};
  container.command = launch.task.command().value();
  containers_[launch.container_id] = container;
  world_.after(world_.between(1ms, 300ms), [this, id = launch.container_id, epoch = epoch_] {
    if (epoch == epoch_) run(id);
  });
}

void SimulatedAgent::run(const std::string& container_id) {
  const auto found = containers_.find(container_id);
  if (found == containers_.end() || found->second.phase != Phase::Launching) return;
  Container& container = found->second;
  if (world_.chance(3)) {
    world_.note(name_, "cannot launch " + container.key.second);
    containers_.erase(found);
    take(core_->container_launch_failed(container_id, {"no space left", mesos::v1::TaskStatus::REASON_CONTAINER_LAUNCH_FAILED}));
    return;
  }
  container.phase = Phase::Running;
  container.pid = next_pid_++;
  Execution& execution = executions_[container.key];
  ++execution.starts;
  execution.is_running = true;
  world_.note(name_, "runs " + container.key.second);
  std::uint64_t milliseconds = 0;  // "sleep:<ms>" ends, "serve" does not
  if (container.command.rfind("sleep:", 0) == 0) {
    std::from_chars(container.command.data() + 6, container.command.data() + container.command.size(), milliseconds);
    const int wait_status = world_.chance(20) ? 256 : 0;
    world_.after(std::chrono::milliseconds(milliseconds), [this, container_id, wait_status] { end(container_id, wait_status); });
  }
  take(core_->container_running(container_id, container.pid));
}

void SimulatedAgent::end(const std::string& container_id, int wait_status) {
  const auto found = containers_.find(container_id);
  if (found == containers_.end() || found->second.phase == Phase::Ended) return;
  Container& container = found->second;
  if (container.phase == Phase::Launching) {
    containers_.erase(found);
    take(core_->container_launch_failed(container_id, {"destroyed before it ran", mesos::v1::TaskStatus::REASON_CONTAINER_LAUNCH_FAILED}));
    return;
  }
  container.phase = Phase::Ended;
  container.wait_status = wait_status;
  Execution& execution = executions_[container.key];
  execution.is_running = false;
  execution.wait_status = wait_status;
  world_.note(name_, fmt::format("{} ended with {}", container.key.second, wait_status));
  if (core_ != nullptr) report_end(container_id);
}

void SimulatedAgent::report_end(const std::string& container_id) {
  agent::ContainerEnd end;
  end.wait_status = containers_.at(container_id).wait_status;
  take(core_->container_terminated(container_id, end));
}

std::vector<agent::TaskKey> SimulatedAgent::contained() const {
  std::vector<agent::TaskKey> keys;
  for (const auto& [id, container] : containers_) keys.push_back(container.key);
  return keys;
}

void SimulatedAgent::plan_tick() {
  const auto next = core_->next_deadline();
  if (!next) return;
  world_.at(*next, [this, epoch = epoch_, tick = ++tick_] {
    if (epoch != epoch_ || tick != tick_) return;
    take(core_->tick());
  });
}

}  // namespace tepui::sim

#include "tests/sim/simulated_framework.hpp"

#include <fmt/format.h>

#include "api/resources_convert.hpp"
#include "lib/model/resources_text.hpp"

namespace tepui::sim {

using namespace std::chrono_literals;
using mesos::v1::scheduler::Call;
using mesos::v1::scheduler::Event;

namespace {

/// TASK_LOST without a uuid may only mean that nobody can see the task: a scheduler of old asks again.
bool is_end(const mesos::v1::TaskStatus& status, bool is_partition_aware) {
  switch (status.state()) {
    case mesos::v1::TASK_FINISHED:
    case mesos::v1::TASK_FAILED:
    case mesos::v1::TASK_KILLED:
    case mesos::v1::TASK_ERROR:
    case mesos::v1::TASK_DROPPED:
    case mesos::v1::TASK_GONE:
    case mesos::v1::TASK_UNKNOWN: return true;
    case mesos::v1::TASK_LOST: return is_partition_aware || status.has_uuid();
    default: return false;
  }
}

}  // namespace

SimulatedFramework::SimulatedFramework(World& world, SimulatedMaster& master, FrameworkScript script)
    : world_(world), master_(master), script_(std::move(script)) {}

void SimulatedFramework::start() {
  connect();
  beat();
}

void SimulatedFramework::restart() {
  world_.note(script_.name, "restarts");
  ++epoch_;
  is_subscribed_ = false;
  if (connection_ != nullptr) {
    connection_->tell_peer = nullptr;
    world_.break_connection(connection_);
    connection_.reset();
  }
  world_.after(world_.between(10ms, 20s), [this, epoch = epoch_] {
    if (epoch == epoch_ && connection_ == nullptr && !is_over_) start();
  });
}

void SimulatedFramework::lose_connection() {
  if (connection_ != nullptr) world_.break_connection(connection_);
}

void SimulatedFramework::tear_down() {
  wants_teardown_ = true;
  if (!is_subscribed_) return;
  Call teardown;
  teardown.set_type(Call::TEARDOWN);
  call(teardown);
}

void SimulatedFramework::connect() {
  connection_ = world_.connect();
  is_subscribed_ = false;
  connection_->tell_peer = [this, connection = connection_.get(), epoch = epoch_] {
    if (epoch == epoch_ && connection_.get() == connection) connection_ended(connection_);
  };
  Call subscribe;
  subscribe.set_type(Call::SUBSCRIBE);
  auto& info = *subscribe.mutable_subscribe()->mutable_framework_info();
  info.set_user("nobody");
  info.set_name(script_.name);
  info.set_failover_timeout(3600);
  if (!id_.empty()) info.mutable_id()->set_value(id_);
  if (script_.is_partition_aware) info.add_capabilities()->set_type(mesos::v1::FrameworkInfo::Capability::PARTITION_AWARE);
  call(subscribe);
}

void SimulatedFramework::connection_ended(const ConnectionPtr& connection) {
  if (connection != connection_) return;
  world_.note(script_.name, "sees the end of " + connection->stream_id);
  connection_->tell_peer = nullptr;
  connection_.reset();
  is_subscribed_ = false;
  if (is_over_) return;
  world_.after(world_.between(50ms, world_.is_stormy ? 8s : 1s), [this, epoch = epoch_] {
    if (epoch == epoch_ && connection_ == nullptr && !is_over_) connect();
  });
}

void SimulatedFramework::call(Call call) {
  if (connection_ == nullptr) return;
  if (!id_.empty()) call.mutable_framework_id()->set_value(id_);
  world_.log.add_bytes(call.SerializeAsString());
  const ConnectionPtr connection = connection_;
  StreamEnd end{connection,
                [this, connection, epoch = epoch_](const Event& event) {
                  if (epoch == epoch_ && connection == connection_) receive(event);
                },
                nullptr,
                [this, connection, epoch = epoch_] {
                  if (epoch == epoch_) connection_ended(connection);
                }};
  world_.send(connection, Direction::Up, [this, call, end] { master_.receive(call, end); });
}

void SimulatedFramework::receive(const Event& event) {
  if (event.type() != Event::HEARTBEAT) world_.note(script_.name, "> " + Event::Type_Name(event.type()));
  switch (event.type()) {
    case Event::SUBSCRIBED:
      id_ = event.subscribed().framework_id().value();
      is_subscribed_ = true;
      if (wants_teardown_) {
        tear_down();
      } else {
        reconcile();
      }
      break;
    case Event::OFFERS:
      for (const auto& offer : event.offers().offers()) answer_offer(offer);
      break;
    case Event::UPDATE: receive_update(event.update().status()); break;
    case Event::ERROR:
      if (event.error().message() == "Framework has been removed") is_over_ = true;
      if (is_over_ && !wants_teardown_) world_.fail(script_.name + " was removed though it never asked for it");
      break;
    default: break;
  }
}

mesos::v1::TaskInfo SimulatedFramework::next_task(const mesos::v1::Offer& offer) {
  mesos::v1::TaskInfo task;
  const bool is_service = launched_ % 4 == 3;
  task.mutable_task_id()->set_value(fmt::format("{}-t{}", script_.name, launched_++));
  task.set_name("t");
  *task.mutable_agent_id() = offer.agent_id();
  task.mutable_command()->set_value(is_service ? "serve" : fmt::format("sleep:{}", 100 + world_.random.below(30'000)));
  *task.mutable_resources() =
      api::resources_to_proto(*parse_resources(fmt::format("cpus:{};mem:{}", is_service ? "0.5" : "1", 32 + world_.random.below(64))));
  LaunchedTask& launched = tasks_[task.task_id().value()];
  launched.id = task.task_id().value();
  launched.agent_id = offer.agent_id().value();
  launched.is_service = is_service;
  return task;
}

void SimulatedFramework::answer_offer(const mesos::v1::Offer& offer) {
  const int wanted = static_cast<int>(world_.random.below(3));
  const int possible = std::min(wanted, script_.tasks - launched_);
  if (wants_teardown_ || possible <= 0) {
    Call decline;
    decline.set_type(Call::DECLINE);
    *decline.mutable_decline()->add_offer_ids() = offer.id();
    decline.mutable_decline()->mutable_filters()->set_refuse_seconds(launched_ < script_.tasks ? 2 : 20);
    call(decline);
    return;
  }
  Call accept;
  accept.set_type(Call::ACCEPT);
  *accept.mutable_accept()->add_offer_ids() = offer.id();
  auto& operation = *accept.mutable_accept()->add_operations();
  operation.set_type(mesos::v1::Offer::Operation::LAUNCH);
  // Sometimes more than the offer holds: the last ones are TASK_ERROR then.
  for (int i = 0; i < possible; ++i) *operation.mutable_launch()->add_task_infos() = next_task(offer);
  accept.mutable_accept()->mutable_filters()->set_refuse_seconds(static_cast<double>(world_.random.below(4)));
  call(accept);
}

void SimulatedFramework::receive_update(const mesos::v1::TaskStatus& status) {
  const auto found = tasks_.find(status.task_id().value());
  if (found == tasks_.end()) {
    world_.fail(fmt::format("{} hears of {}, which it never launched", script_.name, status.task_id().value()));
    return;
  }
  LaunchedTask& task = found->second;
  world_.note(script_.name, fmt::format("hears that {} is {}{}", task.id, mesos::v1::TaskState_Name(status.state()),
                                        status.has_uuid() ? " (to acknowledge)" : ""));
  const bool ends = is_end(status, script_.is_partition_aware);
  if (ends && status.has_uuid()) task.terminal_uuids.insert(status.uuid());
  if (!task.is_over) {
    task.state = status.state();
    task.is_over = ends;
  }
  if (!status.has_uuid()) return;
  Call acknowledge;
  acknowledge.set_type(Call::ACKNOWLEDGE);
  *acknowledge.mutable_acknowledge()->mutable_agent_id() = status.agent_id();
  *acknowledge.mutable_acknowledge()->mutable_task_id() = status.task_id();
  acknowledge.mutable_acknowledge()->set_uuid(status.uuid());
  call(acknowledge);
}

void SimulatedFramework::reconcile() {
  Call reconcile;
  reconcile.set_type(Call::RECONCILE);
  reconcile.mutable_reconcile();
  for (const auto& [id, task] : tasks_) {
    if (task.is_over) continue;
    auto& asked = *reconcile.mutable_reconcile()->add_tasks();
    asked.mutable_task_id()->set_value(id);
    asked.mutable_agent_id()->set_value(task.agent_id);
  }
  if (reconcile.reconcile().tasks_size() > 0) call(reconcile);
}

void SimulatedFramework::kill_something() {
  for (const auto& [id, task] : tasks_) {
    if (task.is_over || !world_.chance(15)) continue;
    Call kill;
    kill.set_type(Call::KILL);
    kill.mutable_kill()->mutable_task_id()->set_value(id);
    if (world_.chance(50)) kill.mutable_kill()->mutable_agent_id()->set_value(task.agent_id);
    call(kill);
  }
}

/// The scheduler's own routine: it asks how its tasks are, and changes its mind about some.
void SimulatedFramework::beat() {
  world_.after(10s, [this, epoch = epoch_] {
    if (epoch != epoch_ || is_over_) return;
    if (is_subscribed_ && !wants_teardown_) {
      reconcile();
      if (world_.is_stormy) kill_something();
    }
    beat();
  });
}

}  // namespace tepui::sim

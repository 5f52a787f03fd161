#include "tests/unit/master/core/core_harness.hpp"

#include "lib/base/uuid.hpp"
#include "lib/model/resources_text.hpp"
#include "master/core/wire_resources.hpp"

namespace tepui::master {

CoreHarness::CoreHarness(MasterConfig config) : config_(std::move(config)) { restart_master(); }

void CoreHarness::restart_master() {
  core_ = std::make_unique<MasterCore>(config_, clock_, random_, registry_);
  perform(core_->start());
}

void CoreHarness::advance(std::chrono::nanoseconds duration) {
  const MonotonicTime end = clock_.monotonic() + std::chrono::duration_cast<MonotonicTime::duration>(duration);
  while (core_->next_deadline() <= end) {
    clock_.advance_to(core_->next_deadline());
    perform(core_->tick());
  }
  clock_.advance_to(end);
}

mesos::v1::FrameworkInfo CoreHarness::framework_info(const std::string& name, std::vector<Capability::Type> can) {
  mesos::v1::FrameworkInfo info;
  info.set_user("nobody");
  info.set_name(name);
  info.set_failover_timeout(60);
  for (const auto type : can) info.add_capabilities()->set_type(type);
  return info;
}

Peer CoreHarness::subscribe(mesos::v1::FrameworkInfo info) {
  Peer peer{info.id().value(), new_stream()};
  SchedulerCall call;
  call.set_type(SchedulerCall::SUBSCRIBE);
  if (info.has_id()) *call.mutable_framework_id() = info.id();
  *call.mutable_subscribe()->mutable_framework_info() = std::move(info);
  CallResult result = core_->scheduler_call(call, peer.stream);
  EXPECT_EQ(result.status, 200);
  perform(std::move(result.effects));
  for (const SchedulerEvent& event : scheduler_inbox_[peer.stream]) {
    if (event.type() == SchedulerEvent::SUBSCRIBED) peer.id = event.subscribed().framework_id().value();
  }
  return peer;
}

SchedulerCall CoreHarness::call_of(const Peer& framework, SchedulerCall::Type type) const {
  SchedulerCall call;
  call.set_type(type);
  call.mutable_framework_id()->set_value(framework.id);
  return call;
}

CallResult CoreHarness::call(const Peer& framework, const SchedulerCall& call) {
  CallResult result = core_->scheduler_call(call, framework.stream);
  perform(result.effects);
  return result;
}

CallResult CoreHarness::accept(const Peer& framework, const std::vector<std::string>& offer_ids,
                               const std::vector<mesos::v1::TaskInfo>& tasks, double refuse_seconds) {
  SchedulerCall accept = call_of(framework, SchedulerCall::ACCEPT);
  for (const std::string& id : offer_ids) accept.mutable_accept()->add_offer_ids()->set_value(id);
  auto& operation = *accept.mutable_accept()->add_operations();
  operation.set_type(mesos::v1::Offer::Operation::LAUNCH);
  for (const auto& task : tasks) *operation.mutable_launch()->add_task_infos() = task;
  accept.mutable_accept()->mutable_filters()->set_refuse_seconds(refuse_seconds);
  return call(framework, accept);
}

CallResult CoreHarness::decline(const Peer& framework, const std::string& offer_id, double refuse_seconds) {
  SchedulerCall decline = call_of(framework, SchedulerCall::DECLINE);
  decline.mutable_decline()->add_offer_ids()->set_value(offer_id);
  decline.mutable_decline()->mutable_filters()->set_refuse_seconds(refuse_seconds);
  return call(framework, decline);
}

CallResult CoreHarness::kill(const Peer& framework, const std::string& task_id, const std::string& agent_id) {
  SchedulerCall kill = call_of(framework, SchedulerCall::KILL);
  kill.mutable_kill()->mutable_task_id()->set_value(task_id);
  if (!agent_id.empty()) kill.mutable_kill()->mutable_agent_id()->set_value(agent_id);
  return call(framework, kill);
}

CallResult CoreHarness::acknowledge(const Peer& framework, const mesos::v1::TaskStatus& status) {
  SchedulerCall acknowledge = call_of(framework, SchedulerCall::ACKNOWLEDGE);
  *acknowledge.mutable_acknowledge()->mutable_agent_id() = status.agent_id();
  *acknowledge.mutable_acknowledge()->mutable_task_id() = status.task_id();
  acknowledge.mutable_acknowledge()->set_uuid(status.uuid());
  return call(framework, acknowledge);
}

mesos::v1::TaskInfo CoreHarness::task(const std::string& id, const std::string& agent_id, std::string_view resources) {
  mesos::v1::TaskInfo task;
  task.set_name(id);
  task.mutable_task_id()->set_value(id);
  task.mutable_agent_id()->set_value(agent_id);
  task.mutable_command()->set_value("true");
  *task.mutable_resources() = resources_for_agent(*parse_resources(resources));
  return task;
}

AgentCall::Subscribe CoreHarness::agent_subscribe(const std::string& id, std::string_view resources, std::uint32_t port) {
  AgentCall::Subscribe subscribe;
  subscribe.mutable_agent_info()->set_hostname("host");
  if (!id.empty()) subscribe.mutable_agent_info()->mutable_id()->set_value(id);
  *subscribe.mutable_agent_info()->mutable_resources() = resources_for_agent(*parse_resources(resources));
  subscribe.set_version("0.1.0");
  subscribe.set_ip("127.0.0.1");
  subscribe.set_port(port);
  return subscribe;
}

Peer CoreHarness::subscribe_agent(const AgentCall::Subscribe& subscribe) {
  Peer peer{subscribe.agent_info().id().value(), new_stream()};
  AgentCall call;
  call.set_type(AgentCall::SUBSCRIBE);
  *call.mutable_subscribe() = subscribe;
  CallResult result = core_->agent_call(call, peer.stream);
  EXPECT_EQ(result.status, 200);
  perform(std::move(result.effects));
  for (const AgentEvent& event : agent_inbox_[peer.stream]) {
    if (event.type() == AgentEvent::SUBSCRIBED) peer.id = event.subscribed().agent_id().value();
  }
  return peer;
}

mesos::v1::TaskStatus CoreHarness::update(const Peer& agent, const Peer& framework, const std::string& task_id,
                                          mesos::v1::TaskState state, std::optional<mesos::v1::TaskState> latest) {
  AgentCall call;
  call.set_type(AgentCall::UPDATE);
  call.mutable_agent_id()->set_value(agent.id);
  call.mutable_update()->mutable_framework_id()->set_value(framework.id);
  auto& status = *call.mutable_update()->mutable_status();
  status.mutable_task_id()->set_value(task_id);
  status.mutable_agent_id()->set_value(agent.id);
  status.set_state(state);
  status.set_source(mesos::v1::TaskStatus::SOURCE_EXECUTOR);
  status.set_uuid(Uuid::random(random_).to_bytes());
  if (latest) call.mutable_update()->set_latest_state(*latest);
  CallResult result = core_->agent_call(call, agent.stream);
  EXPECT_EQ(result.status, 202);
  perform(std::move(result.effects));
  return status;
}

void CoreHarness::disconnect(const Peer& peer) { perform(core_->stream_closed(peer.stream)); }

std::vector<SchedulerEvent> CoreHarness::take(const Peer& framework) {
  return std::exchange(scheduler_inbox_[framework.stream], {});
}

std::vector<AgentEvent> CoreHarness::take_agent(const Peer& agent) { return std::exchange(agent_inbox_[agent.stream], {}); }

std::vector<SchedulerEvent> CoreHarness::take(const Peer& framework, SchedulerEvent::Type type) {
  auto events = take(framework);
  std::erase_if(events, [type](const SchedulerEvent& event) { return event.type() != type; });
  return events;
}

std::vector<AgentEvent> CoreHarness::take_agent(const Peer& agent, AgentEvent::Type type) {
  auto events = take_agent(agent);
  std::erase_if(events, [type](const AgentEvent& event) { return event.type() != type; });
  return events;
}

std::vector<mesos::v1::Offer> CoreHarness::take_offers(const Peer& framework) {
  std::vector<mesos::v1::Offer> offers;
  for (const SchedulerEvent& event : take(framework, SchedulerEvent::OFFERS)) {
    offers.insert(offers.end(), event.offers().offers().begin(), event.offers().offers().end());
  }
  return offers;
}

std::vector<mesos::v1::TaskStatus> CoreHarness::take_updates(const Peer& framework) {
  std::vector<mesos::v1::TaskStatus> statuses;
  for (const SchedulerEvent& event : take(framework, SchedulerEvent::UPDATE)) statuses.push_back(event.update().status());
  return statuses;
}

void CoreHarness::perform(Effects effects) {
  EXPECT_EQ(core_->broken_invariant(), std::nullopt);
  for (Effect& effect : effects) {
    if (auto* send = std::get_if<SendToScheduler>(&effect)) {
      EXPECT_EQ(closed_.count(send->stream), 0U) << "an event after the end of its stream";
      scheduler_inbox_[send->stream].push_back(std::move(send->event));
    } else if (auto* to_agent = std::get_if<SendToAgent>(&effect)) {
      EXPECT_EQ(closed_.count(to_agent->stream), 0U) << "an event after the end of its stream";
      agent_inbox_[to_agent->stream].push_back(std::move(to_agent->event));
    } else if (auto* close = std::get_if<CloseStream>(&effect)) {
      closed_.insert(close->stream);
    } else {
      auto& change = std::get<StoreInRegistry>(effect);
      for (auto& [key, bytes] : change.puts) registry_[key] = bytes;
      for (const std::string& key : change.erases) registry_.erase(key);
    }
  }
}

std::vector<std::string> states_of(const std::vector<mesos::v1::TaskStatus>& statuses) {
  std::vector<std::string> states;
  for (const auto& status : statuses) states.push_back(mesos::v1::TaskState_Name(status.state()));
  return states;
}

}  // namespace tepui::master

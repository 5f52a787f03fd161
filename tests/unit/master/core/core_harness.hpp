// CoreHarness: a MasterCore on a manual clock with its effects performed at once: events land in inboxes by stream,
// registry changes in a map. Not here: rules; every test says what it expects itself.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "lib/base/random.hpp"
#include "master/core/master_core.hpp"
#include "tests/fakes/manual_clock.hpp"

namespace tepui::master {

using SchedulerCall = mesos::v1::scheduler::Call;
using SchedulerEvent = mesos::v1::scheduler::Event;
using tepui::v1::AgentCall;
using tepui::v1::AgentEvent;
using Capability = mesos::v1::FrameworkInfo::Capability;

/// One subscribed scheduler or agent, by its stream.
struct Peer {
  std::string id;  // framework or agent
  StreamId stream;
};

class CoreHarness {
 public:
  explicit CoreHarness(MasterConfig config = {});

  /// A master that starts anew with what was durable. Streams of the old one are gone.
  void restart_master();
  void advance(std::chrono::nanoseconds duration);

  // Schedulers.
  static mesos::v1::FrameworkInfo framework_info(const std::string& name = "test", std::vector<Capability::Type> can = {});
  Peer subscribe(mesos::v1::FrameworkInfo info = framework_info());
  SchedulerCall call_of(const Peer& framework, SchedulerCall::Type type) const;
  CallResult call(const Peer& framework, const SchedulerCall& call);
  CallResult accept(const Peer& framework, const std::vector<std::string>& offer_ids,
                    const std::vector<mesos::v1::TaskInfo>& tasks, double refuse_seconds = 5);
  CallResult decline(const Peer& framework, const std::string& offer_id, double refuse_seconds = 5);
  CallResult kill(const Peer& framework, const std::string& task_id, const std::string& agent_id = {});
  CallResult acknowledge(const Peer& framework, const mesos::v1::TaskStatus& status);
  static mesos::v1::TaskInfo task(const std::string& id, const std::string& agent_id,
                                  std::string_view resources = "cpus:1;mem:32");

  // Agents.
  static AgentCall::Subscribe agent_subscribe(const std::string& id = {}, std::string_view resources = "cpus:4;mem:1024",
                                              std::uint32_t port = 0);
  Peer subscribe_agent(const AgentCall::Subscribe& subscribe = agent_subscribe());
  /// With a uuid of its own; returns the status as sent.
  mesos::v1::TaskStatus update(const Peer& agent, const Peer& framework, const std::string& task_id,
                               mesos::v1::TaskState state, std::optional<mesos::v1::TaskState> latest = {});

  void disconnect(const Peer& peer);

  // What came out; taking empties the inbox.
  std::vector<SchedulerEvent> take(const Peer& framework);
  std::vector<AgentEvent> take_agent(const Peer& agent);
  /// Only those of this type; the others are dropped.
  std::vector<SchedulerEvent> take(const Peer& framework, SchedulerEvent::Type type);
  std::vector<AgentEvent> take_agent(const Peer& agent, AgentEvent::Type type);
  /// All offers in the inbox; everything else in it is dropped.
  std::vector<mesos::v1::Offer> take_offers(const Peer& framework);
  std::vector<mesos::v1::TaskStatus> take_updates(const Peer& framework);
  [[nodiscard]] bool is_closed(const StreamId& stream) const { return closed_.count(stream) > 0; }

  void perform(Effects effects);
  MasterCore& core() { return *core_; }
  [[nodiscard]] const Cluster& cluster() const { return core_->cluster(); }
  ManualClock& clock() { return clock_; }
  RegistryContents& registry() { return registry_; }
  StreamId new_stream() { return "stream-" + std::to_string(++streams_); }

 private:
  ManualClock clock_;
  SeededRandom random_{1};
  MasterConfig config_;
  RegistryContents registry_;
  std::unique_ptr<MasterCore> core_;
  int streams_ = 0;
  std::map<StreamId, std::vector<SchedulerEvent>> scheduler_inbox_;
  std::map<StreamId, std::vector<AgentEvent>> agent_inbox_;
  std::set<StreamId> closed_;
};

/// "TASK_RUNNING" of every status, for one EXPECT.
std::vector<std::string> states_of(const std::vector<mesos::v1::TaskStatus>& statuses);

}  // namespace tepui::master

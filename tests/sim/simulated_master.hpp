// SimulatedMaster: MasterCore with a shell that performs its effects over simulated connections and a slow disk.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>

#include "master/core/master_core.hpp"
#include "tests/sim/world.hpp"

namespace tepui::sim {

/// How the master reaches whoever opened a stream.
struct StreamEnd {
  ConnectionPtr connection;
  std::function<void(const mesos::v1::scheduler::Event&)> scheduler_event;
  std::function<void(const tepui::v1::AgentEvent&)> agent_event;
  /// The master ended the stream, or refused a call: the peer sees the end after what was sent before.
  std::function<void()> closed;
};

class SimulatedMaster {
 public:
  explicit SimulatedMaster(World& world);

  /// Everything not yet durable, and every connection, is gone.
  void crash();
  void start();
  [[nodiscard]] bool is_up() const { return core_ != nullptr; }
  [[nodiscard]] const master::MasterCore* core() const { return core_.get(); }
  /// Grows with every event that the core was given.
  [[nodiscard]] std::uint64_t events() const { return events_; }

  /// Calls as they arrive. One that arrives while the master is down is lost, and the peer sees its connection end.
  void receive(const mesos::v1::scheduler::Call& call, const StreamEnd& from);
  void receive(const tepui::v1::AgentCall& call, const StreamEnd& from);

 private:
  void answer(master::CallResult result, const StreamEnd& from, bool is_subscribe);
  void take(master::Effects effects);
  void perform_queue();
  void perform(master::Effect effect);
  void end_stream(const std::string& stream_id);
  void plan_tick();

  World& world_;
  SeededRandom core_random_;
  std::unique_ptr<master::MasterCore> core_;
  std::uint64_t epoch_ = 0;
  std::uint64_t tick_ = 0;
  std::uint64_t events_ = 0;
  master::RegistryContents registry_;
  std::deque<master::Effect> queue_;
  bool is_storing_ = false;
  std::map<std::string, StreamEnd> streams_;
};

}  // namespace tepui::sim

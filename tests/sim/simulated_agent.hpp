// SimulatedAgent: AgentCore with a shell that checkpoints to a slow disk and runs containers that outlive it.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "agent/core/agent_core.hpp"
#include "tests/sim/simulated_master.hpp"
#include "tests/sim/world.hpp"

namespace tepui::sim {

class SimulatedAgent {
 public:
  SimulatedAgent(World& world, SimulatedMaster& master, std::string name, std::string resources);

  /// Its process dies; its running containers do not.
  void crash();
  void start();
  void lose_connection();
  [[nodiscard]] bool is_up() const { return core_ != nullptr; }
  [[nodiscard]] const agent::AgentCore* core() const { return core_.get(); }
  [[nodiscard]] const std::string& name() const { return name_; }

  /// How often a command was executed, and how the last one ended, by task.
  struct Execution {
    int starts = 0;
    bool is_running = false;
    std::optional<int> wait_status;
  };
  [[nodiscard]] const std::map<agent::TaskKey, Execution>& executions() const { return executions_; }
  /// The tasks of all containers that exist, whatever the core believes.
  [[nodiscard]] std::vector<agent::TaskKey> contained() const;

 private:
  enum class Phase { Launching, Running, Ended };
  struct Container {
    agent::TaskKey key;
    Phase phase = Phase::Launching;
    int pid = 0;
    std::string command;
    int wait_status = 0;
  };

  void connect();
  void connection_ended(const ConnectionPtr& connection);
  void reconnect_later();
  void take(agent::Effects effects);
  void perform_queue();
  void perform(agent::Effect effect);
  void send(const tepui::v1::AgentCall& call);
  void launch(const agent::LaunchContainer& launch);
  void run(const std::string& container_id);
  /// Ends a container; the core hears of it if it is up, else after its recovery.
  void end(const std::string& container_id, int wait_status);
  void report_end(const std::string& container_id);
  void plan_tick();

  World& world_;
  SimulatedMaster& master_;
  std::string name_;
  std::string resources_;
  SeededRandom core_random_;
  std::unique_ptr<agent::AgentCore> core_;
  std::uint64_t epoch_ = 0;
  std::uint64_t tick_ = 0;
  std::uint64_t boots_ = 0;
  int next_pid_ = 100;
  agent::CheckpointState disk_;
  std::deque<agent::Effect> queue_;
  bool is_writing_ = false;
  ConnectionPtr connection_;
  std::map<std::string, Container> containers_;
  std::map<agent::TaskKey, Execution> executions_;
};

}  // namespace tepui::sim

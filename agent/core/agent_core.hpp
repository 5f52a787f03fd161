// AgentCore: what is true on an agent: its identity, its tasks, their status updates and acknowledgements.
// Pure: no I/O, no threads, no timers; time and chance come in by reference. Not here: containers (agent/containerizer),
// the link to the master (agent/link), the checkpoint log (agent/checkpoint). tests/sim drives it on a virtual clock.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/checkpoint_state.hpp"
#include "agent/core/effect.hpp"
#include "agent/core/task.hpp"
#include "lib/base/clock.hpp"
#include "lib/base/random.hpp"

namespace tepui::agent {

/// What the daemon's flags say.
struct AgentCoreConfig {
  /// hostname, port, resources and attributes; `id` is ignored (the checkpoint and the master decide).
  mesos::v1::AgentInfo agent_info;
  std::string version;
  /// Where the agent's own API listens.
  std::string ip;
  std::uint16_t port = 0;
  /// Changes at every start of the agent process.
  std::string boot_id;
};

/// A container that the containerizer found again.
struct RecoveredContainer {
  std::string container_id;
  /// The process, for TaskStatus.container_status; 0 if unknown.
  int pid = 0;
  /// False: it ended while no agent looked; container_terminated or container_launch_failed follows.
  bool is_running = true;
};

/// The rules of one agent. One thread; owned by the daemon's shell or by the simulation.
/// Every input returns the effects in the order in which they are to be performed; effects after a Checkpoint wait until
/// it is durable. An input never fails: what makes no sense (a late acknowledgement, a container nobody knows) is ignored
/// and counted.
///
///   AgentCore core(config, state_of_the_log, clock, random);
///   perform(core.recover(containers_found));     // once, first; ended ones follow as container_terminated
///   perform(core.link_connected());              // SUBSCRIBE; again after every link_disconnected
///   perform(core.receive(event));                // from the stream
///   perform(core.tick());                        // at next_deadline() or later
class AgentCore {
 public:
  AgentCore(AgentCoreConfig config, const CheckpointState& state, const Clock& clock, RandomSource& random);

  /// Matches the tasks of the log with the containers that still exist (running or with an unread end). Tasks whose
  /// container never came to be are launched; containers without a task are destroyed.
  Effects recover(const std::vector<RecoveredContainer>& containers);

  /// The link is ready: SUBSCRIBE goes out. Nothing while a removed agent still destroys its containers.
  Effects link_connected();
  Effects link_disconnected();
  /// An event of the current subscription.
  Effects receive(const tepui::v1::AgentEvent& event);

  /// The command was executed.
  Effects container_running(const std::string& container_id, int pid);
  /// It will never run; what was prepared is cleaned up. Destroying a container before it ran may end here too.
  Effects container_launch_failed(const std::string& container_id, const FailedLaunch& failure);
  /// It ran and is gone, its processes with it.
  Effects container_terminated(const std::string& container_id, const ContainerEnd& end);

  /// Sends again what waits for an acknowledgement too long, ends tasks at their max_completion_time.
  Effects tick();
  /// When tick() has work; nothing: no need.
  [[nodiscard]] std::optional<MonotonicTime> next_deadline() const;

  /// Destroys every container and reports nothing more: for private clusters at their end.
  Effects destroy_all();

  [[nodiscard]] bool is_subscribed() const { return link_ == Link::Subscribed; }
  /// Absent until a master admitted this agent.
  [[nodiscard]] const std::optional<mesos::v1::AgentID>& agent_id() const { return agent_id_; }
  /// agent_info with the id in it.
  [[nodiscard]] mesos::v1::AgentInfo agent_info() const;
  [[nodiscard]] const std::map<TaskKey, Task>& tasks() const { return tasks_; }
  [[nodiscard]] const std::map<std::string, CheckpointedFramework>& frameworks() const { return frameworks_; }
  /// Forgotten tasks, oldest first, at most kCompletedTasksKept.
  [[nodiscard]] const std::deque<CompletedTask>& completed_tasks() const { return completed_; }
  [[nodiscard]] const AgentCounters& counters() const { return counters_; }
  /// Of the last SUBSCRIBED.
  [[nodiscard]] const std::optional<tepui::v1::AgentEvent::Subscribed>& subscription() const { return subscription_; }

  static constexpr std::size_t kCompletedTasksKept = 1000;
  static constexpr std::chrono::seconds kDefaultKillGrace{3};
  static constexpr std::chrono::seconds kShutdownGrace{5};

 private:
  enum class Link { Disconnected, Subscribing, Subscribed };

  void receive_subscribed(const tepui::v1::AgentEvent::Subscribed& subscribed, Effects& effects);
  void receive_error(const tepui::v1::AgentEvent::Error& error, Effects& effects);
  void launch(const mesos::v1::FrameworkInfo& framework, const mesos::v1::TaskInfo& task, Effects& effects);
  void name_container(Task& task, Effects& effects);
  void kill(Task& task, std::chrono::nanoseconds grace, Effects& effects);
  void acknowledge(const tepui::v1::AgentEvent::Acknowledge& acknowledge, Effects& effects);
  void tear_down(const std::string& framework_id, Effects& effects);
  void drop_lost_task(const tepui::v1::AgentEvent::LostTask& lost, Effects& effects);
  void recover_container(Task& task, const RecoveredContainer& container, Effects& effects);
  void recover_without_container(Task& task, Effects& effects);
  void remember_framework(const mesos::v1::FrameworkInfo& framework, Effects& effects);

  /// Makes the update durable (unless the task is a ghost), then sends it if it is its stream's first.
  void add_update(Task& task, const StatusFacts& facts, Effects& effects);
  void send_front(Task& task, Effects& effects);
  void end_task(Task& task, const StatusFacts& facts, Effects& effects);
  void remove_task(const TaskKey& key, Effects& effects);
  void remove_framework(const std::string& framework_id, Effects& effects);
  void start_completion_timer(Task& task);
  static StatusFacts killed_during_launch();
  void leave_when_empty(Effects& effects);
  [[nodiscard]] mesos::v1::TaskStatus make_status(const Task& task, const StatusFacts& facts);
  [[nodiscard]] tepui::v1::AgentCall make_subscribe() const;
  Task* find(const std::string& framework_id, const std::string& task_id);
  Task* find_container(const std::string& container_id);
  [[nodiscard]] bool has_capability(const Task& task, mesos::v1::FrameworkInfo::Capability::Type type) const;

  AgentCoreConfig config_;
  const Clock& clock_;
  RandomSource& random_;
  std::optional<mesos::v1::AgentID> agent_id_;
  std::map<std::string, CheckpointedFramework> frameworks_;
  std::map<TaskKey, Task> tasks_;
  std::map<std::string, TaskKey> task_of_container_;
  std::deque<CompletedTask> completed_;
  std::optional<tepui::v1::AgentEvent::Subscribed> subscription_;
  AgentCounters counters_;
  Link link_ = Link::Disconnected;
  bool is_leaving_ = false;  // removed by the master: subscribes again when the last container is gone
};

}  // namespace tepui::agent

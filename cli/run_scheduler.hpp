// RunScheduler: the framework that `tepui run` is: N instances of one command, placed on whatever offers fit.
// Not here: the command line and the printing of output (run.cpp, task_output.hpp).
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "drivers/scheduler_driver.hpp"

namespace tepui::cli {

/// What one instance of the command needs and is.
struct RunRequest {
  std::vector<std::string> command;  // argv
  std::vector<std::string> environment;  // KEY=VALUE
  std::string name;                  // of the task
  std::string task_id_prefix;
  std::string user;                  // empty: the agent's default task user
  double cpus = 1;
  double mem_mebibytes = 128;
  int instances = 1;
  /// No other agent will come: an offer that is too small is an error at once.
  bool is_cluster_complete = false;
};

/// One instance, from waiting for an offer to its end.
struct RunInstance {
  enum class Phase { Waiting, Launched, Running, Ended };
  int index = 0;
  std::string task_id;
  std::string agent_address;  // IP:PORT, once launched
  Phase phase = Phase::Waiting;
  mesos::v1::TaskStatus last_status;
};

/// [loop] Owned by run.cpp beside the driver.
class RunScheduler final : public drivers::Scheduler {
 public:
  /// Told after every change of an instance, and with an Error when the run cannot succeed.
  struct Listener {
    std::function<void(const RunInstance&)> on_change;
    std::function<void(const Error&)> on_failure;
    std::function<void(const std::string&)> on_notice;
  };

  RunScheduler(RunRequest request, Listener listener);
  /// Before the driver runs; borrowed.
  void attach(drivers::SchedulerDriver* driver) { driver_ = driver; }
  [[nodiscard]] const std::vector<RunInstance>& instances() const { return instances_; }
  [[nodiscard]] bool is_over() const;
  /// Kills what runs and launches no more.
  void end_all();

  void on_subscribed(const mesos::v1::scheduler::Event::Subscribed& subscribed) override;
  void on_offers(const std::vector<mesos::v1::Offer>& offers) override;
  void on_update(const mesos::v1::TaskStatus& status) override;
  void on_disconnected(const Error& reason) override;
  void on_call_refused(const mesos::v1::scheduler::Call& call, const Error& reason) override;

 private:
  void take_offer(const mesos::v1::Offer& offer);
  [[nodiscard]] mesos::v1::TaskInfo make_task(const RunInstance& instance, const mesos::v1::AgentID& agent) const;
  void refuse_small_offer(double cpus, double mem_mebibytes);

  RunRequest request_;
  Listener listener_;
  drivers::SchedulerDriver* driver_ = nullptr;
  std::vector<RunInstance> instances_;
  bool is_small_offer_noticed_ = false;
};

/// What `tepui run` exits with for this end: the task's own code, 128 + signal, 126, 127, or 125 for everything that was not
/// the command's doing.
int exit_code_of(const mesos::v1::TaskStatus& status);

bool is_terminal(mesos::v1::TaskState state);

}  // namespace tepui::cli

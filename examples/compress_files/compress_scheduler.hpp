// CompressScheduler: a framework that compresses files, one task each. A small example of what a Scheduler has to do:
// place waiting tasks on offers, decline what it does not need, note the updates.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "drivers/scheduler.hpp"
#include "drivers/scheduler_driver.hpp"

namespace tepui::examples {

/// One file and its task.
struct CompressTask {
  enum class Phase { Waiting, Launched, Ended };
  std::string id;
  std::string file;
  Phase phase = Phase::Waiting;
  mesos::v1::TaskStatus status;  // the newest
  std::string agent_host;
  std::string agent_address;  // IP:PORT
};

struct CompressRequest {
  std::vector<std::string> files;
  double cpus = 0.1;
  double mem_mebibytes = 64;
  std::string user = "nobody";
};

/// [loop]
class CompressScheduler final : public drivers::Scheduler {
 public:
  /// `on_change` is called after every change of a task.
  CompressScheduler(CompressRequest request, std::function<void()> on_change);
  /// Before the driver runs; borrowed.
  void attach(drivers::SchedulerDriver* driver) { driver_ = driver; }

  [[nodiscard]] const std::vector<CompressTask>& tasks() const { return tasks_; }
  [[nodiscard]] std::size_t count(CompressTask::Phase phase) const;
  [[nodiscard]] bool is_over() const { return count(CompressTask::Phase::Ended) == tasks_.size(); }

  void on_subscribed(const mesos::v1::scheduler::Event::Subscribed& subscribed) override;
  void on_offers(const std::vector<mesos::v1::Offer>& offers) override;
  void on_update(const mesos::v1::TaskStatus& status) override;

 private:
  void place_on(const mesos::v1::Offer& offer);
  [[nodiscard]] mesos::v1::TaskInfo describe(const CompressTask& task, const mesos::v1::AgentID& agent) const;

  CompressRequest request_;
  std::function<void()> on_change_;
  drivers::SchedulerDriver* driver_ = nullptr;
  std::vector<CompressTask> tasks_;
};

}  // namespace tepui::examples

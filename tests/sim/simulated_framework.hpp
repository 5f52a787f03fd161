// SimulatedFramework: a scripted scheduler that launches, kills, reconciles and acknowledges, and remembers what it did.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/sim/simulated_master.hpp"
#include "tests/sim/world.hpp"

namespace tepui::sim {

struct FrameworkScript {
  std::string name;
  bool is_partition_aware = true;
  int tasks = 8;
  /// Says TEARDOWN when the storm is half over.
  bool is_torn_down = false;
};

/// What the scheduler keeps in its own database: it survives its restarts.
struct LaunchedTask {
  std::string id;
  std::string agent_id;
  bool is_service = false;
  mesos::v1::TaskState state = mesos::v1::TASK_STAGING;
  /// It ended, as far as this scheduler can know.
  bool is_over = false;
  /// The uuids of updates that said that it ended: after de-duplication there may be one.
  std::set<std::string> terminal_uuids;
};

class SimulatedFramework {
 public:
  SimulatedFramework(World& world, SimulatedMaster& master, FrameworkScript script);

  void start();
  /// Its process dies and comes back a while later.
  void restart();
  void lose_connection();
  void tear_down();

  [[nodiscard]] const std::string& id() const { return id_; }
  [[nodiscard]] const FrameworkScript& script() const { return script_; }
  [[nodiscard]] const std::map<std::string, LaunchedTask>& tasks() const { return tasks_; }
  [[nodiscard]] bool is_over() const { return is_over_; }

 private:
  void connect();
  void connection_ended(const ConnectionPtr& connection);
  void receive(const mesos::v1::scheduler::Event& event);
  void receive_update(const mesos::v1::TaskStatus& status);
  void answer_offer(const mesos::v1::Offer& offer);
  void reconcile();
  void kill_something();
  void beat();
  void call(mesos::v1::scheduler::Call call);
  [[nodiscard]] mesos::v1::TaskInfo next_task(const mesos::v1::Offer& offer);

  World& world_;
  SimulatedMaster& master_;
  FrameworkScript script_;
  std::string id_;
  std::uint64_t epoch_ = 0;
  int launched_ = 0;
  bool wants_teardown_ = false;
  bool is_over_ = false;
  bool is_subscribed_ = false;
  ConnectionPtr connection_;
  std::map<std::string, LaunchedTask> tasks_;
};

}  // namespace tepui::sim

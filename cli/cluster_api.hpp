// What the verbs ask of masters and agents, as plain structs. JSON field names are those of `/state` (Mesos 1.11) and of
// our own `/tepui/v1/…` endpoints; nothing else of the command line knows them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <boost/json/value.hpp>

#include "lib/async/async.hpp"

namespace tepui::cli {

struct AgentView {
  std::string id;
  std::string hostname;
  std::string address;  // IP:PORT of its API
  bool is_active = false;
  double cpus = 0;
  double mem_mebibytes = 0;
  double used_cpus = 0;
  double used_mem_mebibytes = 0;
  std::string attributes;
};

struct FrameworkView {
  std::string id;
  std::string name;
  std::string user;
  std::string roles;
  std::string state;  // "active", "disconnected", "completed"
  std::size_t running_task_count = 0;
  std::size_t completed_task_count = 0;
};

struct TaskView {
  std::string id;
  std::string name;
  std::string framework_id;
  std::string agent_id;
  std::string state;    // "TASK_RUNNING"…
  std::string message;  // of the newest status
  double cpus = 0;
  double mem_mebibytes = 0;
  boost::json::value raw;  // as the master told it
};

/// The master's view at one moment.
struct ClusterView {
  std::vector<AgentView> agents;
  std::vector<FrameworkView> frameworks;
  std::vector<TaskView> tasks;  // live ones first, then the ended ones the master remembers
  /// nullptr when there is no such agent.
  [[nodiscard]] const AgentView* find_agent(const std::string& id) const;
};

/// GET /state of the master at HOST:PORT (a 307 to the leader is followed once).
/// Errors: Unavailable (nobody answers; the hint names --master), DataLoss (no such JSON).
Async<ClusterView> fetch_cluster(std::string master);

/// The one task called `task_id`, in `framework_id` when that is not empty.
/// Errors: NotFound, FailedPrecondition (several frameworks have one; the message lists them).
Result<TaskView> find_task(const ClusterView& cluster, const std::string& task_id, const std::string& framework_id);

/// The agent's record of the task's container (GET /tepui/v1/containers). Errors: NotFound.
Async<boost::json::object> fetch_container(std::string agent_address, std::string framework_id, std::string task_id);

/// One read of a sandbox file by GET /files/read. `offset` counts bytes.
/// Errors: NotFound (no such file, yet or any more).
Async<std::string> read_sandbox_file(std::string agent_address, std::string path, std::uint64_t offset);

/// POST /tepui/v1/tasks/kill. Errors: NotFound.
Async<void> kill_task(std::string master, std::string framework_id, std::string task_id);

}  // namespace tepui::cli

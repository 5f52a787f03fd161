// CheckpointState: what the records of the checkpoint log add up to. The same fold serves recovery, compaction and the
// simulation. Not here: bytes, files and durability (agent/checkpoint/checkpoint_log.hpp).
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "agent/core/record.pb.h"
#include "lib/base/result.hpp"

namespace tepui::agent {

/// A task is named by its framework and its own id.
using TaskKey = std::pair<std::string, std::string>;  // framework id, task id

struct CheckpointedTask {
  mesos::v1::TaskInfo task;
  std::string container_id;
  /// In the order in which they were made; the first `acknowledged` of them are acknowledged.
  std::vector<mesos::v1::TaskStatus> updates;
  std::size_t acknowledged = 0;
  std::optional<std::chrono::nanoseconds> kill_grace;
};

struct CheckpointedFramework {
  mesos::v1::FrameworkInfo info;
  bool is_torn_down = false;
};

/// A value: copies compare by what they would write.
class CheckpointState {
 public:
  /// Adds one record. Errors: DataLoss (a record about a task nobody launched, or with no field set): the log is not ours.
  Result<void> apply(const CheckpointRecord& record);

  /// The fewest records that make an equal state; what compaction writes.
  [[nodiscard]] std::vector<CheckpointRecord> to_records() const;

  /// Absent until a master admitted this agent.
  [[nodiscard]] const std::optional<mesos::v1::AgentInfo>& agent() const { return agent_; }
  [[nodiscard]] const std::map<std::string, CheckpointedFramework>& frameworks() const { return frameworks_; }
  [[nodiscard]] const std::map<TaskKey, CheckpointedTask>& tasks() const { return tasks_; }
  /// Container id -> what the containerizer wrote.
  [[nodiscard]] const std::map<std::string, std::string>& containers() const { return containers_; }

 private:
  Result<CheckpointedTask*> task_of(const mesos::v1::FrameworkID& framework_id, const mesos::v1::TaskID& task_id);
  Result<void> apply_task_record(const CheckpointRecord& record);

  std::optional<mesos::v1::AgentInfo> agent_;
  std::map<std::string, CheckpointedFramework> frameworks_;
  std::map<TaskKey, CheckpointedTask> tasks_;
  std::map<std::string, std::string> containers_;
};

}  // namespace tepui::agent

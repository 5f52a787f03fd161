// Task: one task between LAUNCH and the acknowledgement of its terminal status.
#pragma once

#include <optional>
#include <string>

#include "lib/model/resources.hpp"
#include "lib/model/task_lifecycle.hpp"
#include "mesos/v1/mesos.pb.h"

namespace tepui::master {

struct Task {
  std::string id;
  std::string framework_id;
  std::string agent_id;
  mesos::v1::TaskInfo info;
  /// Allocated to their role.
  Resources resources;
  /// False once terminal, or while the agent is unreachable: the resources are nobody's or gone with the agent.
  bool is_holding = false;
  /// The newest state the agent told, which may be ahead of `status`.
  TaskState state = TaskState::Staging;
  /// What the framework was told last (or would have been told, had it been connected).
  mesos::v1::TaskStatus status;
  /// Somebody wants it dead; said again to an agent that returns.
  bool is_kill_requested = false;
  std::optional<mesos::v1::KillPolicy> kill_policy;
};

}  // namespace tepui::master

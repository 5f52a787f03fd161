// TaskStatus as the master writes it, and the two enums of task states side by side.
#pragma once

#include <optional>
#include <string>

#include "lib/model/task_lifecycle.hpp"
#include "master/core/cluster.hpp"

namespace tepui::master {

/// TASK_UNKNOWN has no counterpart.
std::optional<TaskState> model_task_state(mesos::v1::TaskState state);
/// As above, without what agents cannot know: partitions and gone nodes are the master's to conclude.
std::optional<TaskState> agent_told_state(mesos::v1::TaskState state);
mesos::v1::TaskState wire_task_state(TaskState state);

/// What the master says by itself: SOURCE_MASTER, no uuid (nobody acknowledges it, it is not sent again), the time of now.
/// An empty `agent_id` or `message` is left out.
mesos::v1::TaskStatus master_status(const Cluster& cluster, const std::string& task_id, const std::string& agent_id,
                                    mesos::v1::TaskState state, mesos::v1::TaskStatus::Reason reason,
                                    const std::string& message = {});

/// The state for frameworks that know nothing of partitions: TASK_LOST for what only PARTITION_AWARE ones understand.
mesos::v1::TaskState state_for(const Framework& framework, mesos::v1::TaskState state);

/// Sends UPDATE to the framework.
void send_status(Cluster& cluster, const Framework& framework, const mesos::v1::TaskStatus& status);

}  // namespace tepui::master

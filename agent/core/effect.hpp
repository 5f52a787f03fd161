// Effect: what AgentCore asks its shell to do. Plain data; the daemon performs them, the simulation counts them.
#pragma once

#include <chrono>
#include <string>
#include <variant>
#include <vector>

#include "agent/core/record.pb.h"
#include "tepui/v1/agent_link.pb.h"

namespace tepui::agent {

/// To the master over the current subscription, in order; dropped when there is none (the core sends again after the next).
/// A SUBSCRIBE opens the subscription.
struct SendToMaster {
  tepui::v1::AgentCall call;
};

/// Everything after this in the order of effects waits until the record is durable.
struct Checkpoint {
  CheckpointRecord record;
};

/// Answered by exactly one of container_running (then container_terminated) and container_launch_failed.
struct LaunchContainer {
  std::string container_id;
  mesos::v1::AgentID agent_id;
  mesos::v1::FrameworkInfo framework;
  /// A command task; `executor_id` is its task id.
  mesos::v1::TaskInfo task;
};

/// SIGTERM, and SIGKILL after `grace`. A second one may only shorten the grace. Answered by container_terminated.
struct KillContainer {
  std::string container_id;
  std::chrono::nanoseconds grace;
};

/// SIGKILL at once, in whatever state the container is. Answered by container_terminated or container_launch_failed
/// where the core still knows the container.
struct DestroyContainer {
  std::string container_id;
};

/// The container's end is durable here: nobody needs to tell it again.
struct ForgetContainer {
  std::string container_id;
};

/// End the subscription, then call link_connected() when the link is ready for another.
struct Resubscribe {};

/// The master refuses this agent: the daemon ends and says why. Tasks are left as they are.
struct Terminate {
  std::string message;
};

using Effect = std::variant<SendToMaster, Checkpoint, LaunchContainer, KillContainer, DestroyContainer, ForgetContainer,
                            Resubscribe, Terminate>;
using Effects = std::vector<Effect>;

}  // namespace tepui::agent

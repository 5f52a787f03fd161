// Task updates: what agents report about tasks, what frameworks acknowledge, and how a task leaves the master.
#pragma once

#include <string>

#include "master/core/cluster.hpp"

namespace tepui::master {

/// An agent's UPDATE: recorded and forwarded, every time it comes, so that a scheduler that missed it sees it again.
/// Resources are free as soon as the agent's newest state is terminal; a state that follows a terminal one changes nothing.
void apply_update(Cluster& cluster, Agent& agent, const tepui::v1::AgentCall::Update& update);

/// A scheduler's ACKNOWLEDGE: passed to the agent; the acknowledgement of a terminal status ends the task here.
/// Dropped when the agent is not connected: it sends the update again.
void acknowledge(Cluster& cluster, const Framework& framework, const mesos::v1::scheduler::Call::Acknowledge& call);

/// The master concludes that the task ended, tells its framework, and forgets it. `state` as a PARTITION_AWARE framework sees it.
void conclude_task(Cluster& cluster, Task& task, mesos::v1::TaskState state, mesos::v1::TaskStatus::Reason reason,
                   const std::string& message);

/// Moves the task among its framework's completed ones. Invalidates `task`.
void forget_task(Cluster& cluster, Task& task);

/// Takes the kill to the task's agent, or remembers it until the agent is back.
void request_kill(Cluster& cluster, Task& task, const mesos::v1::KillPolicy* policy);

}  // namespace tepui::master

// Agent link: how an agent comes, goes, comes back and is given up.
#pragma once

#include "master/core/cluster.hpp"

namespace tepui::master {

/// An agent's SUBSCRIBE. A refusal is an AgentEvent ERROR and the end of `stream`. Replaces an older stream of the same agent.
/// What the agent says about its tasks is the truth; tasks that it does not know are handed back to it as lost.
void subscribe_agent(Cluster& cluster, const tepui::v1::AgentCall::Subscribe& subscribe, const StreamId& stream);

/// Its stream ended: its offers are rescinded, its tasks are believed to run, and it has a while to come back.
void disconnect_agent(Cluster& cluster, Agent& agent);

/// It stayed away too long: durable first, then its tasks are TASK_UNREACHABLE (TASK_LOST).
void give_up_agent(Cluster& cluster, Agent& agent);

/// It will not come back (it said so, or another agent has its address): its tasks are TASK_GONE (TASK_LOST). Invalidates `agent`.
void remove_agent(Cluster& cluster, Agent& agent, const std::string& reason);

/// HEARTBEAT, and the next one planned.
void beat_agent(Cluster& cluster, const Agent& agent);

/// An executor's message for its framework; best effort.
void forward_message(Cluster& cluster, const Agent& agent, const tepui::v1::AgentCall::Message& message);
/// FAILURE with the executor's wait status.
void report_exited_executor(Cluster& cluster, const Agent& agent, const tepui::v1::AgentCall::ExitedExecutor& exited);

}  // namespace tepui::master

// Agent tasks: bringing what an agent says about its tasks and what the master believes into agreement.
#pragma once

#include <vector>

#include "master/core/cluster.hpp"

namespace tepui::master {

struct LearnedTasks {
  /// What the agent has and the master tracks there.
  std::vector<TaskKey> present;
  /// What the agent has and the framework started again elsewhere, while nobody knew of it: to be killed.
  std::vector<TaskKey> strays;
};

/// Takes over what SUBSCRIBE says: unknown tasks are added, known ones brought up to date; what the agent does not name
/// is forgotten if it had ended, else named in `answer.lost_tasks`.
LearnedTasks learn_tasks(Cluster& cluster, Agent& agent, const tepui::v1::AgentCall::Subscribe& subscribe,
                                 tepui::v1::AgentEvent::Subscribed& answer);

/// Tells the frameworks of an agent that was unreachable how their living tasks are (REASON_AGENT_REREGISTERED); how the
/// others ended the agent says itself.
void tell_returned_tasks(Cluster& cluster, const std::vector<TaskKey>& returned);

/// Kills that the agent may have missed, and those of strays.
void repeat_kills(Cluster& cluster, Agent& agent, const std::vector<TaskKey>& strays);

/// Its agent is unreachable: TASK_UNREACHABLE (TASK_LOST), and remembered until the agent is back or removed.
/// One that had ended is forgotten: its agent still has the update.
void lose_sight_of_task(Cluster& cluster, Task& task);

/// Keeps at most MasterConfig.max_unreachable_agents, with their tasks.
void forget_oldest_unreachable(Cluster& cluster);

}  // namespace tepui::master

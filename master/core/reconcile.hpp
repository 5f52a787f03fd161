// Reconcile: what the master answers when a scheduler asks how its tasks are (mesos.md §1.3).
#pragma once

#include <string>

#include "master/core/cluster.hpp"

namespace tepui::master {

/// No tasks named: every task the master tracks. Otherwise one answer for each, except where an agent that may know it has not
/// come back since the master started: then silence, until it has or is given up.
void reconcile(Cluster& cluster, const Framework& framework, const mesos::v1::scheduler::Call::Reconcile& call);

/// One task; an empty `agent_id` means that the framework did not say.
void reconcile_task(Cluster& cluster, const Framework& framework, const std::string& task_id, const std::string& agent_id);

}  // namespace tepui::master

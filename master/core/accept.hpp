// Accept: a scheduler's answer to offers, ACCEPT and DECLINE (mesos.md §1.6).
#pragma once

#include "master/core/cluster.hpp"

namespace tepui::master {

/// Runs the operations, in order, against the pooled resources of the offers; what is left is refused for a while.
/// If one offer is not valid, all are given back and every task is TASK_LOST (TASK_DROPPED) with REASON_INVALID_OFFERS.
void accept_offers(Cluster& cluster, Framework& framework, const mesos::v1::scheduler::Call::Accept& call);

/// Ends the offers that are this framework's; unknown ones are ignored (they may have been rescinded on the way).
void decline_offers(Cluster& cluster, Framework& framework, const mesos::v1::scheduler::Call::Decline& call);

}  // namespace tepui::master

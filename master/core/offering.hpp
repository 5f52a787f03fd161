// Offering: a round of allocation, and what becomes of it on the wire.
#pragma once

#include "master/core/cluster.hpp"

namespace tepui::master {

/// Offers what is free to those who want it: one offer per (role, agent), one OFFERS event per framework.
void run_allocation(Cluster& cluster);

/// Declines or leftovers: `resources` (of an offer that has ended) are not offered to this framework's role again for a while.
void refuse_resources(Cluster& cluster, Framework& framework, const std::string& role, const std::string& agent_id,
                      const Resources& resources, const mesos::v1::Filters* filters);

}  // namespace tepui::master

// Registry: which of the master's facts are durable, and how they are written. The storing itself is the shell's.
#pragma once

#include <string>

#include "master/core/cluster.hpp"

namespace tepui::master {

/// Notes that the agent's entry is to be durable before anything that follows happens.
void store_agent(Cluster& cluster, const Agent& agent);
void erase_agent(Cluster& cluster, const std::string& agent_id);
void store_framework(Cluster& cluster, const Framework& framework);
/// As completed; `forgotten` are ids whose completed entries are erased.
void store_completed_framework(Cluster& cluster, const Framework& framework, const std::vector<std::string>& forgotten);

/// Fills an empty cluster at start: agents as Recovered (or Unreachable, Gone), frameworks as disconnected.
/// Entries that do not parse are counted and left alone.
void recover_registry(Cluster& cluster, const RegistryContents& registry);

}  // namespace tepui::master

// Invariants: what holds after every event, whatever came in.
#pragma once

#include <optional>
#include <string>

#include "master/core/cluster.hpp"

namespace tepui::master {

/// Describes the first one that is broken: offered + used + free = total on every agent, offers only of connected agents to
/// connected frameworks, tasks and offers of frameworks and agents that exist.
std::optional<std::string> broken_invariant(const Cluster& cluster);

}  // namespace tepui::master

// Simulation: one cluster of one master, three agents and two frameworks through one storm and the calm after it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tests/sim/simulated_agent.hpp"
#include "tests/sim/simulated_framework.hpp"
#include "tests/sim/simulated_master.hpp"
#include "tests/sim/world.hpp"

namespace tepui::sim {

struct Outcome {
  std::uint64_t hash = 0;
  std::uint64_t steps = 0;
  /// Empty when everything held.
  std::string failure;
  std::string log_tail;
  /// What the storm was good for: without executions a simulation proves nothing.
  int executions = 0;
};

struct Cluster {
  explicit Cluster(std::uint64_t seed);
  World world;
  SimulatedMaster master;
  std::vector<std::unique_ptr<SimulatedAgent>> agents;
  std::vector<std::unique_ptr<SimulatedFramework>> frameworks;
};

/// The same seed gives the same outcome, hash included. kept_lines: of the log, for people.
Outcome simulate(std::uint64_t seed, std::size_t kept_lines = 80);

/// Describes what must hold when the storm is long over and does not: frameworks, master and agents agree on every task,
/// nothing was executed twice, every task that ended has one end. Empty when all holds.
std::string difference_of_views(const Cluster& cluster);

}  // namespace tepui::sim

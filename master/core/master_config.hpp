// What an operator may decide about the core; filled from flags by the daemon, from literals by tests.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lib/model/scalar.hpp"

namespace tepui::master {

/// An offer is worth making when for one of these every name has at least this amount (`cpus:0.01|mem:32`).
using MinAllocatable = std::vector<std::map<std::string, Scalar>>;

struct MasterConfig {
  std::string ip = "127.0.0.1";
  std::uint16_t port = 5050;
  std::string hostname = "localhost";
  std::string version = "1.11.0";  // what clients see; digits and dots only

  std::chrono::nanoseconds heartbeat_interval = std::chrono::seconds(15);
  /// The batch: all agents, this often.
  std::chrono::nanoseconds allocation_interval = std::chrono::seconds(1);
  /// How soon what a finished task gave back is offered again.
  std::chrono::nanoseconds allocation_delay = std::chrono::milliseconds(50);
  /// From an agent's disconnection to TASK_UNREACHABLE.
  std::chrono::nanoseconds agent_reregister_timeout = std::chrono::seconds(75);
  /// From the master's start to the same, for agents that the registry names and that do not come back.
  std::chrono::nanoseconds agent_recovery_timeout = std::chrono::minutes(10);
  /// An offer nobody answers is rescinded after this; no value: never.
  std::optional<std::chrono::nanoseconds> offer_timeout;
  MinAllocatable min_allocatable = {{{"cpus", Scalar::from_millis(10)}}, {{"mem", Scalar::from_millis(32'000)}}};
  /// DRF weights of roles; 1 where a role is not named.
  std::map<std::string, double> role_weights;

  /// Builds without NDEBUG abort on a broken invariant; a simulation looks itself, to name its seed.
  bool is_strict = true;

  std::size_t max_completed_frameworks = 50;
  std::size_t max_completed_tasks_per_framework = 1000;
  std::size_t max_unreachable_agents = 10'000;
};

}  // namespace tepui::master

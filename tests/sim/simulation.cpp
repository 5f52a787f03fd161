#include "tests/sim/simulation.hpp"

#include <fmt/format.h>

namespace tepui::sim {

using namespace std::chrono_literals;

namespace {

constexpr Duration kStorm = 90s;
/// Longer than every time-out and back-off that the storm can have left behind.
constexpr Duration kCalm = 150s;

void check_master(Cluster& cluster, std::uint64_t& checked_events) {
  if (!cluster.master.is_up() || checked_events == cluster.master.events()) return;
  checked_events = cluster.master.events();
  if (const auto broken = cluster.master.core()->broken_invariant()) cluster.world.fail("invariant broken: " + *broken);
}

/// One misfortune now, the next one a while later.
void storm(Cluster& cluster) {
  World& world = cluster.world;
  if (!world.is_stormy) return;
  SimulatedAgent& agent = *cluster.agents[world.random.below(cluster.agents.size())];
  SimulatedFramework& framework = *cluster.frameworks[world.random.below(cluster.frameworks.size())];
  switch (world.random.below(8)) {
    case 0:
    case 1: agent.lose_connection(); break;
    case 2:
    case 3: framework.lose_connection(); break;
    case 4:
      if (!agent.is_up()) break;
      agent.crash();
      world.after(world.between(100ms, world.chance(20) ? 60s : 8s), [&agent] {
        if (!agent.is_up()) agent.start();
      });
      break;
    case 5: framework.restart(); break;
    case 6:
      if (!cluster.master.is_up() || !world.chance(60)) break;
      cluster.master.crash();
      world.after(world.between(100ms, 8s), [&cluster] {
        if (!cluster.master.is_up()) cluster.master.start();
      });
      break;
    default: break;
  }
  world.after(world.between(500ms, 6s), [&cluster] { storm(cluster); });
}

void calm_down(Cluster& cluster) {
  cluster.world.note("world", "calm");
  cluster.world.is_stormy = false;
  if (!cluster.master.is_up()) cluster.master.start();
  for (auto& agent : cluster.agents) {
    if (!agent->is_up()) agent->start();
  }
}

}  // namespace

Cluster::Cluster(std::uint64_t seed) : world(seed), master(world) {
  const std::vector<std::string> sizes = {"cpus:4;mem:1024;ports:[31000-31009]", "cpus:2;mem:512", "cpus:3.5;mem:256;disk:100"};
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    agents.push_back(std::make_unique<SimulatedAgent>(world, master, fmt::format("agent-{}", i), sizes[i]));
  }
  frameworks.push_back(std::make_unique<SimulatedFramework>(world, master, FrameworkScript{"aware", true, 14, false}));
  frameworks.push_back(std::make_unique<SimulatedFramework>(world, master, FrameworkScript{"old", seed % 2 == 0, 10, seed % 4 == 1}));
}

Outcome simulate(std::uint64_t seed, std::size_t kept_lines) {
  Cluster cluster(seed);
  World& world = cluster.world;
  world.log.keep(kept_lines);
  cluster.master.start();
  for (auto& agent : cluster.agents) world.after(world.between(0ms, 3s), [&agent] { agent->start(); });
  for (auto& framework : cluster.frameworks) {
    world.after(world.between(0ms, 3s), [&framework] { framework->start(); });
    if (framework->script().is_torn_down) world.after(kStorm / 2, [&framework] { framework->tear_down(); });
  }
  world.after(4s, [&cluster] { storm(cluster); });

  Outcome outcome;
  std::uint64_t checked_events = 0;
  const auto after_each = [&] {
    ++outcome.steps;
    check_master(cluster, checked_events);
  };
  world.run_until(MonotonicTime(kStorm), after_each);
  calm_down(cluster);
  world.run_until(MonotonicTime(kStorm + kCalm), after_each);
  if (world.failure.empty()) world.failure = difference_of_views(cluster);

  outcome.hash = world.log.hash();
  outcome.failure = world.failure;
  outcome.log_tail = world.log.tail();
  for (const auto& agent : cluster.agents) {
    for (const auto& [key, execution] : agent->executions()) outcome.executions += execution.starts;
  }
  return outcome;
}

}  // namespace tepui::sim

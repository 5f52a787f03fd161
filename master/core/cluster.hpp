// Cluster: all state of the master in one place, and the few steps that keep its parts in agreement.
// The rules that use it are named for what they are about: subscription, agent_link, accept, reconcile, task_updates, offering.
#pragma once

#include <cstdint>
#include <string>

#include "lib/base/clock.hpp"
#include "lib/base/random.hpp"
#include "master/core/agents.hpp"
#include "master/core/allocator.hpp"
#include "master/core/deadlines.hpp"
#include "master/core/frameworks.hpp"
#include "master/core/master_config.hpp"
#include "master/core/offers.hpp"
#include "master/core/outbox.hpp"
#include "master/core/tasks.hpp"

namespace tepui::master {

/// Counted since the start of this master.
struct Counters {
  std::uint64_t scheduler_calls = 0;
  std::uint64_t refused_calls = 0;  // answered with 4xx or 5xx
  std::uint64_t refused_subscriptions = 0;
  std::uint64_t dropped_calls = 0;  // answered 202 and without effect (a wrong agent id, an unknown role, …)
  std::uint64_t invalid_tasks = 0;  // TASK_ERROR
  std::uint64_t status_updates = 0;
  std::uint64_t invalid_status_updates = 0;
  std::uint64_t acknowledgements = 0;
  std::uint64_t agent_registrations = 0;
  std::uint64_t agent_reregistrations = 0;
  std::uint64_t agents_made_unreachable = 0;
  std::uint64_t agents_removed = 0;
  std::uint64_t bad_registry_entries = 0;
  std::uint64_t allocations = 0;
  std::uint64_t tasks_launched = 0;
  std::map<std::string, std::uint64_t> tasks_ended;  // by TaskState's name
};

struct Cluster {
  Cluster(MasterConfig config, const Clock& clock, RandomSource& random);

  const MasterConfig config;
  const Clock& clock;
  RandomSource& random;
  std::string master_id;
  double start_time = 0;  // seconds since the epoch

  Frameworks frameworks;
  Agents agents;
  Tasks tasks;
  Offers offers;
  Allocator allocator;
  Deadlines deadlines;
  Outbox outbox;
  Counters counters;
  std::uint64_t next_framework = 0;
  std::uint64_t next_agent = 0;
  std::uint64_t next_offer = 0;

  [[nodiscard]] MonotonicTime now() const { return clock.monotonic(); }
  /// Seconds since the epoch, as the wire has it.
  [[nodiscard]] double wall_seconds() const { return to_epoch_seconds(clock.wall()); }

  /// The ledger. `resources` have allocation roles: from now on they are the framework's.
  void hold(Agent& agent, std::string_view framework_id, const Resources& resources);
  /// The opposite.
  void release(Agent& agent, std::string_view framework_id, const Resources& resources);
  /// The task uses its resources no more (ended, or its agent is lost). Idempotent.
  void release_task(Task& task);
  /// After an agent came, went or changed its size.
  void refresh_total();

  /// Ends an outstanding offer and frees what it held.
  Offer end_offer(const std::string& offer_id, OfferEvent event);
  /// Takes it back and tells its framework.
  void rescind_offer(const std::string& offer_id);

  /// Asks for a round of allocation after `delay`; an earlier one that is planned stays.
  void want_allocation(std::chrono::nanoseconds delay);
};

}  // namespace tepui::master

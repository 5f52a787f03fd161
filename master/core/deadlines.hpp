// Deadlines: what is to happen when, as data. The shell has the one timer.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "lib/base/clock.hpp"

namespace tepui::master {

/// In the order in which those of the same instant are handled.
enum class DeadlineKind {
  SchedulerHeartbeat,  // id: framework
  AgentHeartbeat,      // id: agent
  FrameworkFailover,   // id: framework
  AgentReregister,     // id: agent
  OfferTimeout,        // id: offer
  Allocation,          // id: ""
};

class Deadlines {
 public:
  using Key = std::pair<DeadlineKind, std::string>;

  /// Replaces the one of the same key.
  void set(DeadlineKind kind, const std::string& id, MonotonicTime time);
  /// Keeps whichever is earlier.
  void set_if_earlier(DeadlineKind kind, const std::string& id, MonotonicTime time);
  void clear(DeadlineKind kind, const std::string& id);
  [[nodiscard]] std::optional<MonotonicTime> find(DeadlineKind kind, const std::string& id) const;
  /// MonotonicTime::max() when there is none.
  [[nodiscard]] MonotonicTime next() const;
  /// Removes and returns the earliest one that is due at `now`.
  std::optional<Key> pop_due(MonotonicTime now);

 private:
  std::map<Key, MonotonicTime> times_;
  std::set<std::pair<MonotonicTime, Key>> order_;
};

}  // namespace tepui::master

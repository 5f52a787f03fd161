// RefusedOffers: what a framework does not want to see again for a while.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "lib/base/clock.hpp"
#include "lib/model/resources.hpp"

namespace tepui {

/// The time for which a refusal holds, from `Filters.refuse_seconds`: 5 s for NaN and negative values, at most 365 days.
/// Zero means no filter. Source: Mesos src/master/allocator/mesos/hierarchical.cpp (behaviour).
std::chrono::nanoseconds refuse_duration(double refuse_seconds);

/// Refusals of one framework, by role and agent. A refusal blocks every offer that is contained in what was refused.
class RefusedOffers {
 public:
  /// Refusals kept for one role and agent; the one that ends first gives way.
  static constexpr std::size_t kMostPerAgent = 32;

  /// Empty refusals and those that end at or before `now` change nothing.
  void add(std::string_view role, std::string_view agent_id, const Resources& refused, MonotonicTime until);
  /// True if some refusal alive at `now` contains `offered` (allocation roles are not looked at).
  [[nodiscard]] bool blocks(std::string_view role, std::string_view agent_id, const Resources& offered, MonotonicTime now) const;
  /// Forgets those that ended; call now and then.
  void expire(MonotonicTime now);
  void clear() { refusals_.clear(); }
  void clear_role(std::string_view role);
  void clear_agent(std::string_view agent_id);
  /// MonotonicTime::max() when there is none.
  [[nodiscard]] MonotonicTime next_expiry() const;
  [[nodiscard]] bool empty() const { return refusals_.empty(); }

 private:
  struct Refusal {
    Resources resources;
    MonotonicTime until;
  };
  std::map<std::pair<std::string, std::string>, std::vector<Refusal>> refusals_;  // (role, agent id)
};

}  // namespace tepui

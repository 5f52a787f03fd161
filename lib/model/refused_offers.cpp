// RefusedOffers: filters with an end.
#include "lib/model/refused_offers.hpp"

#include <algorithm>
#include <cmath>

namespace tepui {

std::chrono::nanoseconds refuse_duration(double refuse_seconds) {
  constexpr double kDefaultSeconds = 5.0;
  constexpr double kLongestSeconds = 365.0 * 24 * 3600;
  if (std::isnan(refuse_seconds) || refuse_seconds < 0) refuse_seconds = kDefaultSeconds;
  refuse_seconds = std::min(refuse_seconds, kLongestSeconds);
  return std::chrono::nanoseconds(static_cast<std::int64_t>(refuse_seconds * 1e9));
}

void RefusedOffers::add(std::string_view role, std::string_view agent_id, const Resources& refused, MonotonicTime until) {
  if (refused.empty()) return;
  auto& list = refusals_[{std::string(role), std::string(agent_id)}];
  Resources plain = refused.unallocated();
  // A framework that declines again and again keeps few refusals, not thousands: those that another one covers go.
  for (const Refusal& refusal : list) {
    if (refusal.until >= until && refusal.resources.contains(plain)) return;
  }
  std::erase_if(list, [&](const Refusal& refusal) { return refusal.until <= until && plain.contains(refusal.resources); });
  if (list.size() >= kMostPerAgent) {
    list.erase(std::min_element(list.begin(), list.end(),
                                [](const Refusal& a, const Refusal& b) { return a.until < b.until; }));
  }
  list.push_back({std::move(plain), until});
}

bool RefusedOffers::blocks(std::string_view role, std::string_view agent_id, const Resources& offered,
                           MonotonicTime now) const {
  const auto found = refusals_.find({std::string(role), std::string(agent_id)});
  if (found == refusals_.end()) return false;
  const Resources plain = offered.unallocated();
  return std::any_of(found->second.begin(), found->second.end(), [&](const Refusal& refusal) {
    return refusal.until > now && refusal.resources.contains(plain);
  });
}

void RefusedOffers::expire(MonotonicTime now) {
  for (auto& [key, list] : refusals_) std::erase_if(list, [now](const Refusal& refusal) { return refusal.until <= now; });
  std::erase_if(refusals_, [](const auto& entry) { return entry.second.empty(); });
}

void RefusedOffers::clear_role(std::string_view role) {
  std::erase_if(refusals_, [role](const auto& entry) { return entry.first.first == role; });
}

void RefusedOffers::clear_agent(std::string_view agent_id) {
  std::erase_if(refusals_, [agent_id](const auto& entry) { return entry.first.second == agent_id; });
}

MonotonicTime RefusedOffers::next_expiry() const {
  MonotonicTime next = MonotonicTime::max();
  for (const auto& [key, list] : refusals_) {
    for (const Refusal& refusal : list) next = std::min(next, refusal.until);
  }
  return next;
}

}  // namespace tepui

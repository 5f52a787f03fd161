#include "master/core/deadlines.hpp"

namespace tepui::master {

void Deadlines::set(DeadlineKind kind, const std::string& id, MonotonicTime time) {
  clear(kind, id);
  times_[{kind, id}] = time;
  order_.insert({time, {kind, id}});
}

void Deadlines::set_if_earlier(DeadlineKind kind, const std::string& id, MonotonicTime time) {
  const auto old = find(kind, id);
  if (!old || time < *old) set(kind, id, time);
}

void Deadlines::clear(DeadlineKind kind, const std::string& id) {
  const auto found = times_.find({kind, id});
  if (found == times_.end()) return;
  order_.erase({found->second, found->first});
  times_.erase(found);
}

std::optional<MonotonicTime> Deadlines::find(DeadlineKind kind, const std::string& id) const {
  const auto found = times_.find({kind, id});
  return found == times_.end() ? std::nullopt : std::optional(found->second);
}

MonotonicTime Deadlines::next() const { return order_.empty() ? MonotonicTime::max() : order_.begin()->first; }

std::optional<Deadlines::Key> Deadlines::pop_due(MonotonicTime now) {
  if (order_.empty() || order_.begin()->first > now) return std::nullopt;
  Key key = order_.begin()->second;
  clear(key.first, key.second);
  return key;
}

}  // namespace tepui::master

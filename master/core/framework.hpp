// Framework: one scheduler's registration, as the master knows it.
#pragma once

#include <deque>
#include <optional>
#include <set>
#include <string>

#include "lib/base/clock.hpp"
#include "lib/model/refused_offers.hpp"
#include "master/core/effects.hpp"
#include "mesos/v1/mesos.pb.h"

namespace tepui::master {

/// What a task's end leaves for /state.
struct CompletedTask {
  mesos::v1::TaskInfo info;
  mesos::v1::TaskStatus status;
};

struct Framework {
  std::string id;
  mesos::v1::FrameworkInfo info;
  std::set<std::string> roles;
  std::set<std::string> suppressed_roles;
  RefusedOffers refused;

  /// Its event stream; empty while it is disconnected.
  StreamId stream;
  /// Known from the registry or an agent only; it has not subscribed to this master yet.
  bool is_recovered = false;
  double registered_time = 0;    // seconds since the epoch
  double reregistered_time = 0;  // 0 if never
  double unregistered_time = 0;  // 0 while connected
  /// Newest last; bounded by MasterConfig.
  std::deque<CompletedTask> completed_tasks;

  [[nodiscard]] bool is_connected() const { return !stream.empty(); }
  [[nodiscard]] bool has_capability(mesos::v1::FrameworkInfo::Capability::Type type) const;
  [[nodiscard]] bool is_partition_aware() const {
    return has_capability(mesos::v1::FrameworkInfo::Capability::PARTITION_AWARE);
  }
};

}  // namespace tepui::master

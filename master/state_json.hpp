// The cluster as JSON in the words of Mesos's v0 endpoints, which tools poll.
// Source: Mesos docs/endpoints/master/state.md; src/master/http.cpp (behaviour); mesos.md §3.3; wire-quirks.md 19, 20.
#pragma once

#include <optional>
#include <string>

#include "master/core/master_core.hpp"

namespace tepui::master {

std::string format_state(const MasterCore& core);
std::string format_agents(const MasterCore& core);
std::string format_frameworks(const MasterCore& core);

struct TaskQuery {
  std::optional<std::string> framework_id;
  std::optional<std::string> task_id;
  std::size_t limit = 100;
  std::size_t offset = 0;
};
/// Living tasks first, then the completed ones that are remembered.
std::string format_tasks(const MasterCore& core, const TaskQuery& query);

/// /metrics/snapshot: one flat object of numbers.
std::string format_metrics(const std::map<std::string, double>& metrics);

}  // namespace tepui::master

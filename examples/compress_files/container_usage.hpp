// What an agent knows of the containers it ran: GET /tepui/v1/containers.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "lib/async/async.hpp"

namespace tepui::examples {

struct ContainerUsage {
  std::optional<double> cpu_seconds;
  std::optional<double> memory_peak_bytes;
  std::string isolators;  // joined by commas
};

/// Of the containers of one framework on the agent at `address` (IP:PORT): by task id.
/// Errors: those of http::Client, DataLoss (no such JSON).
Async<std::map<std::string, ContainerUsage>> fetch_usage(std::string address, std::string framework_id);

}  // namespace tepui::examples

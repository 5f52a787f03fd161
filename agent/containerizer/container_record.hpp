// StoredContainer: the text of a ContainerRecord, and what the next agent reads back from it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agent/containerizer/container_checkpoints.hpp"
#include "agent/containerizer/container_config.hpp"
#include "agent/containerizer/containerizer.hpp"
#include "lib/base/result.hpp"

namespace tepui::agent {

/// Everything recovery needs of one container.
struct StoredContainer {
  ContainerConfig config;
  std::string plan;                                 // OCI config.json text
  std::vector<std::string> cgroup_controllers;      // the hierarchies in which it has a cgroup of ours
  std::optional<ProcessIdentity> shim;              // no value: the shim had not been started, or nobody saw it start
  std::optional<ProcessIdentity> process;           // no value: not past the plan
  bool has_init = false;                            // `process` is our init
  WallTime created{};
  std::optional<ContainerTermination> termination;  // value: it ended; only the cleanup may be missing
};

/// One line of JSON with a "version". Pure.
std::string format_container_record(const StoredContainer& stored);
/// Errors: DataLoss (not JSON, a member missing or of the wrong kind, an unknown version).
Result<StoredContainer> parse_container_record(const std::string& body);

}  // namespace tepui::agent

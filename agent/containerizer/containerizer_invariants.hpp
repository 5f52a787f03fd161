// What holds of a container after every event, whatever the order of events: checked in debug and test builds.
#pragma once

#include <cstddef>

#include "lib/base/result.hpp"
#include "lib/model/container_lifecycle.hpp"

namespace tepui::agent {

/// A container's inside as far as the invariants speak of it.
struct ContainerFacts {
  ContainerState state = ContainerState::Preparing;
  bool has_process = false;
  bool is_process_stored = false;
  bool is_tracked = false;
  bool has_termination = false;
  std::size_t open_cgroups = 0;
};

/// Running: it has a process, a durable record of it, and a cgroup by which it is found. Preparing: it has no process.
/// Destroyed: its end is known and no cgroup is held. Errors: Internal, naming the one that is broken. Pure.
Result<void> check_container_invariants(const ContainerFacts& facts);

}  // namespace tepui::agent

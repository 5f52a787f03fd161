#include "agent/containerizer/containerizer_invariants.hpp"

namespace tepui::agent {
namespace {

Error broken(const char* what) { return {ErrorCode::Internal, what}; }

}  // namespace

Result<void> check_container_invariants(const ContainerFacts& facts) {
  switch (facts.state) {
    case ContainerState::Preparing:
      if (facts.has_process) return broken("a container has a process before its plan is made");
      break;
    case ContainerState::Running:
      if (!facts.has_process) return broken("a running container has no process");
      if (!facts.is_process_stored) return broken("a running container has no checkpoint");
      if (!facts.is_tracked) return broken("a running container has no cgroup to be found by");
      break;
    case ContainerState::Destroyed:
      if (!facts.has_termination) return broken("a destroyed container has no end to tell");
      if (facts.open_cgroups != 0) return broken("a destroyed container still holds cgroups");
      break;
    case ContainerState::Isolating:
    case ContainerState::Destroying: break;
  }
  return ok();
}

}  // namespace tepui::agent

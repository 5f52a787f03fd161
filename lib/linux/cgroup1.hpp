// The v1 backend behind Cgroup and CgroupRoot (cgroup.hpp). Mirrored by cgroup2.hpp: the same calls, the other kernel.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "lib/linux/cgroup.hpp"

namespace tepui::sys::cgroup1 {

/// The directory of the controller's hierarchy. Errors: NotFound (controller not there).
Result<std::string> hierarchy_of(const CgroupLayout& layout, const std::string& controller);
/// Makes the agent's root, ready for children that use `controllers`. Idempotent.
Result<void> ensure_root(const CgroupLayout& layout, const std::string& root, const std::vector<std::string>& controllers);
/// What a new cgroup needs before a process may enter. `parent` and `directory` are whole paths.
Result<void> prepare_new(const std::string& controller, const std::string& parent, const std::string& directory);
/// SIGKILL to everything in the cgroup and below.
Result<void> kill_all(const Cgroup& cgroup, int rounds);

}  // namespace tepui::sys::cgroup1

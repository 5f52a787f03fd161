// A launch plan as people and other runtimes read it: OCI runtime-spec config.json.
#pragma once

#include <string>

#include "launcher/plan.hpp"

namespace tepui::agent {

/// JSON text on one line. Descriptors show as "fd:N"; the seccomp program as its number of instructions (a BPF program has
/// no OCI form); values of variables that do not begin with MESOS_ are left out, for they may be secrets. Pure.
std::string format_plan(const launcher::LaunchPlan& plan);

}  // namespace tepui::agent

// Framework validation: what a FrameworkInfo must be like to subscribe (mesos.md §1.5). Pure.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "lib/base/result.hpp"
#include "mesos/v1/scheduler/scheduler.pb.h"

namespace tepui::master {

/// `roles` with MULTI_ROLE, else `role` ("*" if unset).
std::set<std::string> roles_of(const mesos::v1::FrameworkInfo& info);

/// What is wrong with the subscription; goes to the scheduler in an ERROR event. No value when it is fine.
/// offer_constraints are accepted and not used yet: the scheduler sees more offers than it likes and declines them.
std::optional<std::string> subscription_error(const mesos::v1::scheduler::Call::Subscribe& subscribe);

}  // namespace tepui::master

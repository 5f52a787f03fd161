// What of a TaskInfo this version can run. The rest is refused by name instead of being left out in silence.
#pragma once

#include <optional>
#include <string>

#include "mesos/v1/mesos.pb.h"

namespace tepui::agent {

/// The reason for refusing, for TaskStatus.message; nothing when the task can be run as it is asked for.
std::optional<std::string> reason_to_refuse(const mesos::v1::TaskInfo& task);

}  // namespace tepui::agent

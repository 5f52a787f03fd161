// Task validation: is this TaskInfo one that may be launched? Pure; the reason goes to the framework in TASK_ERROR.
#pragma once

#include <optional>
#include <string>

#include "lib/model/resources.hpp"
#include "master/core/framework.hpp"

namespace tepui::master {

/// What is wrong with the task by itself: ids, durations, executor xor command, resources. No value when it is fine.
std::optional<std::string> task_error(const mesos::v1::TaskInfo& task, const Framework& framework,
                                      const std::string& agent_id);

/// What Tepui does not offer yet and the task needs; the one list of it. No value when there is none.
std::optional<std::string> missing_feature(const mesos::v1::TaskInfo& task);

/// The task's resources, allocated to `role`. Errors: InvalidArgument (malformed, none at all, of another role, revocable and
/// not revocable of one name).
Result<Resources> task_resources(const mesos::v1::TaskInfo& task, const std::string& role);

}  // namespace tepui::master

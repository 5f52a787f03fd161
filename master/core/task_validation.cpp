#include "master/core/task_validation.hpp"

#include <cmath>
#include <map>

#include <fmt/format.h>

#include "lib/base/ids.hpp"
#include "lib/base/try.hpp"
#include "master/core/wire_resources.hpp"

namespace tepui::master {
namespace {

std::optional<std::string> executor_error(const mesos::v1::ExecutorInfo& executor, const Framework& framework) {
  if (auto id = check_id("executor", executor.executor_id().value()); !id) return id.error().to_string();
  if (executor.has_framework_id() && executor.framework_id().value() != framework.id) {
    return fmt::format("ExecutorInfo has an invalid FrameworkID (Actual: {} vs Expected: {})",
                       executor.framework_id().value(), framework.id);
  }
  if (executor.has_type() && executor.type() == mesos::v1::ExecutorInfo::DEFAULT) {
    return "'ExecutorInfo.type' must be 'CUSTOM' for a task that is not in a group";
  }
  if (!executor.has_command()) return "'ExecutorInfo.command' must be set for 'CUSTOM' executor";
  return std::nullopt;
}

bool has_default_command(const mesos::v1::TaskInfo& task) {
  return task.has_container() && task.container().has_mesos() && task.container().mesos().has_image();
}

std::optional<std::string> limits_error(const mesos::v1::TaskInfo& task) {
  for (const auto& [name, limit] : task.limits()) {
    if (name != "cpus" && name != "mem") return fmt::format("Task has a limit on '{}', only cpus and mem can have one", name);
    if (std::isnan(limit.value()) || limit.value() < 0) return fmt::format("Task has an invalid limit on '{}'", name);
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> task_error(const mesos::v1::TaskInfo& task, const Framework& framework,
                                      const std::string& agent_id) {
  if (auto id = check_id("task", task.task_id().value()); !id) return id.error().to_string();
  if (task.agent_id().value() != agent_id) {
    return fmt::format("Task uses invalid agent {} while agent {} is expected", task.agent_id().value(), agent_id);
  }
  if (task.kill_policy().grace_period().nanoseconds() < 0) return "Task's 'kill_policy.grace_period' must be non-negative";
  if (task.max_completion_time().nanoseconds() < 0) return "Task's 'max_completion_time' must be non-negative";
  const bool has_command = task.has_command() || (!task.has_executor() && has_default_command(task));
  if (task.has_executor() == has_command) return "Task should have at least one (but not both) of CommandInfo or ExecutorInfo present";
  if (task.has_executor()) {
    if (auto error = executor_error(task.executor(), framework)) return error;
  }
  return limits_error(task);
}

std::optional<std::string> missing_feature(const mesos::v1::TaskInfo& task) {
  const auto missing = [](std::string_view what) { return fmt::format("Tepui does not offer {} yet", what); };
  if (task.has_executor()) return missing("custom executors (use a command task)");
  if (task.has_check() || task.has_health_check()) return missing("checks and health checks");
  if (task.command().uris_size() > 0) return missing("fetching of 'command.uris'");
  if (!task.has_container()) return std::nullopt;
  const auto& container = task.container();
  if (container.type() == mesos::v1::ContainerInfo::DOCKER) return missing("containers of type DOCKER");
  if (container.mesos().has_image()) return missing("container images");
  if (container.volumes_size() > 0) return missing("container volumes");
  for (const auto& network : container.network_infos()) {
    // One without a name is the host's network, which every task has.
    if (network.has_name()) return missing(fmt::format("the container network '{}'", network.name()));
    if (network.port_mappings_size() > 0) return missing("port mappings");
  }
  return std::nullopt;
}

Result<Resources> task_resources(const mesos::v1::TaskInfo& task, const std::string& role) {
  TEPUI_ASSIGN(Resources given, resources_from_wire(task.resources()));
  if (given.empty()) return Error(ErrorCode::InvalidArgument, "Task uses no resources");
  TEPUI_TRY(check_kinds(given));
  std::map<std::string, bool> revocable;
  for (const auto& [identity, value] : given.entries()) {
    if (!identity.allocation_role.empty() && identity.allocation_role != role) {
      return Error(ErrorCode::InvalidArgument, fmt::format("Task uses '{}' allocated to role '{}', the offer is of role '{}'",
                                                           identity.name, identity.allocation_role, role));
    }
    if (identity.name == "gpus" && std::get<Scalar>(value).millis() % 1000 != 0) {
      return Error(ErrorCode::InvalidArgument, "Task uses a fraction of a gpu: 'gpus' must be whole");
    }
    if (revocable.emplace(identity.name, identity.is_revocable).first->second != identity.is_revocable) {
      return Error(ErrorCode::InvalidArgument, fmt::format("Task mixes revocable and non-revocable '{}'", identity.name));
    }
  }
  return given.allocated_to(role);
}

}  // namespace tepui::master

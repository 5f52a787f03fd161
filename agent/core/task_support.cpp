#include "agent/core/task_support.hpp"

#include "lib/base/ids.hpp"

namespace tepui::agent {

std::optional<std::string> reason_to_refuse(const mesos::v1::TaskInfo& task) {
  const std::string start = "Task '" + task.task_id().value() + "' cannot be run: ";
  const auto id = check_id("task", task.task_id().value());
  if (!id) return id.error().to_string();
  if (task.has_executor()) return start + "executors are not supported, only commands";
  if (!task.has_command() || task.command().value().empty()) return start + "it has no command";
  if (task.command().uris_size() > 0) return start + "command.uris is not supported";
  if (task.has_health_check()) return start + "health_check is not supported";
  if (task.has_check()) return start + "check is not supported";
  if (task.has_container()) {
    const auto& container = task.container();
    if (container.type() == mesos::v1::ContainerInfo::DOCKER) return start + "container.type DOCKER is not supported";
    if (container.has_mesos() && container.mesos().has_image()) return start + "container.mesos.image is not supported";
    if (container.volumes_size() > 0) return start + "container.volumes is not supported";
    if (container.network_infos_size() > 0) {
      for (const auto& network : container.network_infos()) {
        if (network.has_name()) return start + "container.network_infos.name '" + network.name() + "' is not supported";
      }
    }
  }
  return std::nullopt;
}

}  // namespace tepui::agent

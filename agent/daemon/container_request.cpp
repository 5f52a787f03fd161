#include "agent/daemon/container_request.hpp"

#include <cmath>

#include "agent/core/agent_core.hpp"

namespace tepui::agent {
namespace {

ContainerResources resources_of(const mesos::v1::TaskInfo& task) {
  ContainerResources resources;
  for (const auto& resource : task.resources()) {
    const double amount = resource.scalar().value();
    if (resource.name() == "cpus") {
      resources.cpus += amount;
    } else if (resource.name() == "mem") {
      resources.mem_mib += amount;
    } else if (resource.name() == "disk") {
      resources.disk_mib += amount;
    } else if (resource.name() == "gpus") {
      resources.gpus += amount;
    } else if (resource.name() == "ports") {
      for (const auto& range : resource.ranges().range()) resources.ports.emplace_back(range.begin(), range.end());
    } else if (resource.has_scalar()) {
      resources.others[resource.name()] += amount;
    }
  }
  return resources;
}

ContainerResources limits_of(const mesos::v1::TaskInfo& task) {
  ContainerResources limits;
  for (const auto& [name, scalar] : task.limits()) {
    const double amount = std::isinf(scalar.value()) ? -1 : scalar.value();
    if (name == "cpus") limits.cpus = amount;
    if (name == "mem") limits.mem_mib = amount;
  }
  return limits;
}

}  // namespace

ContainerConfig make_container_config(const LaunchContainer& launch, const std::string& agent_endpoint) {
  const auto& task = launch.task;
  ContainerConfig config;
  config.container_id = launch.container_id;
  config.agent_id = launch.agent_id.value();
  config.framework_id = launch.framework.id().value();
  config.executor_id = task.task_id().value();
  config.task_id = task.task_id().value();
  config.task_name = task.name();
  config.command.shell = task.command().shell();
  config.command.value = task.command().value();
  config.command.arguments.assign(task.command().arguments().begin(), task.command().arguments().end());
  for (const auto& variable : task.command().environment().variables()) {
    if (variable.has_value()) config.environment[variable.name()] = variable.value();
  }
  config.resources = resources_of(task);
  config.limits = limits_of(task);
  for (const auto& label : task.labels().labels()) config.labels[label.key()] = label.value();
  config.kill_grace = task.kill_policy().has_grace_period()
                          ? std::chrono::nanoseconds(task.kill_policy().grace_period().nanoseconds())
                          : std::chrono::nanoseconds(AgentCore::kDefaultKillGrace);
  config.agent_endpoint = agent_endpoint;
  if (launch.task.resources_size() > 0) config.allocation_role = launch.task.resources(0).allocation_info().role();
  config.checkpoint = launch.framework.checkpoint();
  return config;
}

}  // namespace tepui::agent

// The environment of a container's command. Nothing of the agent's own environment is inherited.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "agent/containerizer/container_config.hpp"

namespace tepui::agent {

using Environment = std::map<std::string, std::string>;

/// PATH when nobody sets one.
inline constexpr const char* kDefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The MESOS_* variables and LIBPROCESS_PORT that every executor and command task finds. Source: mesos.md 2.2; a command
/// task also finds MESOS_TASK_ID.
/// `sandbox`: on the host; without an image it is the path inside as well.
Environment executor_environment(const ContainerConfig& config, const std::string& sandbox);

/// Low to high: PATH's default, executor_environment, what isolators added, CommandInfo.environment.
Environment assemble_environment(const ContainerConfig& config, const std::string& sandbox,
                                 const Environment& from_isolators);

/// "K=V", sorted by name.
std::vector<std::string> format_environment(const Environment& environment);

}  // namespace tepui::agent

// From the wire's TaskInfo to the containerizer's plain ContainerConfig.
#pragma once

#include <string>

#include "agent/containerizer/container_config.hpp"
#include "agent/core/effect.hpp"

namespace tepui::agent {

/// Everything but `user`, which needs the host's accounts (task_user.hpp). agent_endpoint: "ip:port". Pure.
/// Limits that are infinite become negative: unlimited.
ContainerConfig make_container_config(const LaunchContainer& launch, const std::string& agent_endpoint);

}  // namespace tepui::agent

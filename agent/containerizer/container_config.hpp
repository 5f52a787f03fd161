// What the agent asks of the containerizer: one container, in plain values. No protobuf, no kernel words.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "lib/base/bytes.hpp"

namespace tepui::agent {

/// What runs. `shell`: `/bin/sh -c value`. Otherwise `value` is the program (looked up in PATH of the container's
/// environment when it has no slash) and `arguments` is its whole argv, argv[0] included; empty means {value}.
/// Source: Mesos CommandInfo (behaviour).
struct ContainerCommand {
  bool shell = true;
  std::string value;
  std::vector<std::string> arguments;
};

/// An amount of each resource; zero means none given. `limits` of a config use the same type, zero meaning "as requested"
/// and a negative `cpus` or `mem_mib` meaning unlimited.
struct ContainerResources {
  double cpus = 0;
  double mem_mib = 0;
  double disk_mib = 0;
  double gpus = 0;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> ports;  // begin and end, both included
  std::map<std::string, double> others;                        // scalars with names of the operator's
};

/// One container. Every id has passed check_id. Written by the agent, never changed by the containerizer.
struct ContainerConfig {
  std::string container_id;
  std::string agent_id;
  std::string framework_id;
  std::string executor_id;
  std::string task_id;  // empty for a container that runs an executor of its own
  std::string task_name;
  ContainerCommand command;
  /// CommandInfo.environment: wins over everything else that environment.hpp assembles.
  std::map<std::string, std::string> environment;
  /// Name of an account of this host, already chosen by choose_task_user (task_user.hpp). Never empty.
  std::string user;
  ContainerResources resources;
  ContainerResources limits;
  std::map<std::string, std::string> labels;
  /// Between SIGTERM and SIGKILL when kill() names none.
  std::chrono::nanoseconds kill_grace = std::chrono::seconds(3);

  // What MESOS_* variables say beside the ids (mesos.md 2.2).
  std::string agent_endpoint;   // "ip:port"
  std::string allocation_role;  // of the task's resources; empty: not told
  bool checkpoint = false;      // FrameworkInfo.checkpoint
};

}  // namespace tepui::agent

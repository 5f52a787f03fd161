// What the agent tells a module about a container, in plain values; container_abi.hpp turns it into the C structs.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace tepui::modules {

/// An amount of every resource; zero means none given. As limits zero means "as requested", kUnlimited no limit.
struct ResourceAmounts {
  static constexpr std::int64_t kUnlimited = -1;
  std::int64_t cpus_milli = 0;
  std::int64_t mem_bytes = 0;
  std::int64_t disk_bytes = 0;
  std::int64_t gpus_milli = 0;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> ports;  // begin and end, both included
  std::map<std::string, std::int64_t> others_milli;
};

struct VolumeRequest {
  std::string host_path;  // empty: below the sandbox
  std::string container_path;
  bool is_read_only = false;
};

/// One container. Descriptors are borrowed for the call.
struct ContainerView {
  std::string id;
  std::string parent_id;
  std::string agent_id;
  std::string framework_id;
  std::string executor_id;
  std::string task_id;
  std::string task_name;
  bool is_debug = false;
  std::string user;
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  int sandbox_fd = -1;
  int rootfs_fd = -1;
  std::string sandbox;
  std::string rootfs;
  int pid = 0;  // 0 before it has one; in recover: the container has ended
  std::map<std::string, std::string> labels;
  ResourceAmounts requests;
  ResourceAmounts limits;
  std::vector<std::string> networks;
  std::vector<VolumeRequest> volumes;
  std::string image_config;
};

}  // namespace tepui::modules

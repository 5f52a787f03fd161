// ContainerHost: what every container of one agent shares: options, isolators, launcher, cgroups, checkpoints.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/containerizer/container_checkpoints.hpp"
#include "launcher/launcher.hpp"
#include "lib/async/async.hpp"
#include "lib/async/blocking_pool.hpp"
#include "lib/async/task_group.hpp"
#include "lib/base/clock.hpp"
#include "lib/base/unique_fd.hpp"
#include "lib/linux/cgroup.hpp"
#include "lib/modules/isolator_set.hpp"

namespace tepui::agent {

/// The agent's flags as far as containers are concerned, and bounds of every wait.
struct ContainerizerOptions {
  std::string work_dir;     // --work-dir, absolute
  std::string runtime_dir;  // --runtime-dir, absolute, best on a tmpfs
  std::string cgroups_root = "tepui";
  std::string shim_path;    // the tepui-shim program
  /// Where the host's cgroups are; no value: looked up.
  std::optional<sys::CgroupLayout> cgroup_layout;
  /// For the shim's next word in a launch.
  std::chrono::milliseconds handshake_deadline = std::chrono::seconds(30);
  /// An isolator that is not ready yet (Unavailable) is asked again until then.
  std::chrono::milliseconds prepare_deadline = std::chrono::seconds(60);
  /// For the processes of a container to be gone after SIGKILL, and again for each cgroup to be removable.
  std::chrono::milliseconds destroy_deadline = std::chrono::seconds(60);
  /// A command that died of SIGKILL though nobody here sent it: how long an isolator may take to say why (memory).
  std::chrono::milliseconds limitation_grace = std::chrono::milliseconds(300);
};

/// [loop] Owned by LinuxContainerizer; outlives its containers.
struct ContainerHost {
  ContainerizerOptions options;
  const Clock& clock;
  Executor loop;
  BlockingPool& pool;
  TaskGroup& watchers;  // cancelled when the agent stops looking
  ContainerCheckpoints& checkpoints;
  modules::IsolatorSet& isolators;
  std::shared_ptr<const launcher::Launcher> launcher;
  std::shared_ptr<const sys::CgroupRoot> cgroups;
  /// The controller every container has a cgroup of, by which its processes are found and killed: "freezer" on v1.
  std::string tracking_controller;
  /// RUNTIME_DIR/containers.
  std::shared_ptr<const UniqueFd> runtime_root;
  std::string boot_id;
};

}  // namespace tepui::agent

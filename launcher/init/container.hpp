// What runs between clone and execve: the container's side of the handshake. Single threaded, no allocation, no C library
// beyond what the compiler itself asks for. The steps stand in their order in container.cpp; each lives in its own file.
#pragma once

#include "launcher/handshake.hpp"
#include "launcher/init/plan_view.hpp"

namespace tepui::launcher {

/// Internal descriptors lie above every number a container may inherit (kMaxContainerFd).
inline constexpr int kLowestInternalFd = 256;

/// Everything the child knows. Made by the shim before clone3; the child has its own copy.
struct Container {
  PlanView* plan = nullptr;
  int go_read = -1;       ///< a byte: go on; end of file: the agent is gone
  int go_write = -1;
  int report_read = -1;
  int report_write = -1;  ///< close-on-exec: FailureReport or end of file
  int status_read = -1;
  int status_write = -1;  ///< with our init: the command's wait status
  int root_tree = -1;     ///< detached clone of the root; -1: the host's own tree
  int root = -1;          ///< where targets are resolved; set by prepare_root
  FailureReport report;
};

/// Notes a failed step. Returns false always, so that a step can `return fail(…)`. outcome: -errno.
bool fail(Container& container, LaunchStep step, long outcome, const char* object);

/// The child after clone3: parks, applies the plan, executes. Never returns.
[[noreturn]] void run_container(Container& container);

// The steps, in order. Each returns false after fail().
bool join_namespaces(Container& container);
bool unshare_cgroup_namespace(Container& container);
bool set_hostname(Container& container);
bool prepare_root(Container& container);    // root.cpp
bool do_mounts(Container& container);       // mounts.cpp
bool make_devices(Container& container);    // devices.cpp
bool mask_paths(Container& container);      // root.cpp
bool protect_paths(Container& container);   // root.cpp
bool enter_root(Container& container);      // root.cpp
bool write_sysctls(Container& container);   // kernel_values.cpp
bool set_oom_score(Container& container);   // kernel_values.cpp
bool take_inherited_fds(Container& container);
bool set_rlimits(Container& container);     // identity.cpp
bool drop_bounding_set(Container& container);
bool set_groups(Container& container);
bool set_user(Container& container);
bool set_capabilities(Container& container);
bool set_no_new_privs(Container& container);
bool enter_working_directory(Container& container);
bool mark_fds(Container& container);
bool load_seccomp(Container& container);
/// Only returns when the command could not be executed, after fail().
void execute(Container& container);         // exec.cpp

/// Pid 1 of a pid namespace: reaps, forwards signals to the command's group, ends with it. Never returns.
[[noreturn]] void run_init(Container& container, int command);  // init.cpp

/// Opens `path` below `root` as the container would see it, without magic links. Returns a descriptor or -errno.
long open_in_container(int root, const char* path, int flags);
/// Applies MS_* bits and a propagation to a mount. Returns 0 or -errno.
long set_mount_attributes(int tree, std::uint64_t flags, std::uint64_t propagation, bool is_recursive);

}  // namespace tepui::launcher

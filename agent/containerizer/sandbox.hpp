// The sandbox: a task's own directory on the host, its output files, and the `latest` links beside it.
#pragma once

#include <string>

#include "agent/containerizer/container_config.hpp"
#include "lib/base/result.hpp"
#include "lib/base/unique_fd.hpp"
#include "lib/linux/user.hpp"

namespace tepui::agent {

/// "WORK_DIR/slaves/AGENT/frameworks/FRAMEWORK/executors/EXECUTOR/runs/CONTAINER". Pure.
/// Source: mesos.md 6.4 (layout that tools know).
std::string sandbox_path(const std::string& work_dir, const ContainerConfig& config);

/// Open while a container is launched.
struct Sandbox {
  std::string path;
  UniqueFd directory;
  UniqueFd standard_input;   // /dev/null
  UniqueFd standard_output;  // "stdout", append
  UniqueFd standard_error;   // "stderr", append
};

/// Makes the directory (mode 0700, the user's), `stdout` and `stderr` in it (0644, the user's) and the links
/// "slaves/latest" and "runs/latest". Every step goes by descriptor from the work directory and follows no symlink, for a
/// task may have been where the next one's sandbox goes. The folders above the sandbox are 0755 and the agent's.
/// Blocks. Errors: InvalidArgument (an id that is no file name), AlreadyExists (the container's directory is there),
/// ResourceExhausted (disk full), those of mkdirat, openat and fchown; each names the path.
Result<Sandbox> create_sandbox(const std::string& work_dir, const ContainerConfig& config, const sys::Account& user);

}  // namespace tepui::agent

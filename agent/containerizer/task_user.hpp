// TaskUser: whose account a container runs under, and which accounts are refused.
#pragma once

#include <string>
#include <string_view>

#include "lib/base/result.hpp"
#include "lib/linux/user.hpp"

namespace tepui::agent {

/// The agent's flags about it.
struct TaskUserPolicy {
  std::string default_user = "nobody";  // --default-task-user
  bool allow_root = false;              // --allow-root-tasks
};

/// The account for a task: CommandInfo.user, else FrameworkInfo.user, else the policy's default.
/// Blocks (name services may ask the network). Any thread.
/// Errors: NotFound (no such account), InvalidArgument (no name), PermissionDenied (uid or gid 0 without
/// --allow-root-tasks).
Result<sys::Account> choose_task_user(std::string_view command_user, std::string_view framework_user,
                                      const TaskUserPolicy& policy);

}  // namespace tepui::agent

// TaskUser: whose account a container runs under, and which accounts are refused.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "lib/base/result.hpp"

namespace tepui::agent {

/// The agent's flags about it.
struct TaskUserPolicy {
  std::string default_user = "nobody";  // --default-task-user
  bool allow_root = false;              // --allow-root-tasks
};

/// An account of this host as its databases tell it (`man 5 passwd`, `man 5 group`).
struct TaskUser {
  std::string name;
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;  // supplementary, without `gid`
};

/// The account for a task: CommandInfo.user, else FrameworkInfo.user, else the policy's default.
/// Blocks (name services may ask the network). Any thread.
/// Errors: NotFound (no such account), PermissionDenied (uid or gid 0 without --allow-root-tasks).
Result<TaskUser> choose_task_user(std::string_view command_user, std::string_view framework_user,
                                  const TaskUserPolicy& policy);

/// Looks `name` up. Blocks. Errors: NotFound.
Result<TaskUser> resolve_task_user(std::string_view name);

}  // namespace tepui::agent

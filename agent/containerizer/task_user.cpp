#include "agent/containerizer/task_user.hpp"

#include <fmt/format.h>

#include "lib/base/try.hpp"

namespace tepui::agent {

Result<sys::Account> choose_task_user(std::string_view command_user, std::string_view framework_user,
                                      const TaskUserPolicy& policy) {
  std::string_view name = command_user;
  if (name.empty()) name = framework_user;
  if (name.empty()) name = policy.default_user;
  auto found = sys::lookup_account(std::string(name));
  if (!found) {
    return found.error().with_hint("create the account on every agent, or name another with CommandInfo.user");
  }
  if ((found->uid == 0 || found->gid == 0) && !policy.allow_root) {
    return Error(ErrorCode::PermissionDenied,
                 fmt::format("run a task as user '{}' (uid {}, gid {})", name, found->uid, found->gid))
        .with_hint("name an unprivileged user, or start the agent with --allow-root-tasks");
  }
  if (found->name.empty()) found->name = std::string(name);  // a bare number without an account
  return found;
}

}  // namespace tepui::agent

#include "agent/containerizer/task_user.hpp"

#include <algorithm>
#include <cerrno>

#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>

#include "lib/base/try.hpp"

namespace tepui::agent {

Result<TaskUser> resolve_task_user(std::string_view name) {
  TaskUser user;
  user.name = std::string(name);
  if (user.name.find('\0') != std::string::npos) {
    return Error(ErrorCode::InvalidArgument, "look up a user with a NUL in its name");
  }
  std::vector<char> buffer(1024);
  passwd entry{};
  passwd* found = nullptr;
  int status = 0;
  while ((status = ::getpwnam_r(user.name.c_str(), &entry, buffer.data(), buffer.size(), &found)) == ERANGE &&
         buffer.size() < (1U << 20U)) {
    buffer.resize(buffer.size() * 2);
  }
  if (found == nullptr) {
    // 0 and several errno values all mean "no such name" (man 3 getpwnam, NOTES).
    Error missing(ErrorCode::NotFound, fmt::format("look up user '{}'", user.name), status);
    return missing.with_hint("create the account on every agent, or name another with CommandInfo.user");
  }
  user.uid = entry.pw_uid;
  user.gid = entry.pw_gid;
  int count = 32;
  std::vector<gid_t> groups(static_cast<std::size_t>(count));
  while (::getgrouplist(user.name.c_str(), user.gid, groups.data(), &count) < 0) {
    if (count > 65536) break;  // NGROUPS_MAX
    groups.resize(std::max<std::size_t>(static_cast<std::size_t>(count), groups.size() * 2));
    count = static_cast<int>(groups.size());
  }
  groups.resize(std::min(groups.size(), static_cast<std::size_t>(count)));
  std::erase(groups, user.gid);
  user.groups = std::move(groups);
  return user;
}

Result<TaskUser> choose_task_user(std::string_view command_user, std::string_view framework_user,
                                  const TaskUserPolicy& policy) {
  std::string_view name = command_user;
  if (name.empty()) name = framework_user;
  if (name.empty()) name = policy.default_user;
  TEPUI_ASSIGN(TaskUser user, resolve_task_user(name));
  if ((user.uid == 0 || user.gid == 0) && !policy.allow_root) {
    return Error(ErrorCode::PermissionDenied,
                 fmt::format("run a task as user '{}' (uid {}, gid {})", user.name, user.uid, user.gid))
        .with_hint("name an unprivileged user, or start the agent with --allow-root-tasks");
  }
  return user;
}

}  // namespace tepui::agent

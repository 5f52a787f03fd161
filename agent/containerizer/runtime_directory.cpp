#include "agent/containerizer/runtime_directory.hpp"

#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "lib/base/try.hpp"
#include "lib/linux/sys.hpp"

namespace tepui::agent {
namespace {

constexpr const char* kContainers = "containers";
constexpr mode_t kMode = 0755;

/// Who may write here may tell us any exit status.
Result<void> check_private(int directory, const std::string& path) {
  TEPUI_ASSIGN(const struct stat facts, sys::stat_fd(directory));
  if (facts.st_uid != ::geteuid()) {
    return Error(ErrorCode::PermissionDenied, fmt::format("use runtime directory '{}': it belongs to user {}, and this agent runs as user {}",
                                                          path, facts.st_uid, ::geteuid()))
        .with_hint("choose another --runtime-dir, or change its owner");
  }
  const bool is_open_to_group = (facts.st_mode & S_IWGRP) != 0 && facts.st_gid != ::getegid();
  const bool is_open_to_all = (facts.st_mode & S_IWOTH) != 0 && (facts.st_mode & S_ISVTX) == 0;
  if (is_open_to_group || is_open_to_all) {
    return Error(ErrorCode::PermissionDenied, fmt::format("use runtime directory '{}': others may write to it", path))
        .with_hint(fmt::format("chmod go-w '{}'", path));
  }
  return ok();
}

/// Also refuses a folder that the agent before removed while we waited to lock it.
Result<void> lock(int parent, int directory, const std::string& path) {
  const auto locked = sys::lock_exclusive(directory);
  if (!locked && locked.error().code() != ErrorCode::Unavailable) return locked.error();
  const auto named = sys::stat_at(parent, kContainers);
  TEPUI_ASSIGN(const struct stat held, sys::stat_fd(directory));
  if (!locked || !named || named->st_ino != held.st_ino) {
    return Error(ErrorCode::Unavailable, fmt::format("use runtime directory '{}': another agent uses it", path))
        .with_hint("give this agent a directory of its own by --runtime-dir");
  }
  return ok();
}

}  // namespace

Result<RuntimeDirectory> open_runtime_directory(const std::string& path) {
  const std::string context = fmt::format("open runtime directory '{}'", path);
  RuntimeDirectory opened;
  TEPUI_ASSIGN(const bool was_there, sys::exists_at(AT_FDCWD, path), context);
  opened.is_made_here = !was_there;
  TEPUI_TRY(sys::ensure_directories(path, kMode), context);
  TEPUI_ASSIGN(const UniqueFd outer, sys::open_directory_at(AT_FDCWD, path), context);
  TEPUI_TRY(check_private(outer.borrow(), path));
  const auto made = sys::make_directory_at(outer.borrow(), kContainers, kMode);
  if (!made && made.error().code() != ErrorCode::AlreadyExists) return made.error().wrap(context);
  TEPUI_ASSIGN(UniqueFd inner, sys::open_at(outer.borrow(), kContainers, O_RDONLY | O_DIRECTORY | O_NOFOLLOW), context);
  TEPUI_TRY(check_private(inner.borrow(), path + "/" + kContainers));
  TEPUI_TRY(lock(outer.borrow(), inner.borrow(), path));
  opened.containers = std::make_shared<const UniqueFd>(std::move(inner));
  return opened;
}

void remove_runtime_directory(const std::string& path, bool is_made_here) {
  static_cast<void>(sys::unlink_at(AT_FDCWD, path + "/" + kContainers, AT_REMOVEDIR));
  if (is_made_here) static_cast<void>(sys::unlink_at(AT_FDCWD, path, AT_REMOVEDIR));
}

}  // namespace tepui::agent

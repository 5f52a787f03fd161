#include "agent/checkpoint/work_directory.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "lib/base/try.hpp"
#include "lib/linux/sys.hpp"

namespace tepui::agent {

Result<WorkDirectory> WorkDirectory::open(const std::string& path) {
  const std::string context = "open work directory '" + path + "'";
  WorkDirectory opened;
  TEPUI_TRY(sys::ensure_directories(path, 0755), context);
  TEPUI_ASSIGN(opened.directory_, sys::open_directory_at(AT_FDCWD, path), context);
  TEPUI_ASSIGN(const struct stat facts, sys::stat_fd(opened.directory_.borrow()), context);
  if (facts.st_uid != ::geteuid()) {
    return Error(ErrorCode::PermissionDenied, context + ": it belongs to user " + std::to_string(facts.st_uid) +
                                                  ", and this agent runs as user " + std::to_string(::geteuid()))
        .with_hint("choose another --work-dir, or change its owner");
  }
  if ((facts.st_mode & S_IWOTH) != 0 && (facts.st_mode & S_ISVTX) == 0) {
    return Error(ErrorCode::PermissionDenied, context + ": everybody may write to it").with_hint("chmod o-w '" + path + "'");
  }
  if ((facts.st_mode & S_IWGRP) != 0 && facts.st_gid != ::getegid()) {
    return Error(ErrorCode::PermissionDenied, context + ": group " + std::to_string(facts.st_gid) + " may write to it")
        .with_hint("chmod g-w '" + path + "'");
  }
  TEPUI_ASSIGN(opened.path_, sys::read_link_at(AT_FDCWD, "/proc/self/fd/" + std::to_string(opened.directory_.borrow())),
               context);
  TEPUI_ASSIGN(opened.lock_, sys::open_at(opened.borrow(), "agent.lock", O_RDWR | O_CREAT | O_NOFOLLOW, 0600), context);
  const auto locked = sys::lock_exclusive(opened.lock_.borrow());
  if (!locked && locked.error().code() == ErrorCode::Unavailable) {
    return Error(ErrorCode::FailedPrecondition, context + ": another agent runs on it")
        .with_hint("stop that agent, or choose another --work-dir");
  }
  TEPUI_TRY(locked, context);
  return opened;
}

}  // namespace tepui::agent

// WorkDirectory: the agent's --work-dir, owned by this user and used by one agent at a time.
#pragma once

#include <string>

#include "lib/base/result.hpp"
#include "lib/base/unique_fd.hpp"

namespace tepui::agent {

/// Move only; the lock ends with it.
class WorkDirectory {
 public:
  /// Makes the directory if need be (mode 0755: tasks must pass through to their sandboxes) and takes its lock. [blocking]
  /// Errors: PermissionDenied (owned by another user, or writable for others), FailedPrecondition (another agent runs on
  /// it), NotFound, Internal and others as the system says; each names the path.
  static Result<WorkDirectory> open(const std::string& path);

  /// Absolute, without symlinks: sandbox paths begin with it.
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] int borrow() const { return directory_.borrow(); }

 private:
  WorkDirectory() = default;
  UniqueFd directory_;
  UniqueFd lock_;
  std::string path_;
};

}  // namespace tepui::agent

// RuntimeDirectory: where the state of running containers is kept, one folder each; best on a tmpfs. What is written there
// is believed (exit records), so that it belongs to this agent alone.
#pragma once

#include <memory>
#include <string>

#include "lib/base/result.hpp"
#include "lib/base/unique_fd.hpp"

namespace tepui::agent {

struct RuntimeDirectory {
  std::shared_ptr<const UniqueFd> containers;  ///< the folder of the containers' folders; locked while it is open
  bool is_made_here = false;                   ///< the directory was not there before
};

/// Makes it where it is missing, with its parents, and locks it: a second agent would take the containers for orphans.
/// Errors: PermissionDenied (it belongs to another user, or others may write to it), Unavailable (another agent uses it),
/// those of the system; each names the path.
Result<RuntimeDirectory> open_runtime_directory(const std::string& path);

/// Removes what open_runtime_directory made, where nothing is in it.
void remove_runtime_directory(const std::string& path, bool is_made_here);

}  // namespace tepui::agent

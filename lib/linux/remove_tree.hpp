// Removing a directory tree that strangers filled: by descriptors, following no symlink, leaving other mounts alone.
#pragma once

#include <cstdint>
#include <string>

#include "lib/base/result.hpp"

namespace tepui::sys {

/// Removes `name` (one component of `parent`) with everything below it. A symlink is unlinked, never followed; a mount
/// point below is not entered and not removed: that is an error at the end, after everything else is gone. What is gone
/// already is success. Depth is not bounded by the path's length. [pool]
/// Errors: FailedPrecondition (a mount point lies in the tree), those of openat, unlinkat.
/// Source: CVE-2024-23652 (a deletion that follows a path).
Result<void> remove_tree_at(int parent, const std::string& name);

/// Removes what is in the directory and leaves the directory.
Result<void> remove_contents(int directory);

/// Bytes of the regular files below (blocks in use, hard links counted once per name), without symlinks or other mounts.
Result<std::uint64_t> measure_tree(int directory);

}  // namespace tepui::sys

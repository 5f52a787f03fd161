// The mount table of a process, read from /proc/PID/mountinfo (man 5 proc_pid_mountinfo). Reading only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.hpp"

namespace tepui::sys {

/// One line. Octal escapes (\040) are undone.
struct MountInfo {
  std::uint64_t id = 0;
  std::uint64_t parent_id = 0;
  std::string root;           ///< the part of the file system that is mounted
  std::string target;         ///< the mount point, as the process sees it
  std::string options;        ///< per mount: "rw,relatime"
  std::vector<std::string> propagation;  ///< "shared:3", "master:1"; empty: private
  std::string fstype;
  std::string source;
  std::string super_options;  ///< per file system; v1 cgroups name their controllers here
};

/// Errors: DataLoss (a line of another shape, with its number).
Result<std::vector<MountInfo>> parse_mountinfo(std::string_view text);
Result<std::vector<MountInfo>> read_mountinfo(const std::string& path = "/proc/self/mountinfo");

}  // namespace tepui::sys

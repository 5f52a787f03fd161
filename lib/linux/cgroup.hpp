// Cgroup: one directory of the cgroup file system by descriptor, and CgroupRoot, which makes and finds them below one root.
// Two mirrored backends, cgroup1.cpp and cgroup2.cpp, stand behind the same calls. Mechanism only: the containerizer decides.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.hpp"
#include "lib/base/unique_fd.hpp"

namespace tepui::sys {

enum class CgroupVersion { V1 = 1, V2 = 2 };

/// A cgroup directory. Move only, keeps it open, removes nothing at its end.
class Cgroup {
 public:
  Cgroup() = default;
  Cgroup(CgroupVersion version, UniqueFd directory, std::string path)
      : version_(version), directory_(std::move(directory)), path_(std::move(path)) {}

  [[nodiscard]] explicit operator bool() const { return static_cast<bool>(directory_); }
  [[nodiscard]] CgroupVersion version() const { return version_; }
  /// The directory, borrowed: what an isolator gets for update and usage, and CLONE_INTO_CGROUP.
  [[nodiscard]] int directory() const { return directory_.borrow(); }
  /// The whole path, for messages and checkpoints.
  [[nodiscard]] const std::string& path() const { return path_; }

  /// Moves a whole process (cgroup.procs). On an idle host this waits 8-16 ms for RCU: never on the loop. [pool]
  /// Errors: NotFound (the process ended), FailedPrecondition (v2: EBUSY, inner processes).
  Result<void> attach(pid_t pid) const;
  /// Writes one setting. `file` is a plain name ("cpu.shares"). Errors: InvalidArgument (a slash in it, or the kernel's
  /// EINVAL), NotFound (no such file: the controller is not there).
  Result<void> write(const std::string& file, std::string_view value) const;
  /// The whole file without the closing newline.
  Result<std::string> read(const std::string& file) const;
  /// A file that is one number; "max" is UINT64_MAX. Errors: DataLoss (something else).
  Result<std::uint64_t> read_number(const std::string& file) const;
  /// A file of lines `key value` (cpu.stat, memory.stat, memory.events). Lines of another shape are skipped.
  Result<std::map<std::string, std::uint64_t>> read_keyed(const std::string& file) const;
  /// Processes in this very cgroup, as this pid namespace numbers them (0: from another one).
  Result<std::vector<pid_t>> pids() const;
  /// SIGKILL to everything here and below. v2: cgroup.kill. v1: rounds over cgroup.procs until none is left, by pidfd.
  /// Returns at once on v2; on v1 after at most `rounds` rounds. Zombies do not count.
  Result<void> kill_all(int rounds = 50) const;

 private:
  CgroupVersion version_ = CgroupVersion::V1;
  UniqueFd directory_;
  std::string path_;
};

/// Where a host's cgroups are. A test passes a temporary directory (FakeCgroupfs).
struct CgroupLayout {
  CgroupVersion version = CgroupVersion::V1;
  /// v1: controller -> mount point ("memory" -> "/sys/fs/cgroup/memory"). v2: empty key -> the one mount point.
  std::map<std::string, std::string> mounts;
  /// v2: what cgroup.controllers offers. v1: the keys of `mounts`.
  std::vector<std::string> controllers;
};

/// Reads which hierarchies are mounted. v1 wins as soon as one of cpu, memory, pids is bound there (a hybrid host's v2 is
/// empty). Errors: NotFound (no cgroup file system).
/// Source: cgroups.rst, cgroup-v2.rst; /proc/self/mountinfo.
Result<CgroupLayout> detect_cgroups(const std::string& mountinfo = "/proc/self/mountinfo");

/// The agent's own root in every hierarchy. Nothing outside it is ever touched.
class CgroupRoot {
 public:
  /// root: one relative path, default "tepui". It is made (ensure) in the hierarchies named by `controllers`; on v2 the
  /// controllers are enabled for children. Errors: NotFound (controller not mounted), PermissionDenied; each with path.
  static Result<CgroupRoot> create(CgroupLayout layout, std::string root, const std::vector<std::string>& controllers);

  [[nodiscard]] CgroupVersion version() const { return layout_.version; }
  [[nodiscard]] const CgroupLayout& layout() const { return layout_; }
  [[nodiscard]] const std::string& root() const { return root_; }
  [[nodiscard]] bool has_controller(const std::string& controller) const;

  /// Makes `name` (relative to the root, one component) in the controller's hierarchy. v2: the same directory for every
  /// controller. Idempotent: one that exists is opened. v1 cpuset: cpus and mems are taken over from the parent.
  Result<Cgroup> create_cgroup(const std::string& controller, const std::string& name) const;
  /// Errors: NotFound.
  Result<Cgroup> open_cgroup(const std::string& controller, const std::string& name) const;
  /// Names of the cgroups directly below the root in that hierarchy: for finding orphans.
  Result<std::vector<std::string>> list(const std::string& controller) const;
  /// Kills what is inside and removes the cgroup with everything below it; one that is gone is success. EBUSY is tried again with
  /// pauses until `timeout`: a zombie or a dying process holds it. [pool] Errors: DeadlineExceeded, those of rmdir.
  Result<void> remove(const std::string& controller, const std::string& name, std::chrono::milliseconds timeout) const;
  /// Removes the root itself where it is empty (tests, `tepui local`).
  Result<void> remove_root(std::chrono::milliseconds timeout) const;

 private:
  CgroupRoot() = default;
  [[nodiscard]] Result<std::string> path_of(const std::string& controller, const std::string& name) const;
  CgroupLayout layout_;
  std::string root_;
  std::vector<std::string> controllers_;
};

}  // namespace tepui::sys

#include "lib/linux/cgroup.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <thread>

#include <fmt/format.h>

#include "lib/base/try.hpp"
#include "lib/linux/cgroup1.hpp"
#include "lib/linux/cgroup2.hpp"
#include "lib/linux/mountinfo.hpp"
#include "lib/linux/sys.hpp"

namespace tepui::sys {
namespace {

Result<void> check_name(const char* what, const std::string& name) {
  if (!name.empty() && name != "." && name != ".." && name.find('/') == std::string::npos &&
      name.find('\0') == std::string::npos) {
    return ok();
  }
  return Error(ErrorCode::InvalidArgument, fmt::format("use {} name \"{}\"", what, name));
}

Result<void> check_root(const std::string& root) {
  std::size_t at = 0;
  while (at <= root.size()) {
    const std::size_t end = std::min(root.find('/', at), root.size());
    TEPUI_TRY(check_name("cgroup root", root.substr(at, end - at)), fmt::format("use cgroup root \"{}\"", root));
    at = end + 1;
  }
  return ok();
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::size_t end = text.find(separator);
    if (end != 0) words.emplace_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return words;
}

/// Removes a cgroup's directory and those below it: rmdir only, since the files in them are the kernel's.
Result<void> remove_directories(int parent, const std::string& name, int depth) {
  constexpr int kMaxDepth = 16;
  auto directory = open_directory_at(parent, name);
  if (!directory && directory.error().code() == ErrorCode::NotFound) return ok();
  if (!directory) return directory.error();
  if (depth < kMaxDepth) {
    TEPUI_ASSIGN(const std::vector<std::string> names, list_directory(directory->borrow()));
    for (const std::string& child : names) {
      auto facts = stat_at(directory->borrow(), child);
      if (!facts || !S_ISDIR(facts->st_mode)) continue;
      TEPUI_TRY(remove_directories(directory->borrow(), child, depth + 1));
    }
  }
  auto removed = unlink_at(parent, name, AT_REMOVEDIR);
  if (!removed && removed.error().sys_errno() == ENOENT) return ok();
  return removed;
}

/// rmdir says EBUSY while a dying process is still charged: again, with growing pauses, until the deadline.
Result<void> remove_with_patience(int parent, const std::string& name, const std::string& path,
                                  std::chrono::milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  auto pause = std::chrono::milliseconds(1);
  while (true) {
    auto removed = remove_directories(parent, name, 0);
    if (removed) return ok();
    if (removed.error().sys_errno() != EBUSY) {
      return removed.error().wrap(fmt::format("remove cgroup \"{}\"", path));
    }
    if (std::chrono::steady_clock::now() >= deadline) {
      return Error(ErrorCode::DeadlineExceeded, fmt::format("remove cgroup \"{}\"", path), EBUSY);
    }
    std::this_thread::sleep_for(pause);
    pause = std::min(pause * 2, std::chrono::milliseconds(50));
  }
}

}  // namespace

Result<void> Cgroup::attach(pid_t pid) const {
  return write("cgroup.procs", fmt::format("{}", pid));
}

Result<void> Cgroup::write(const std::string& file, std::string_view value) const {
  TEPUI_TRY(check_name("cgroup file", file));
  TEPUI_TRY(write_kernel_file_at(directory(), file, value), fmt::format("set \"{}\" in cgroup \"{}\"", value, path_));
  return ok();
}

Result<std::string> Cgroup::read(const std::string& file) const {
  TEPUI_TRY(check_name("cgroup file", file));
  TEPUI_ASSIGN(std::string text, read_file_at(directory(), file), fmt::format("read in cgroup \"{}\"", path_));
  if (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

Result<std::uint64_t> Cgroup::read_number(const std::string& file) const {
  TEPUI_ASSIGN(const std::string text, read(file));
  if (text == "max") return std::numeric_limits<std::uint64_t>::max();
  std::uint64_t number = 0;
  const auto outcome = std::from_chars(text.data(), text.data() + text.size(), number);
  if (outcome.ec == std::errc{} && outcome.ptr == text.data() + text.size()) return number;
  return Error(ErrorCode::DataLoss, fmt::format("read \"{}\" in cgroup \"{}\": \"{}\" is no number", file, path_, text));
}

Result<std::map<std::string, std::uint64_t>> Cgroup::read_keyed(const std::string& file) const {
  TEPUI_ASSIGN(const std::string text, read(file));
  std::map<std::string, std::uint64_t> values;
  for (const std::string& line : split(text, '\n')) {
    const std::size_t space = line.find(' ');
    if (space == std::string::npos) continue;
    std::uint64_t number = 0;
    const auto outcome = std::from_chars(line.data() + space + 1, line.data() + line.size(), number);
    if (outcome.ec == std::errc{} && outcome.ptr == line.data() + line.size()) values[line.substr(0, space)] = number;
  }
  return values;
}

Result<std::vector<pid_t>> Cgroup::pids() const {
  TEPUI_ASSIGN(const std::string text, read("cgroup.procs"));
  std::vector<pid_t> pids;
  for (const std::string& line : split(text, '\n')) {
    pid_t pid = 0;
    const auto outcome = std::from_chars(line.data(), line.data() + line.size(), pid);
    if (outcome.ec == std::errc{}) pids.push_back(pid);
  }
  return pids;
}

Result<void> Cgroup::kill_all(int rounds) const {
  return version_ == CgroupVersion::V1 ? cgroup1::kill_all(*this, rounds) : cgroup2::kill_all(*this, rounds);
}

Result<CgroupLayout> detect_cgroups(const std::string& mountinfo) {
  static const std::vector<std::string> kKnown = {"cpu",     "cpuacct", "cpuset",   "memory", "devices",
                                                  "freezer", "blkio",   "pids",     "net_cls", "net_prio",
                                                  "hugetlb", "perf_event", "rdma"};
  TEPUI_ASSIGN(const std::vector<MountInfo> mounts, read_mountinfo(mountinfo));
  CgroupLayout v1{.version = CgroupVersion::V1, .mounts = {}, .controllers = {}};
  std::string v2_mount;
  for (const MountInfo& mount : mounts) {
    // A mount of a part of the hierarchy (root other than "/") is a container's view of it, which serves as well.
    if (mount.fstype == "cgroup2" && v2_mount.empty()) v2_mount = mount.target;
    if (mount.fstype != "cgroup") continue;
    for (const std::string& option : split(mount.super_options, ',')) {
      if (std::find(kKnown.begin(), kKnown.end(), option) == kKnown.end()) continue;
      if (v1.mounts.emplace(option, mount.target).second) v1.controllers.push_back(option);
    }
  }
  if (v1.mounts.contains("cpu") || v1.mounts.contains("memory") || v1.mounts.contains("pids")) return v1;
  if (v2_mount.empty()) {
    return Error(ErrorCode::NotFound, fmt::format("find a cgroup file system in \"{}\"", mountinfo))
        .with_hint("mount one: mount -t cgroup2 none /sys/fs/cgroup");
  }
  CgroupLayout v2{.version = CgroupVersion::V2, .mounts = {{"", v2_mount}}, .controllers = {}};
  TEPUI_ASSIGN(const std::string offered, read_file(v2_mount + "/cgroup.controllers"));
  v2.controllers = split(offered.substr(0, offered.find('\n')), ' ');
  return v2;
}

Result<CgroupRoot> CgroupRoot::create(CgroupLayout layout, std::string root,
                                      const std::vector<std::string>& controllers) {
  TEPUI_TRY(check_root(root));
  TEPUI_TRY(layout.version == CgroupVersion::V1 ? cgroup1::ensure_root(layout, root, controllers)
                                                : cgroup2::ensure_root(layout, root, controllers));
  CgroupRoot made;
  made.layout_ = std::move(layout);
  made.root_ = std::move(root);
  made.controllers_ = controllers;
  return made;
}

bool CgroupRoot::has_controller(const std::string& controller) const {
  return std::find(controllers_.begin(), controllers_.end(), controller) != controllers_.end();
}

Result<std::string> CgroupRoot::path_of(const std::string& controller, const std::string& name) const {
  TEPUI_TRY(check_name("cgroup", name));
  if (!controller.empty() && !has_controller(controller)) {
    return Error(ErrorCode::NotFound, fmt::format("find cgroup controller \"{}\" below root \"{}\"", controller, root_));
  }
  TEPUI_ASSIGN(const std::string hierarchy, version() == CgroupVersion::V1
                                                ? cgroup1::hierarchy_of(layout_, controller)
                                                : cgroup2::hierarchy_of(layout_, controller));
  return fmt::format("{}/{}/{}", hierarchy, root_, name);
}

Result<Cgroup> CgroupRoot::create_cgroup(const std::string& controller, const std::string& name) const {
  TEPUI_ASSIGN(const std::string path, path_of(controller, name));
  auto made = make_directory_at(AT_FDCWD, path, 0755);
  if (!made && made.error().sys_errno() != EEXIST) return made.error().wrap(fmt::format("make cgroup \"{}\"", path));
  const std::string parent = path.substr(0, path.rfind('/'));
  TEPUI_TRY(version() == CgroupVersion::V1 ? cgroup1::prepare_new(controller, parent, path)
                                           : cgroup2::prepare_new(controller, parent, path));
  return open_cgroup(controller, name);
}

Result<Cgroup> CgroupRoot::open_cgroup(const std::string& controller, const std::string& name) const {
  TEPUI_ASSIGN(std::string path, path_of(controller, name));
  TEPUI_ASSIGN(UniqueFd directory, open_directory_at(AT_FDCWD, path), fmt::format("open cgroup \"{}\"", path));
  return Cgroup(version(), std::move(directory), std::move(path));
}

Result<std::vector<std::string>> CgroupRoot::list(const std::string& controller) const {
  TEPUI_ASSIGN(std::string path, path_of(controller, "x"));
  path.resize(path.size() - 2);
  TEPUI_ASSIGN(const UniqueFd directory, open_directory_at(AT_FDCWD, path));
  TEPUI_ASSIGN(const std::vector<std::string> names, list_directory(directory.borrow()));
  std::vector<std::string> cgroups;
  for (const std::string& name : names) {
    auto facts = stat_at(directory.borrow(), name);
    if (facts && S_ISDIR(facts->st_mode)) cgroups.push_back(name);
  }
  return cgroups;
}

Result<void> CgroupRoot::remove(const std::string& controller, const std::string& name,
                                std::chrono::milliseconds timeout) const {
  auto cgroup = open_cgroup(controller, name);
  if (!cgroup && cgroup.error().sys_errno() == ENOENT) return ok();
  if (!cgroup) return cgroup.error();
  TEPUI_TRY(cgroup->kill_all());
  const std::string& path = cgroup->path();
  TEPUI_ASSIGN(const UniqueFd parent, open_directory_at(AT_FDCWD, path.substr(0, path.rfind('/'))));
  return remove_with_patience(parent.borrow(), name, path, timeout);
}

Result<void> CgroupRoot::remove_root(std::chrono::milliseconds timeout) const {
  std::vector<std::string> names = controllers_;
  if (version() == CgroupVersion::V2) names = {""};
  const std::string first = root_.substr(0, root_.find('/'));
  for (const std::string& controller : names) {
    TEPUI_ASSIGN(const std::string below, path_of(controller, "x"));
    const std::string hierarchy = below.substr(0, below.size() - root_.size() - 3);
    // Only directories of our own path, from the leaf up; one that others use as well stays (ENOTEMPTY, EBUSY).
    std::string path = hierarchy + "/" + root_;
    while (path.size() > hierarchy.size()) {
      const std::string parent = path.substr(0, path.rfind('/'));
      TEPUI_ASSIGN(const UniqueFd directory, open_directory_at(AT_FDCWD, parent));
      auto removed = unlink_at(directory.borrow(), path.substr(parent.size() + 1), AT_REMOVEDIR);
      const int reason = removed ? 0 : removed.error().sys_errno();
      if (reason == EBUSY || reason == ENOTEMPTY) {
        if (path != hierarchy + "/" + root_) break;
        TEPUI_TRY(remove_with_patience(directory.borrow(), path.substr(parent.size() + 1), path, timeout));
      } else if (reason != 0 && reason != ENOENT) {
        return removed.error();
      }
      path = parent;
    }
  }
  return ok();
}

}  // namespace tepui::sys

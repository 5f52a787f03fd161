#include "lib/linux/cgroup1.hpp"

#include <signal.h>

#include <chrono>
#include <thread>

#include <fmt/format.h>

#include "lib/base/try.hpp"
#include "lib/linux/process.hpp"
#include "lib/linux/sys.hpp"

namespace tepui::sys::cgroup1 {
namespace {

/// An empty cpuset admits nobody: a new one takes what its parent has (cpusets.rst).
Result<void> inherit_cpuset(const std::string& parent, const std::string& directory) {
  for (const char* file : {"cpuset.cpus", "cpuset.mems"}) {
    TEPUI_ASSIGN(const std::string own, read_file(fmt::format("{}/{}", directory, file)));
    if (own.find_first_not_of(" \n") != std::string::npos) continue;
    TEPUI_ASSIGN(const std::string value, read_file(fmt::format("{}/{}", parent, file)));
    TEPUI_TRY(write_kernel_file_at(AT_FDCWD, fmt::format("{}/{}", directory, file), value));
  }
  return ok();
}

/// Sends SIGKILL to each process here and below; says whether anything alive was met.
Result<bool> kill_round(int directory, int depth) {
  constexpr int kMaxDepth = 16;
  bool met = false;
  TEPUI_ASSIGN(const std::string text, read_file_at(directory, "cgroup.procs"));
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const auto pid = static_cast<pid_t>(std::strtol(text.c_str() + at, nullptr, 10));
    at = end + 1;
    if (pid <= 0) continue;
    auto pidfd = pidfd_open(pid);
    if (!pidfd) continue;  // it ended by itself
    auto ended = has_ended(pidfd->borrow());
    if (ended && *ended) continue;  // a zombie; somebody else must reap it
    // The pid may have become another process's since it was read: look again while the pidfd holds it.
    TEPUI_ASSIGN(const std::string again, read_file_at(directory, "cgroup.procs"));
    if (("\n" + again).find(fmt::format("\n{}\n", pid)) == std::string::npos) continue;
    static_cast<void>(pidfd_signal(pidfd->borrow(), SIGKILL));
    met = true;
  }
  if (depth >= kMaxDepth) return met;
  TEPUI_ASSIGN(const std::vector<std::string> names, list_directory(directory));
  for (const std::string& name : names) {
    auto child = open_directory_at(directory, name);
    if (!child) continue;  // a file of the kernel's, or gone
    TEPUI_ASSIGN(const bool met_below, kill_round(child->borrow(), depth + 1));
    met = met || met_below;
  }
  return met;
}

}  // namespace

Result<std::string> hierarchy_of(const CgroupLayout& layout, const std::string& controller) {
  const auto found = layout.mounts.find(controller);
  if (found == layout.mounts.end()) {
    return Error(ErrorCode::NotFound, fmt::format("find cgroup controller \"{}\": not mounted", controller));
  }
  return found->second;
}

Result<void> ensure_root(const CgroupLayout& layout, const std::string& root,
                         const std::vector<std::string>& controllers) {
  for (const std::string& controller : controllers) {
    TEPUI_ASSIGN(const std::string hierarchy, hierarchy_of(layout, controller));
    const std::string path = fmt::format("{}/{}", hierarchy, root);
    TEPUI_TRY(ensure_directories(path, 0755), fmt::format("make cgroup \"{}\"", path));
    if (controller == "cpuset") {
      TEPUI_TRY(inherit_cpuset(path.substr(0, path.rfind('/')), path));
    }
  }
  return ok();
}

Result<void> prepare_new(const std::string& controller, const std::string& parent, const std::string& directory) {
  if (controller != "cpuset") return ok();
  return inherit_cpuset(parent, directory);
}

Result<void> kill_all(const Cgroup& cgroup, int rounds) {
  // A process that forks between reading and killing needs another round; killed ones leave cgroup.procs when they are
  // gone, not when they are signalled, hence the pause.
  for (int round = 0; round < rounds; ++round) {
    auto met = kill_round(cgroup.directory(), 0);
    if (!met && met.error().sys_errno() == ENODEV) return ok();  // removed beside us
    if (!met) return met.error().wrap(fmt::format("kill cgroup \"{}\"", cgroup.path()));
    if (!*met) return ok();
    std::this_thread::sleep_for(std::chrono::milliseconds(round < 10 ? 1 : 10));
  }
  return Error(ErrorCode::DeadlineExceeded, fmt::format("kill cgroup \"{}\": processes left", cgroup.path()));
}

}  // namespace tepui::sys::cgroup1

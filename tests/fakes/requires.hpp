// TEPUI_REQUIRES(root, netns, cgroup1("memory")): a test says what it needs of the machine, in code. What is missing
// skips the test as "needs NAME: reason". tools/reference_machine.txt lists the needs that may never be missing where
// CI runs.
#pragma once

#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <initializer_list>
#include <sstream>
#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace tepui::needs {

/// One thing a machine may lack. `missing` returns why it is missing, or an empty text.
struct Need {
  std::string name;
  std::function<std::string()> missing;
};

namespace detail {

inline std::string unshare_fails(int flags) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(::unshare(flags) == 0 ? 0 : errno);
  int status = 0;
  if (child < 0 || ::waitpid(child, &status, 0) != child || !WIFEXITED(status)) return "fork failed";
  return WEXITSTATUS(status) == 0 ? "" : std::string("unshare: ") + std::strerror(WEXITSTATUS(status));
}

/// The mount point of the first cgroup file system of `type` whose super options name `controller` (any when empty).
inline std::string cgroup_mount(const std::string& type, const std::string& controller) {
  std::ifstream mounts("/proc/self/mountinfo");
  for (std::string line; std::getline(mounts, line);) {
    const auto dash = line.find(" - " + type + " ");
    if (dash == std::string::npos) continue;
    std::istringstream left(line.substr(0, dash));
    std::string skipped;
    std::string point;
    left >> skipped >> skipped >> skipped >> skipped >> point;
    std::istringstream options(line.substr(line.find_last_of(' ') + 1));
    for (std::string option; std::getline(options, option, ',');) {
      if (controller.empty() || option == controller) return point;
    }
  }
  return {};
}

inline std::string cannot_make_group(const std::string& mount_point) {
  const std::string probe = mount_point + "/tepui-needs-" + std::to_string(::getpid());
  if (::mkdir(probe.c_str(), 0755) != 0) return "mkdir " + probe + ": " + std::strerror(errno);
  ::rmdir(probe.c_str());
  return {};
}

}  // namespace detail

inline const Need root{"root", [] { return ::geteuid() == 0 ? std::string() : std::string("not running as root"); }};
inline const Need netns{"netns", [] { return detail::unshare_fails(CLONE_NEWNET); }};
inline const Need mntns{"mntns", [] { return detail::unshare_fails(CLONE_NEWNS); }};
inline const Need pidns{"pidns", [] { return detail::unshare_fails(CLONE_NEWPID); }};
inline const Need userns{"userns", [] { return detail::unshare_fails(CLONE_NEWUSER); }};
inline const Need seccomp{"seccomp", [] {
                            return ::access("/proc/sys/kernel/seccomp/actions_avail", F_OK) == 0
                                       ? std::string()
                                       : std::string("no /proc/sys/kernel/seccomp");
                          }};
/// The guest lane: Debian's stock kernel with every cgroup v2 controller, where anything may be broken and reset.
inline const Need guest{
    "guest",
    [] { return std::getenv("TEPUI_GUEST") != nullptr ? std::string() : std::string("not inside the guest lane"); }};

/// A v1 hierarchy with `controller` in which a group can be made.
inline Need cgroup1(std::string controller) {
  const std::string name = "cgroup1(" + controller + ")";
  return {name, [controller = std::move(controller)]() -> std::string {
            const std::string point = detail::cgroup_mount("cgroup", controller);
            return point.empty() ? "no cgroup v1 hierarchy holds " + controller : detail::cannot_make_group(point);
          }};
}

/// The v2 hierarchy offers `controller` at its root, and a group can be made; "" asks for a v2 mount alone.
inline Need cgroup2(std::string controller = "") {
  const std::string name = "cgroup2(" + controller + ")";
  return {name, [controller = std::move(controller)]() -> std::string {
            const std::string point = detail::cgroup_mount("cgroup2", "");
            if (point.empty()) return "cgroup2 is not mounted";
            std::ifstream offered(point + "/cgroup.controllers");
            bool is_offered = controller.empty();
            for (std::string word; offered >> word;) is_offered = is_offered || word == controller;
            return is_offered ? detail::cannot_make_group(point) : point + "/cgroup.controllers has no " + controller;
          }};
}

/// `name` is found on PATH and may be executed.
inline Need program(std::string name) {
  const std::string need = "program(" + name + ")";
  return {need, [name = std::move(name)]() -> std::string {
            const char* path = std::getenv("PATH");
            std::istringstream folders(path != nullptr ? path : "/usr/bin:/bin");
            for (std::string folder; std::getline(folders, folder, ':');) {
              if (::access((folder + "/" + name).c_str(), X_OK) == 0) return {};
            }
            return name + " is not on PATH";
          }};
}

/// "needs NAME: reason" of the first that is missing; empty when all are there.
inline std::string first_missing(std::initializer_list<Need> needs) {
  for (const Need& need : needs) {
    if (const std::string reason = need.missing(); !reason.empty()) return "needs " + need.name + ": " + reason;
  }
  return {};
}

}  // namespace tepui::needs

/// First statement of a TEST body or of SetUp(): skips the test, naming the first need that this machine lacks.
#define TEPUI_REQUIRES(...)                                                            \
  do {                                                                                 \
    using namespace ::tepui::needs; /* NOLINT: the needs are the macro's vocabulary */ \
    const std::string tepui_missing = ::tepui::needs::first_missing({__VA_ARGS__});    \
    if (!tepui_missing.empty()) GTEST_SKIP() << tepui_missing;                         \
  } while (false)

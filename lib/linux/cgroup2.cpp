#include "lib/linux/cgroup2.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "lib/base/try.hpp"
#include "lib/linux/sys.hpp"

namespace tepui::sys::cgroup2 {
namespace {

/// Lets children of `directory` use `controllers` (cgroup-v2.rst "cgroup.subtree_control").
Result<void> enable_for_children(const std::string& directory, const std::vector<std::string>& controllers) {
  std::string words;
  for (const std::string& controller : controllers) words += fmt::format("{}+{}", words.empty() ? "" : " ", controller);
  if (words.empty()) return ok();
  auto written = write_kernel_file_at(AT_FDCWD, directory + "/cgroup.subtree_control", words);
  if (!written && written.error().sys_errno() == EBUSY) {
    return written.error().with_hint("processes sit in that cgroup itself; move them into a leaf");
  }
  return written;
}

}  // namespace

Result<std::string> hierarchy_of(const CgroupLayout& layout, const std::string& controller) {
  const auto mount = layout.mounts.find("");
  const bool offered =
      std::find(layout.controllers.begin(), layout.controllers.end(), controller) != layout.controllers.end();
  // The empty controller names the hierarchy itself: cgroup.freeze, cgroup.kill and cgroup.events need no controller.
  if (mount == layout.mounts.end() || (!offered && !controller.empty())) {
    return Error(ErrorCode::NotFound, fmt::format("find cgroup controller \"{}\": not offered", controller));
  }
  return mount->second;
}

Result<void> ensure_root(const CgroupLayout& layout, const std::string& root,
                         const std::vector<std::string>& controllers) {
  for (const std::string& controller : controllers) {
    TEPUI_TRY(hierarchy_of(layout, controller));
  }
  TEPUI_ASSIGN(const std::string hierarchy, hierarchy_of(layout, ""));
  // Every directory from the hierarchy's top down to our root has to pass the controllers on.
  std::string path = hierarchy;
  std::string rest = root + "/";
  while (true) {
    TEPUI_TRY(enable_for_children(path, controllers), fmt::format("enable controllers in \"{}\"", path));
    const std::size_t slash = rest.find('/');
    if (slash == std::string::npos) return ok();
    path += "/" + rest.substr(0, slash);
    rest = rest.substr(slash + 1);
    TEPUI_TRY(ensure_directories(path, 0755), fmt::format("make cgroup \"{}\"", path));
    if (rest.empty()) {
      TEPUI_TRY(enable_for_children(path, controllers), fmt::format("enable controllers in \"{}\"", path));
      return ok();
    }
  }
}

Result<void> prepare_new(const std::string&, const std::string&, const std::string&) { return ok(); }

Result<void> kill_all(const Cgroup& cgroup, int) {
  auto written = write_kernel_file_at(cgroup.directory(), "cgroup.kill", "1");
  if (!written) return written.error().wrap(fmt::format("kill cgroup \"{}\"", cgroup.path()));
  return ok();
}

}  // namespace tepui::sys::cgroup2

#include <sys/mount.h>

#include <cerrno>

#include "launcher/init/words.hpp"
#include "launcher/shim/shim.hpp"
#include "lib/linux/raw_sys.hpp"

namespace tepui::launcher {
namespace {

/// A detached clone of a path or of a plan's descriptor. Returns a descriptor or -errno.
long clone_tree(Text path, std::uint32_t fd, bool is_recursive) {
  const unsigned recursive = is_recursive ? AT_RECURSIVE : 0U;
  if (fd == PlanView::kNone) return raw::open_tree(AT_FDCWD, path.data, OPEN_TREE_CLONE | recursive);
  return raw::open_tree(kFirstPlanFd + static_cast<int>(fd), "", OPEN_TREE_CLONE | AT_EMPTY_PATH | recursive);
}

const char* object_of(Text path) { return path.is_empty() ? "descriptor" : path.data; }

/// Moves an internal descriptor above those a container may have.
long lift(long fd) {
  if (fd < 0 || fd >= kLowestInternalFd) return fd;
  const long lifted = raw::fcntl(static_cast<int>(fd), F_DUPFD_CLOEXEC, kLowestInternalFd);
  raw::close(static_cast<int>(fd));
  return lifted;
}

}  // namespace

bool open_sources(Container& container) {
  PlanView& plan = *container.plan;
  if (!plan.root.path.is_empty() || plan.root.fd != PlanView::kNone) {
    const long tree = lift(clone_tree(plan.root.path, plan.root.fd, true));
    if (tree < 0) return fail(container, LaunchStep::OpenRoot, tree, object_of(plan.root.path));
    container.root_tree = static_cast<int>(tree);
    const long outcome =
        set_mount_attributes(container.root_tree, plan.root.is_readonly ? MS_RDONLY : 0, MS_PRIVATE, true);
    if (outcome < 0) return fail(container, LaunchStep::OpenRoot, outcome, object_of(plan.root.path));
  }
  for (auto& mount : plan.mounts) {
    if ((mount.flags & MS_BIND) == 0) continue;
    const bool is_recursive = (mount.flags & MS_REC) != 0;
    const long tree = lift(clone_tree(mount.source, mount.source_fd, is_recursive));
    // The target says more than a descriptor's number where there is no path.
    const char* object = mount.source.is_empty() ? mount.target.data : mount.source.data;
    if (tree < 0) return fail(container, LaunchStep::OpenMountSource, tree, object);
    mount.tree = static_cast<int>(tree);
    const std::uint64_t propagation = mount.propagation == 0 ? std::uint64_t{MS_PRIVATE} : mount.propagation;
    const long outcome = set_mount_attributes(mount.tree, mount.flags, propagation, is_recursive);
    if (outcome < 0) return fail(container, LaunchStep::OpenMountSource, outcome, object);
  }
  return true;
}

}  // namespace tepui::launcher

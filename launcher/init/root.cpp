// The container's root: attached, its paths masked and protected, entered by pivot_root.
#include <linux/magic.h>
#include <sys/mount.h>
#include <sys/sysmacros.h>

#include <cerrno>

#include "launcher/init/container.hpp"
#include "launcher/init/words.hpp"
#include "lib/linux/raw_sys.hpp"

namespace tepui::launcher {
namespace {

bool has_own_mounts(const Container& container) {
  return (container.plan->new_namespaces() & CLONE_NEWNS) != 0;
}

bool is_missing(long outcome) { return outcome == -ENOENT || outcome == -ENOTDIR; }

/// The host's /dev/null, and nothing that calls itself so (CVE-2025-31133). Returns a descriptor or -errno.
long open_null_device() {
  const long fd = raw::openat2(AT_FDCWD, "/dev/null", O_PATH, RESOLVE_NO_SYMLINKS);
  if (fd < 0) return fd;
  struct stat facts {};
  const long outcome = raw::fstat(static_cast<int>(fd), &facts);
  if (outcome < 0) return outcome;
  if (!S_ISCHR(facts.st_mode) || major(facts.st_rdev) != 1 || minor(facts.st_rdev) != 3) return -ENODEV;
  return fd;
}

/// An empty read-only tmpfs over a directory. Returns 0 or -errno.
long mask_directory(int target) {
  const long context = raw::fsopen("tmpfs");
  if (context < 0) return context;
  const int fd = static_cast<int>(context);
  raw::fsconfig(fd, FSCONFIG_SET_STRING, "source", "tmpfs");
  raw::fsconfig(fd, FSCONFIG_SET_STRING, "mode", "0555");
  long outcome = raw::fsconfig(fd, FSCONFIG_CMD_CREATE, nullptr, nullptr);
  if (outcome < 0) return outcome;
  const long tree = raw::fsmount(fd, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
  raw::close(fd);
  if (tree < 0) return tree;
  outcome = raw::move_mount(static_cast<int>(tree), target);
  raw::close(static_cast<int>(tree));
  return outcome;
}

/// `source` mounted over `target`, read-only if wanted. Returns 0 or -errno.
long bind_over(int source, int target, bool is_readonly) {
  const unsigned flags = OPEN_TREE_CLONE | AT_EMPTY_PATH | (is_readonly ? AT_RECURSIVE : 0U);
  const long tree = raw::open_tree(source, "", flags);
  if (tree < 0) return tree;
  long outcome = 0;
  if (is_readonly) outcome = set_mount_attributes(static_cast<int>(tree), MS_RDONLY, 0, true);
  if (outcome == 0) outcome = raw::move_mount(static_cast<int>(tree), target);
  raw::close(static_cast<int>(tree));
  return outcome;
}

}  // namespace

long open_in_container(int root, const char* path, int flags) {
  return raw::openat2(root, path, flags, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
}

bool prepare_root(Container& container) {
  if (!has_own_mounts(container)) return true;
  // Nothing that happens here may reach the host's mount table.
  mount_attr attributes{};
  attributes.propagation = MS_PRIVATE;
  long outcome = raw::mount_setattr(AT_FDCWD, "/", AT_RECURSIVE, &attributes);
  if (outcome < 0) return fail(container, LaunchStep::PrepareRoot, outcome, "/");
  if (container.root_tree < 0) {
    const long root = raw::openat(AT_FDCWD, "/", O_PATH | O_DIRECTORY);
    if (root < 0) return fail(container, LaunchStep::PrepareRoot, root, "/");
    container.root = static_cast<int>(root);
    return true;
  }
  // On top of the old root, where no directory has to exist for it: pivot_root takes the old one away afterwards.
  const long old_root = raw::openat(AT_FDCWD, "/", O_PATH | O_DIRECTORY);
  if (old_root < 0) return fail(container, LaunchStep::PrepareRoot, old_root, "/");
  outcome = raw::move_mount(container.root_tree, static_cast<int>(old_root));
  raw::close(static_cast<int>(old_root));
  if (outcome < 0) return fail(container, LaunchStep::PrepareRoot, outcome, container.plan->root.path.data);
  container.root = container.root_tree;
  return true;
}

bool mask_paths(Container& container) {
  const TextList& paths = container.plan->masked_paths;
  if (paths.count == 0) return true;
  const long null_device = open_null_device();
  if (null_device < 0) return fail(container, LaunchStep::MaskPath, null_device, "/dev/null");
  for (const char* path : paths) {
    const long target = open_in_container(container.root, path, O_PATH);
    if (is_missing(target)) continue;
    if (target < 0) return fail(container, LaunchStep::MaskPath, target, path);
    const int fd = static_cast<int>(target);
    struct stat facts {};
    long outcome = raw::fstat(fd, &facts);
    if (outcome == 0) {
      outcome = S_ISDIR(facts.st_mode) ? mask_directory(fd) : bind_over(static_cast<int>(null_device), fd, false);
    }
    raw::close(fd);
    if (outcome < 0) return fail(container, LaunchStep::MaskPath, outcome, path);
  }
  raw::close(static_cast<int>(null_device));
  return true;
}

bool protect_paths(Container& container) {
  for (const char* path : container.plan->readonly_paths) {
    const long target = open_in_container(container.root, path, O_PATH);
    if (is_missing(target)) continue;
    if (target < 0) return fail(container, LaunchStep::ReadonlyPath, target, path);
    const int fd = static_cast<int>(target);
    const long outcome = bind_over(fd, fd, true);
    raw::close(fd);
    if (outcome < 0) return fail(container, LaunchStep::ReadonlyPath, outcome, path);
  }
  return true;
}

bool enter_root(Container& container) {
  if (container.root_tree < 0) return true;
  const char* object = container.plan->root.path.data;
  long outcome = raw::fchdir(container.root_tree);
  // The old root comes to lie over the new one at "."; from there it is taken off (man 2 pivot_root).
  if (outcome == 0) outcome = raw::pivot_root(".", ".");
  if (outcome == 0) outcome = raw::umount2(".", MNT_DETACH);
  if (outcome == 0) outcome = raw::chdir("/");
  return outcome < 0 ? fail(container, LaunchStep::PivotRoot, outcome, object) : true;
}

}  // namespace tepui::launcher

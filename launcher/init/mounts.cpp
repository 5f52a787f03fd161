// The plan's mounts, by descriptor: a source is a detached tree or a new file system, a target an O_PATH descriptor.
#include <sys/mount.h>

#include <cerrno>

#include "launcher/init/container.hpp"
#include "launcher/init/words.hpp"
#include "lib/linux/raw_sys.hpp"

namespace tepui::launcher {
namespace {

constexpr std::uint32_t kRefuse = 0;
constexpr std::uint32_t kMakeFile = 2;
constexpr std::size_t kMaxPath = 4096;

/// MS_* as MOUNT_ATTR_*. Access times: relatime unless something else is asked for.
std::uint64_t attributes_of(std::uint64_t flags) {
  std::uint64_t attributes = 0;
  if ((flags & MS_RDONLY) != 0) attributes |= MOUNT_ATTR_RDONLY;
  if ((flags & MS_NOSUID) != 0) attributes |= MOUNT_ATTR_NOSUID;
  if ((flags & MS_NODEV) != 0) attributes |= MOUNT_ATTR_NODEV;
  if ((flags & MS_NOEXEC) != 0) attributes |= MOUNT_ATTR_NOEXEC;
  if ((flags & MS_NODIRATIME) != 0) attributes |= MOUNT_ATTR_NODIRATIME;
  if ((flags & MS_NOATIME) != 0) attributes |= MOUNT_ATTR_NOATIME;
  if ((flags & MS_STRICTATIME) != 0) attributes |= MOUNT_ATTR_STRICTATIME;
  return attributes;
}

/// Hands "a=1,b,c=2" to the file system context. Returns 0 or -errno; `text` is a copy that is cut up.
long configure(int context, char* text) {
  while (*text != '\0') {
    char* end = text;
    char* equals = nullptr;
    while (*end != '\0' && *end != ',') {
      if (*end == '=' && equals == nullptr) equals = end;
      ++end;
    }
    const bool is_last = *end == '\0';
    *end = '\0';
    if (equals != nullptr) *equals = '\0';
    long outcome = 0;
    if (equals != nullptr) {
      outcome = raw::fsconfig(context, FSCONFIG_SET_STRING, text, equals + 1);
    } else if (end != text) {
      outcome = raw::fsconfig(context, FSCONFIG_SET_FLAG, text, nullptr);
    }
    if (outcome < 0) return outcome;
    if (is_last) break;
    text = end + 1;
  }
  return 0;
}

/// A new file system, mounted nowhere yet. Made here and not by the shim: proc, mqueue and sysfs show the namespaces of
/// who makes them. Returns a tree or -errno.
long make_file_system(const PlanView::Mount& mount) {
  const long opened = raw::fsopen(mount.fstype.data);
  if (opened < 0) return opened;
  const int context = static_cast<int>(opened);
  FixedText<kMaxPath> data;
  data.add(mount.data.data, mount.data.size);
  long outcome = data.is_cut() ? -E2BIG : 0;
  if (outcome == 0 && !mount.source.is_empty()) {
    outcome = raw::fsconfig(context, FSCONFIG_SET_STRING, "source", mount.source.data);
  }
  if (outcome == 0) outcome = configure(context, const_cast<char*>(data.text()));
  if (outcome == 0) outcome = raw::fsconfig(context, FSCONFIG_CMD_CREATE, nullptr, nullptr);
  if (outcome == 0) outcome = raw::fsmount(context, static_cast<unsigned>(attributes_of(mount.flags)));
  raw::close(context);
  return outcome;
}

/// Makes the last component of path[0..length) in its parent, which exists. Returns 0 or -errno.
long make_component(int root, char* path, std::size_t length, bool is_file) {
  std::size_t slash = length;
  while (slash > 0 && path[slash - 1] != '/') --slash;
  const char kept = path[length];
  path[length] = '\0';
  FixedText<kMaxPath> parent;
  parent.add(path, slash);
  const long directory = open_in_container(root, parent.text(), O_PATH | O_DIRECTORY);
  long outcome = directory;
  if (directory >= 0) {
    const int fd = static_cast<int>(directory);
    if (is_file) {
      const long made = raw::mknodat(fd, path + slash, S_IFREG | 0644, 0);
      outcome = made;
    } else {
      outcome = raw::mkdirat(fd, path + slash, 0755);
    }
    raw::close(fd);
  }
  path[length] = kept;
  return outcome == -EEXIST ? 0 : outcome;
}

/// Makes what is missing of a target, from the root down, never through a magic link. Returns 0 or -errno.
long make_target(int root, const PlanView::Mount& mount) {
  char path[kMaxPath];
  if (mount.target.size >= sizeof path) return -ENAMETOOLONG;
  copy_bytes(path, mount.target.data, mount.target.size + 1);
  std::size_t length = mount.target.size;
  while (length > 1 && path[length - 1] == '/') path[--length] = '\0';
  for (std::size_t i = 1; i <= length; ++i) {
    if (path[i] != '/' && path[i] != '\0') continue;
    if (path[i - 1] == '/') continue;
    const bool is_last = i == length;
    const char kept = path[i];
    path[i] = '\0';
    const long there = open_in_container(root, path, O_PATH);
    path[i] = kept;
    if (there >= 0) {
      raw::close(static_cast<int>(there));
      continue;
    }
    if (there != -ENOENT) return there;
    const long outcome = make_component(root, path, i, is_last && mount.missing_target == kMakeFile);
    if (outcome < 0) return outcome;
  }
  return 0;
}

/// The target's descriptor, or -errno.
long open_target(int root, const PlanView::Mount& mount) {
  long target = open_in_container(root, mount.target.data, O_PATH);
  if (target == -ENOENT && mount.missing_target != kRefuse) {
    const long outcome = make_target(root, mount);
    if (outcome < 0) return outcome;
    target = open_in_container(root, mount.target.data, O_PATH);
  }
  return target;
}

bool do_mount(Container& container, PlanView::Mount& mount) {
  const bool is_bind = (mount.flags & MS_BIND) != 0;
  const long tree = is_bind ? mount.tree : make_file_system(mount);
  if (tree < 0) return fail(container, LaunchStep::Mount, tree, mount.fstype.data);
  const int tree_fd = static_cast<int>(tree);
  const long target = open_target(container.root, mount);
  if (target < 0) return fail(container, LaunchStep::Mount, target, mount.target.data);
  long outcome = raw::move_mount(tree_fd, static_cast<int>(target));
  if (outcome == 0 && !is_bind && mount.propagation != 0) {
    outcome = set_mount_attributes(tree_fd, 0, mount.propagation, false);
  }
  raw::close(static_cast<int>(target));
  raw::close(tree_fd);
  return outcome < 0 ? fail(container, LaunchStep::Mount, outcome, mount.target.data) : true;
}

}  // namespace

long set_mount_attributes(int tree, std::uint64_t flags, std::uint64_t propagation, bool is_recursive) {
  mount_attr attributes{};
  attributes.attr_set = attributes_of(flags);
  if ((flags & (MS_NOATIME | MS_STRICTATIME | MS_RELATIME)) != 0) attributes.attr_clr = MOUNT_ATTR__ATIME;
  attributes.propagation = propagation & ~std::uint64_t{MS_REC};
  if (attributes.attr_set == 0 && attributes.attr_clr == 0 && attributes.propagation == 0) return 0;
  return raw::mount_setattr(tree, "", AT_EMPTY_PATH | (is_recursive ? AT_RECURSIVE : 0), &attributes);
}

bool do_mounts(Container& container) {
  for (auto& mount : container.plan->mounts) {
    if (!do_mount(container, mount)) return false;
  }
  return true;
}

}  // namespace tepui::launcher

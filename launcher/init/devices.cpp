// Device nodes, and the links that /dev has by convention where it is a tmpfs of the container's own.
#include <sys/sysmacros.h>

#include <cerrno>

#include "launcher/init/container.hpp"
#include "launcher/init/words.hpp"
#include "lib/linux/raw_sys.hpp"

namespace tepui::launcher {
namespace {

/// Splits "/dev/null": opens the directory and points `name` at the rest. Returns a descriptor or -errno.
long open_parent(int root, const Text& path, const char*& name) {
  std::size_t slash = path.size;
  while (slash > 0 && path.data[slash - 1] != '/') --slash;
  name = path.data + slash;
  FixedText<4096> parent;
  parent.add(path.data, slash);
  if (parent.is_cut()) return -ENAMETOOLONG;
  return open_in_container(root, parent.text(), O_PATH | O_DIRECTORY);
}

/// Returns 0 or -errno.
long make_device(int root, const PlanView::Device& device) {
  const char* name = nullptr;
  const long parent = open_parent(root, device.path, name);
  if (parent < 0) return parent;
  const int fd = static_cast<int>(parent);
  long outcome = raw::mknodat(fd, name, device.mode, makedev(device.major, device.minor));
  if (outcome == 0) outcome = raw::fchownat(fd, name, device.uid, device.gid, AT_SYMLINK_NOFOLLOW);
  // The umask is 0 here, so the permission bits are exact already.
  raw::close(fd);
  return outcome;
}

bool is_dev_of_its_own(const PlanView& plan) {
  for (const auto& mount : plan.mounts) {
    if (is_same(mount.target.data, "/dev") && is_same(mount.fstype.data, "tmpfs")) return true;
  }
  return false;
}

}  // namespace

bool make_devices(Container& container) {
  const PlanView& plan = *container.plan;
  for (const auto& device : plan.devices) {
    const long outcome = make_device(container.root, device);
    if (outcome < 0) return fail(container, LaunchStep::MakeDevice, outcome, device.path.data);
  }
  if (!is_dev_of_its_own(plan)) return true;
  // Source: oci runtime-spec runtime-linux.md "Dev symbolic links".
  struct Link {
    const char* target;
    const char* name;
  };
  const Link links[] = {{"/proc/self/fd", "fd"},
                        {"/proc/self/fd/0", "stdin"},
                        {"/proc/self/fd/1", "stdout"},
                        {"/proc/self/fd/2", "stderr"},
                        {"pts/ptmx", "ptmx"}};
  const long directory = open_in_container(container.root, "/dev", O_PATH | O_DIRECTORY);
  if (directory < 0) return fail(container, LaunchStep::MakeDevice, directory, "/dev");
  for (const Link& link : links) {
    const long outcome = raw::symlinkat(link.target, static_cast<int>(directory), link.name);
    if (outcome < 0 && outcome != -EEXIST) return fail(container, LaunchStep::MakeDevice, outcome, link.name);
  }
  raw::close(static_cast<int>(directory));
  return true;
}

}  // namespace tepui::launcher

// filesystem/linux: a container's own view of the file system. Without an image: the host, read-only, with /proc, /dev,
// /tmp, /var/tmp and /dev/shm of the container's own, and the sandbox as the one place of the host it may write to.
// Stateless: everything is in the plan, and the mounts end with the container's mount namespace.
#include <sys/mount.h>

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "tepui/sdk/isolator.hpp"

namespace tepui::isolators {
namespace {

using sdk::Container;
using sdk::Status;

constexpr std::uint64_t kPlain = MS_NOSUID | MS_NODEV;
constexpr std::string_view kSandboxInImage = "/mnt/mesos/sandbox";  // Mesos's name for it; tasks rely on it

struct FilesystemOptions {
  std::int64_t tmp_size_mib = 0;  // 0: half of the machine's memory, which is the kernel's own default
  std::int64_t shm_size_mib = 64;
};

/// What tells of the host or changes it. Source: oci runtime-spec config-linux.md "Masked Paths", "Readonly Paths"; the
/// lists are those on which the field has settled. What a kernel does not have is left out by the launcher.
constexpr std::array<std::string_view, 13> kMasked = {
    "/proc/acpi",        "/proc/asound",   "/proc/interrupts",  "/proc/kcore", "/proc/keys",
    "/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi",
    "/sys/firmware",     "/sys/devices/virtual/powercap", "/sys/kernel/debug"};
constexpr std::array<std::string_view, 5> kReadOnly = {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
                                                       "/proc/sysrq-trigger"};

struct Node {
  std::string_view path;
  std::uint32_t major_number;
  std::uint32_t minor_number;
};
/// Source: oci runtime-spec config-linux.md "Default Devices"; numbers of Documentation/admin-guide/devices.txt.
constexpr std::array<Node, 6> kNodes = {{{"/dev/null", 1, 3},
                                         {"/dev/zero", 1, 5},
                                         {"/dev/full", 1, 7},
                                         {"/dev/random", 1, 8},
                                         {"/dev/urandom", 1, 9},
                                         {"/dev/tty", 5, 0}}};

/// The agent's work directory, if the sandbox lies in it as Mesos lays it out; else empty.
std::string_view work_dir_of(std::string_view sandbox) {
  const std::size_t at = sandbox.find("/slaves/");
  return at == std::string_view::npos ? std::string_view() : sandbox.substr(0, at);
}

class FilesystemLinux final : public sdk::Isolator {
 public:
  static Status create(sdk::Host /*host*/, const sdk::Config& config, std::unique_ptr<Isolator>& out) {
    constexpr std::int64_t kMaxMib = std::int64_t{1} << 40U;
    FilesystemOptions options;
    if (Status s = config.allow_only({"tmp_size_mib", "shm_size_mib"}); !s.ok()) return s;
    if (Status s = config.read_number("tmp_size_mib", 0, kMaxMib, options.tmp_size_mib); !s.ok()) return s;
    if (Status s = config.read_number("shm_size_mib", 1, kMaxMib, options.shm_size_mib); !s.ok()) return s;
    out = std::make_unique<FilesystemLinux>(options);
    return {};
  }
  explicit FilesystemLinux(FilesystemOptions options) : options_(options) {}

  Status prepare(const Container& container, sdk::LaunchPlan& plan) override {
    const bool has_image = !container.rootfs().empty();
    if (Status s = plan.add_namespace(TEPUI_NAMESPACE_MOUNT); !s.ok()) return s;
    if (Status s = has_image ? plan.set_root(container.rootfs(), 0, container.rootfs_fd()) : plan.set_root("/", MS_RDONLY);
        !s.ok()) {
      return s;
    }
    if (Status s = add_kernel_views(plan); !s.ok()) return s;
    if (Status s = add_dev(plan); !s.ok()) return s;
    if (Status s = add_temporary_places(plan); !s.ok()) return s;
    if (Status s = add_sandbox(container, has_image, plan); !s.ok()) return s;
    return protect(plan);
  }

 private:
  static Status add_tmpfs(sdk::LaunchPlan& plan, std::string_view target, std::uint64_t flags, const std::string& data) {
    return plan.add_mount({.source = "tmpfs", .target = target, .fstype = "tmpfs", .data = data, .flags = flags,
                           .options = TEPUI_MOUNT_CREATE_DIRECTORY});
  }

  static Status add_kernel_views(sdk::LaunchPlan& plan) {
    return plan.add_mount({.source = "proc", .target = "/proc", .fstype = "proc", .flags = kPlain | MS_NOEXEC,
                           .options = TEPUI_MOUNT_CREATE_DIRECTORY});
  }

  [[nodiscard]] Status add_dev(sdk::LaunchPlan& plan) const {
    if (Status s = add_tmpfs(plan, "/dev", MS_NOSUID | MS_STRICTATIME, "mode=0755,size=64k"); !s.ok()) return s;
    const std::string shm = fmt::format("mode=1777,size={}m", options_.shm_size_mib);
    if (Status s = add_tmpfs(plan, "/dev/shm", kPlain | MS_NOEXEC, shm); !s.ok()) return s;
    if (Status s = plan.add_mount({.source = "devpts", .target = "/dev/pts", .fstype = "devpts",
                                   .data = "newinstance,ptmxmode=0666,mode=0620,gid=5", .flags = MS_NOSUID | MS_NOEXEC,
                                   .options = TEPUI_MOUNT_CREATE_DIRECTORY});
        !s.ok()) {
      return s;
    }
    for (const Node& node : kNodes) {
      tepui_device device = {};
      device.struct_size = sizeof device;
      device.type = 'c';
      device.has_node = 1;
      device.path = sdk::str(node.path);
      device.access = sdk::str("rwm");
      device.major_number = node.major_number;
      device.minor_number = node.minor_number;
      device.mode = 0666;
      if (Status s = plan.add_device(device); !s.ok()) return s;
    }
    return {};
  }

  [[nodiscard]] Status add_temporary_places(sdk::LaunchPlan& plan) const {
    std::string data = "mode=1777";
    if (options_.tmp_size_mib > 0) data += fmt::format(",size={}m", options_.tmp_size_mib);
    if (Status s = add_tmpfs(plan, "/tmp", kPlain, data); !s.ok()) return s;
    return add_tmpfs(plan, "/var/tmp", kPlain, data);
  }

  /// After /tmp, which may hide where the sandbox lies on the host. The rest of the agent's work directory (other tasks'
  /// sandboxes, the agent's own records) is hidden behind an empty file system.
  static Status add_sandbox(const Container& container, bool has_image, sdk::LaunchPlan& plan) {
    const std::string_view work_dir = work_dir_of(container.sandbox());
    if (!has_image && !work_dir.empty()) {
      if (Status s = add_tmpfs(plan, work_dir, kPlain | MS_NOEXEC, "mode=0755,size=64k"); !s.ok()) return s;
    }
    const std::string_view target = has_image ? kSandboxInImage : container.sandbox();
    if (Status s = plan.add_mount({.source = container.sandbox(), .target = target, .flags = MS_BIND | kPlain,
                                   .options = TEPUI_MOUNT_CREATE_DIRECTORY, .source_fd = container.sandbox_fd()});
        !s.ok()) {
      return s;
    }
    return has_image ? plan.set_working_directory(target) : Status();
  }

  static Status protect(sdk::LaunchPlan& plan) {
    for (const std::string_view path : kMasked) {
      if (Status s = plan.add_masked_path(path); !s.ok()) return s;
    }
    for (const std::string_view path : kReadOnly) {
      if (Status s = plan.add_readonly_path(path); !s.ok()) return s;
    }
    return {};
  }

  FilesystemOptions options_;
};

}  // namespace
}  // namespace tepui::isolators

TEPUI_ISOLATOR_MODULE(tepui::isolators::FilesystemLinux, "filesystem/linux", "0.1.0",
                      "gives a container private mounts: the host read-only, its own /proc, /dev and /tmp, its sandbox")

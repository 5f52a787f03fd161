#include "launcher/init/plan_view.hpp"

#include <linux/capability.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "launcher/init/words.hpp"
#include "launcher/plan_format.hpp"

namespace tepui::launcher {
namespace {

constexpr std::size_t kMaxEncoded = 1U << 20U;  // kMaxPlanBytes of plan.hpp, which this target does not include
constexpr std::uint32_t kMaxFds = 200;
constexpr std::uint32_t kMaxFilter = 4096;  // BPF_MAXINSNS
constexpr std::uint32_t kMaxId = 0x7ffffffeU;
constexpr std::uint32_t kMaxContainerFdNumber = 255;

/// Walks the encoded bytes. After the first problem every further step does nothing.
class Reader {
 public:
  Reader(const char* bytes, std::size_t size, Arena& arena)
      : bytes_(bytes), size_(static_cast<std::uint32_t>(size)), arena_(arena) {}

  template <class T>
  void number(T& out) {
    if (sizeof(T) > size_ - at_) return fail("cut off in a number");
    copy_bytes(&out, bytes_ + at_, sizeof(T));
    at_ += sizeof(T);
  }

  void number(bool& out) {
    std::uint8_t byte = 0;
    number(byte);
    if (byte > 1) return fail("a truth value that is neither 0 nor 1");
    out = byte == 1;
  }

  void text(Text& out) {
    std::uint32_t length = 0;
    number(length);
    if (problem_.what != nullptr) return;
    // One more byte for the NUL: compared so that nothing can overflow.
    if (length >= size_ - at_) return fail("a text longer than the plan");
    const char* data = bytes_ + at_;
    if (data[length] != '\0') return fail("a text without its end");
    for (std::uint32_t i = 0; i < length; ++i) {
      if (data[i] == '\0') return fail("a NUL inside a text");
    }
    out.data = data;
    out.size = length;
    at_ += length + 1;
  }

  void texts(TextList& out) {
    const std::uint32_t count = read_count();
    if (problem_.what != nullptr) return;
    auto* items = static_cast<const char**>(arena_.take((count + std::size_t{1}) * sizeof(char*), alignof(char*)));
    if (items == nullptr) return fail("more entries than there is memory for");
    for (std::uint32_t i = 0; i < count; ++i) {
      Text entry;
      text(entry);
      items[i] = entry.data;
    }
    items[count] = nullptr;
    out.items = items;
    out.count = problem_.what == nullptr ? count : 0;
  }

  template <class T, class PerElement>
  void list(List<T>& out, PerElement per_element) {
    const std::uint32_t count = read_count();
    if (problem_.what != nullptr) return;
    auto* items = static_cast<T*>(arena_.take(count * sizeof(T), alignof(T)));
    if (items == nullptr) return fail("more entries than there is memory for");
    for (std::uint32_t i = 0; i < count && problem_.what == nullptr; ++i) {
      items[i] = T{};
      per_element(*this, items[i]);
    }
    out.items = items;
    out.count = problem_.what == nullptr ? count : 0;
  }

  void fail(const char* what) {
    if (problem_.what == nullptr) problem_ = {what, at_};
  }
  [[nodiscard]] PlanProblem problem() const { return problem_; }
  [[nodiscard]] bool is_at_end() const { return at_ == size_; }

 private:
  /// Every element takes 4 bytes or more, so a count is never believed beyond what the bytes can hold.
  std::uint32_t read_count() {
    std::uint32_t count = 0;
    number(count);
    if (count > (size_ - at_) / 4) fail("more entries than the plan can hold");
    return count;
  }

  const char* bytes_;
  std::uint32_t size_;
  std::uint32_t at_ = 0;
  Arena& arena_;
  PlanProblem problem_;
};

bool is_absolute(Text path) { return path.size > 0 && path.data[0] == '/'; }

bool is_fd(std::uint32_t index, std::uint32_t count) { return index == PlanView::kNone || index < count; }

bool has_kind(const PlanView& plan, std::uint32_t kind) { return plan.has_namespace(kind); }

constexpr std::uint32_t kMountKind = 1;
constexpr std::uint32_t kIpcKind = 3;
constexpr std::uint32_t kUtsKind = 4;
constexpr std::uint32_t kNetworkKind = 6;

const char* check_mount(const PlanView::Mount& mount, std::uint32_t fd_count) {
  constexpr std::uint64_t kKnown = MS_BIND | MS_REC | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME |
                                   MS_NODIRATIME | MS_RELATIME | MS_STRICTATIME;
  const bool is_bind = (mount.flags & MS_BIND) != 0;
  if (!is_absolute(mount.target)) return "a mount target that is not absolute";
  if ((mount.flags & ~kKnown) != 0) return "a mount flag that is not known";
  if (!is_fd(mount.source_fd, fd_count)) return "a descriptor that is not in the plan";
  if (is_bind && !mount.fstype.is_empty()) return "a bind with a file system type";
  if (is_bind && mount.source_fd == PlanView::kNone && !is_absolute(mount.source)) {
    return "a bind source that is not absolute";
  }
  if (!is_bind && mount.fstype.is_empty()) return "a mount without a file system type";
  if (mount.missing_target > 2) return "an unknown rule for a missing target";
  const std::uint64_t p = mount.propagation & ~std::uint64_t{MS_REC};
  if (p != 0 && p != MS_PRIVATE && p != MS_SLAVE && p != MS_SHARED && p != MS_UNBINDABLE) {
    return "a mount propagation that is not known";
  }
  return nullptr;
}

/// Only what belongs to a namespace the container has of its own.
const char* check_sysctl(const PlanView& plan, const PlanView::Sysctl& sysctl) {
  for (std::uint32_t i = 0; i < sysctl.name.size; ++i) {
    const char c = sysctl.name.data[i];
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
    if (!is_plain) return "a sysctl name with a byte that is not allowed";
    if (c == '.' && (i == 0 || sysctl.name.data[i - 1] == '.')) return "a sysctl name with an empty part";
  }
  for (std::uint32_t i = 0; i < sysctl.value.size; ++i) {
    const auto c = static_cast<unsigned char>(sysctl.value.data[i]);
    if ((c < 0x20 && c != '\t') || c == 0x7f) return "a sysctl value with a control byte";
  }
  if (begins_with(sysctl.name.data, "net.")) {
    return has_kind(plan, kNetworkKind) ? nullptr : "a net sysctl without a network namespace";
  }
  const bool is_ipc = begins_with(sysctl.name.data, "kernel.shm") || begins_with(sysctl.name.data, "kernel.msg") ||
                      begins_with(sysctl.name.data, "fs.mqueue.") || is_same(sysctl.name.data, "kernel.sem");
  if (!is_ipc) return "a sysctl that no namespace holds";
  return has_kind(plan, kIpcKind) ? nullptr : "an ipc sysctl without an ipc namespace";
}

const char* check_process(const PlanView& plan) {
  if (plan.argv.count == 0) return "no command";
  if (plan.executable.is_empty() && plan.argv.items[0][0] == '\0') return "an empty command";
  if (!is_absolute(plan.cwd)) return "a working directory that is not absolute";
  if (plan.user.uid > kMaxId || plan.user.gid > kMaxId) return "a user or group id out of range";
  for (const std::uint32_t gid : plan.user.additional_gids) {
    if (gid > kMaxId) return "a user or group id out of range";
  }
  if (plan.user.additional_gids.count > 65536) return "too many groups";
  if (plan.seccomp.count > kMaxFilter) return "a seccomp filter that is too long";
  for (const auto& limit : plan.rlimits) {
    if (limit.resource >= 16) return "an unknown rlimit";
    if (limit.soft > limit.hard) return "an rlimit whose soft value is above the hard one";
  }
  for (const auto& inherited : plan.inherited_fds) {
    if (inherited.fd >= plan.fd_count) return "a descriptor that is not in the plan";
    if (inherited.container_fd < 3 || inherited.container_fd > kMaxContainerFdNumber) {
      return "an inherited descriptor number out of range";
    }
    for (const auto& other : plan.inherited_fds) {
      if (&other != &inherited && other.container_fd == inherited.container_fd) {
        return "two inherited descriptors with one number";
      }
    }
  }
  return nullptr;
}

const char* check_surroundings(const PlanView& plan) {
  std::uint64_t seen = 0;
  for (const auto& entry : plan.namespaces) {
    const std::uint64_t flag = clone_flag_of(entry.kind);
    if (flag == 0) return "an unknown kind of namespace";
    if ((seen & flag) != 0) return "one kind of namespace twice";
    if (!is_fd(entry.join, plan.fd_count)) return "a descriptor that is not in the plan";
    seen |= flag;
  }
  const bool has_mounts = plan.mounts.count > 0 || plan.masked_paths.count > 0 || plan.readonly_paths.count > 0 ||
                          plan.devices.count > 0 || !plan.root.path.is_empty() || plan.root.fd != PlanView::kNone;
  if (has_mounts && (plan.new_namespaces() & CLONE_NEWNS) == 0) return "mounts without a mount namespace of their own";
  if (!plan.root.path.is_empty() && !is_absolute(plan.root.path)) return "a root that is not absolute";
  if (!is_fd(plan.root.fd, plan.fd_count) || !is_fd(plan.cgroup_fd, plan.fd_count)) {
    return "a descriptor that is not in the plan";
  }
  for (const auto& mount : plan.mounts) {
    if (const char* what = check_mount(mount, plan.fd_count)) return what;
  }
  for (const auto& device : plan.devices) {
    if (!is_absolute(device.path) || device.path.size < 2 || device.path.data[device.path.size - 1] == '/') {
      return "a device path that is not absolute";
    }
    if (!S_ISCHR(device.mode) && !S_ISBLK(device.mode) && !S_ISFIFO(device.mode)) return "an unknown type of device";
  }
  for (const char* path : plan.masked_paths) {
    if (path[0] != '/') return "a masked path that is not absolute";
  }
  for (const char* path : plan.readonly_paths) {
    if (path[0] != '/') return "a read-only path that is not absolute";
  }
  if (!plan.hostname.is_empty() && !has_kind(plan, kUtsKind)) return "a hostname without a uts namespace";
  if (plan.hostname.size > 64) return "a hostname longer than 64 bytes";
  for (const auto& sysctl : plan.sysctl) {
    if (const char* what = check_sysctl(plan, sysctl)) return what;
  }
  return nullptr;
}

}  // namespace

void* Arena::take(std::size_t size, std::size_t alignment) {
  const auto address = reinterpret_cast<std::uintptr_t>(next_);
  const std::size_t padding = (alignment - address % alignment) % alignment;
  if (padding > left_ || size > left_ - padding) return nullptr;
  char* taken = next_ + padding;
  next_ = taken + size;
  left_ -= padding + size;
  return taken;
}

std::uint64_t clone_flag_of(std::uint32_t kind) {
  switch (kind) {
    case kMountKind: return CLONE_NEWNS;
    case 2: return CLONE_NEWPID;
    case kIpcKind: return CLONE_NEWIPC;
    case kUtsKind: return CLONE_NEWUTS;
    case 5: return CLONE_NEWCGROUP;
    case kNetworkKind: return CLONE_NEWNET;
    case 7: return CLONE_NEWUSER;
    case 8: return CLONE_NEWTIME;
    default: return 0;
  }
}

std::uint64_t PlanView::new_namespaces() const {
  std::uint64_t flags = 0;
  for (const Namespace& entry : namespaces) {
    if (entry.join == kNone) flags |= clone_flag_of(entry.kind);
  }
  return flags;
}

bool PlanView::has_namespace(std::uint32_t kind) const {
  for (const Namespace& entry : namespaces) {
    if (entry.kind == kind) return true;
  }
  return false;
}

PlanProblem read_plan(const char* bytes, std::size_t size, Arena& arena, PlanView& out) {
  if (size > kMaxEncoded) return {"more than 1 MiB", 0};
  Reader reader(bytes, size, arena);
  std::uint32_t magic = 0;
  std::uint32_t version = 0;
  reader.number(magic);
  reader.number(version);
  if (magic != kPlanMagic) reader.fail("not a plan");
  if (version != kPlanVersion) reader.fail("a plan of another version");
  reader.number(out.fd_count);
  if (out.fd_count > kMaxFds) reader.fail("too many descriptors");
  if (reader.problem().what != nullptr) return reader.problem();
  walk_plan(reader, out);
  if (!reader.is_at_end()) reader.fail("bytes after the plan's end");
  return reader.problem();
}

PlanProblem check_plan(const PlanView& plan) {
  if (const char* what = check_process(plan)) return {what, 0};
  if (const char* what = check_surroundings(plan)) return {what, 0};
  return {};
}

}  // namespace tepui::launcher

// LaunchPlan: everything that makes one container, as plain data in the words of the OCI runtime spec.
// Isolators add to it through the module door, the containerizer merges, tepui-shim carries it out.
// Not here: how it is carried out (handshake.hpp, init/), and who claimed what (lib/modules).
#pragma once

#include <linux/filter.h>
#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.hpp"
#include "lib/base/unique_fd.hpp"

namespace tepui::launcher {

/// An index into `LaunchPlan::fds`; kNoFd means that there is none.
using FdIndex = std::uint32_t;
inline constexpr FdIndex kNoFd = 0xffffffffU;
/// More descriptors than this are refused.
inline constexpr std::uint32_t kMaxPlanFds = 200;
inline constexpr std::uint32_t kMaxContainerFd = 255;
/// A plan's encoded form is never larger (CVE-2021-43784: lengths of a bootstrap message that overflow).
inline constexpr std::uint32_t kMaxPlanBytes = 1U << 20U;

/// Source: oci runtime-spec config-linux.md "namespaces". The launcher refuses User and Time so far (ENOSYS, by name).
enum class NamespaceKind : std::uint32_t { Mount = 1, Pid, Ipc, Uts, Cgroup, Network, User, Time };

struct PlanNamespace {
  NamespaceKind kind = NamespaceKind::Mount;
  FdIndex join = kNoFd;  ///< kNoFd: a new namespace; else the namespace to join.
};

/// What is made where a mount's target is missing. Never made on a read-only root.
enum class MissingTarget : std::uint32_t { Refuse = 0, MakeDirectory = 1, MakeFile = 2 };

/// One mount. Mounts are done in the plan's order, after the root and before pivot_root.
struct PlanMount {
  /// A bind (MS_BIND): the source path as the host sees it, unless `source_fd` is set. Else the file system's source word.
  std::string source;
  /// A bind's source by descriptor: required where a task could exchange parts of the path.
  FdIndex source_fd = kNoFd;
  /// Absolute, as the container sees it; resolved inside the container's root, magic links refused.
  std::string target;
  /// "tmpfs", "proc", "sysfs", "mqueue", "devpts"…; empty for a bind.
  std::string fstype;
  /// MS_* bits of man 2 mount: MS_BIND, MS_REC, MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_NOATIME, MS_RELATIME,
  /// MS_STRICTATIME. Another bit is refused.
  std::uint64_t flags = 0;
  /// MS_PRIVATE, MS_SLAVE, MS_SHARED or MS_UNBINDABLE, of the new mount; 0 is MS_PRIVATE. MS_REC may
  /// stand beside it and says nothing more: a recursive bind is changed as a whole.
  std::uint64_t propagation = 0;
  /// Options of the file system, comma separated: "mode=1777,size=64m".
  std::string data;
  MissingTarget missing_target = MissingTarget::Refuse;
};

/// The container's root. `path` "/" with `is_readonly` is a read-only view of the host.
struct PlanRoot {
  std::string path;      ///< As the host sees it; empty: no change of root (the host's own tree in the mount namespace).
  FdIndex fd = kNoFd;    ///< Instead of `path`.
  bool is_readonly = false;
};

/// A device node made below the container's root (normally on a tmpfs at /dev).
struct PlanDevice {
  std::string path;
  std::uint32_t mode = 0;  ///< Type and permission bits: S_IFCHR | 0666.
  std::uint32_t major = 0;
  std::uint32_t minor = 0;
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
};

/// One line of a controller: "cpu.max" = "100000 100000".
struct PlanCgroupSetting {
  std::string file;
  std::string value;
};

/// A controller and what is written there. The containerizer does it; the shim never touches a cgroup.
struct PlanCgroup {
  std::string controller;
  std::vector<PlanCgroupSetting> settings;
};

struct PlanRlimit {
  std::uint32_t resource = 0;  ///< RLIMIT_*
  std::uint64_t soft = 0;
  std::uint64_t hard = 0;
};

/// Capability sets as bit masks (bit n is capability n of linux/capability.h). The default is: none at all.
struct PlanCapabilities {
  std::uint64_t bounding = 0;
  std::uint64_t effective = 0;
  std::uint64_t permitted = 0;
  std::uint64_t inheritable = 0;
  std::uint64_t ambient = 0;
};

struct PlanUser {
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::vector<std::uint32_t> additional_gids;  ///< Exactly these; empty means no supplementary group.
};

struct PlanIdMap {
  std::uint32_t container_id = 0;
  std::uint32_t host_id = 0;
  std::uint32_t count = 0;
};

struct PlanSysctl {
  std::string name;  ///< With dots: "net.ipv4.ip_unprivileged_port_start". Only namespaced ones pass.
  std::string value;
};

/// A descriptor the command keeps, under `container_fd` (3 or more).
struct PlanInheritedFd {
  FdIndex fd = kNoFd;
  std::uint32_t container_fd = 3;  ///< 3 to kMaxContainerFd, each once
};

/// One container. Copying is cheap enough and shares the descriptors.
///
///   LaunchPlan plan;
///   plan.argv = {"sleep", "10"};
///   plan.env = {"PATH=/usr/bin:/bin"};
///   plan.namespaces.push_back({NamespaceKind::Pid});
///   plan.mounts.push_back({.target = "/proc", .fstype = "proc", .flags = MS_NOSUID | MS_NODEV | MS_NOEXEC});
struct LaunchPlan {
  /// What is executed: a path, or a name looked up in the PATH of `env`. Empty: argv[0].
  std::string executable;
  std::vector<std::string> argv;
  std::vector<std::string> env;  ///< "KEY=value"
  /// Absolute, as the container sees it; entered as the container's user. Magic links (/proc/self/fd/N) are refused.
  std::string cwd = "/";
  PlanUser user;
  std::uint32_t umask = 022;
  std::vector<PlanNamespace> namespaces;
  std::vector<PlanIdMap> uid_map;
  std::vector<PlanIdMap> gid_map;
  PlanRoot root;
  std::vector<PlanMount> mounts;
  std::vector<std::string> masked_paths;
  std::vector<std::string> readonly_paths;
  std::vector<PlanDevice> devices;
  std::vector<PlanCgroup> cgroups;
  /// cgroup v2: the directory the container is born in (CLONE_INTO_CGROUP).
  FdIndex cgroup_fd = kNoFd;
  std::vector<PlanRlimit> rlimits;
  PlanCapabilities capabilities;
  bool no_new_privs = true;
  /// A classic BPF program for seccomp; empty: no filter. Loaded last.
  std::vector<sock_filter> seccomp;
  std::uint32_t seccomp_flags = 0;  ///< SECCOMP_FILTER_FLAG_*
  std::string hostname;             ///< Needs a uts namespace; empty: unchanged.
  std::vector<PlanSysctl> sysctl;
  bool has_oom_score_adj = false;
  std::int32_t oom_score_adj = 0;
  std::vector<PlanInheritedFd> inherited_fds;
  /// With a new pid namespace: pid 1 is our init, which reaps and forwards signals; else the command itself is pid 1.
  bool wants_init = true;

  /// What FdIndex points into. Not part of the encoded form: the descriptors travel beside it.
  std::vector<std::shared_ptr<const UniqueFd>> fds;

  /// Keeps `fd` for as long as a copy of this plan lives.
  FdIndex add_fd(UniqueFd fd);
  [[nodiscard]] bool has_namespace(NamespaceKind kind) const;
};

/// The encoded form: "TPLN", version, count of fds, then every field in order; little endian, strings and lists with an u32
/// count. Errors: InvalidArgument (a NUL inside a string, what check_plan in init/plan_view.hpp refuses, over kMaxPlanBytes).
Result<std::string> encode_plan(const LaunchPlan& plan);

/// The inverse, without the descriptors (`fds` gets as many empty entries). Never reads beyond `bytes`, never
/// allocates more than a small multiple of them. Errors: InvalidArgument, with the offset.
Result<LaunchPlan> decode_plan(std::string_view bytes);

/// Resource number of "RLIMIT_NOFILE" or "nofile"; -1 for an unknown name.
int rlimit_of_name(std::string_view name);
/// "RLIMIT_NOFILE"; "RLIMIT_?" for an unknown number.
const char* rlimit_name(std::uint32_t resource);

}  // namespace tepui::launcher

// PlanView: a plan read in place, for code that may not allocate. Texts point into the encoded bytes, lists into an arena.
// The members are those of LaunchPlan (plan.hpp), which says what they mean.
#pragma once

#include <linux/filter.h>

#include <cstddef>
#include <cstdint>

namespace tepui::launcher {

/// A text that ends with a NUL and has none inside.
struct Text {
  const char* data = "";
  std::uint32_t size = 0;
  [[nodiscard]] bool is_empty() const { return size == 0; }
};

template <class T>
struct List {
  T* items = nullptr;
  std::uint32_t count = 0;
  [[nodiscard]] T* begin() const { return items; }
  [[nodiscard]] T* end() const { return items + count; }
};

/// `items` has a closing null pointer, as execve wants it.
struct TextList {
  const char** items = nullptr;
  std::uint32_t count = 0;
  [[nodiscard]] const char** begin() const { return items; }
  [[nodiscard]] const char** end() const { return items + count; }
};

struct PlanView {
  static constexpr std::uint32_t kNone = 0xffffffffU;

  struct User {
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    List<std::uint32_t> additional_gids;
  };
  struct Namespace {
    std::uint32_t kind = 0;
    std::uint32_t join = kNone;
  };
  struct IdMap {
    std::uint32_t container_id = 0;
    std::uint32_t host_id = 0;
    std::uint32_t count = 0;
  };
  struct Root {
    Text path;
    std::uint32_t fd = kNone;
    bool is_readonly = false;
  };
  struct Mount {
    Text source;
    std::uint32_t source_fd = kNone;
    Text target;
    Text fstype;
    std::uint64_t flags = 0;
    std::uint64_t propagation = 0;
    Text data;
    std::uint32_t missing_target = 0;
    int tree = -1;  ///< a bind's detached clone, filled in by the shim; not part of the encoded form
  };
  struct Device {
    Text path;
    std::uint32_t mode = 0;
    std::uint32_t major = 0;
    std::uint32_t minor = 0;
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
  };
  struct CgroupSetting {
    Text file;
    Text value;
  };
  struct Cgroup {
    Text controller;
    List<CgroupSetting> settings;
  };
  struct Rlimit {
    std::uint32_t resource = 0;
    std::uint64_t soft = 0;
    std::uint64_t hard = 0;
  };
  struct Capabilities {
    std::uint64_t bounding = 0;
    std::uint64_t effective = 0;
    std::uint64_t permitted = 0;
    std::uint64_t inheritable = 0;
    std::uint64_t ambient = 0;
  };
  struct Sysctl {
    Text name;
    Text value;
  };
  struct InheritedFd {
    std::uint32_t fd = kNone;
    std::uint32_t container_fd = 0;
  };

  std::uint32_t fd_count = 0;
  Text executable;
  TextList argv;
  TextList env;
  Text cwd;
  User user;
  std::uint32_t umask = 0;
  List<Namespace> namespaces;
  List<IdMap> uid_map;
  List<IdMap> gid_map;
  Root root;
  List<Mount> mounts;
  TextList masked_paths;
  TextList readonly_paths;
  List<Device> devices;
  List<Cgroup> cgroups;
  std::uint32_t cgroup_fd = kNone;
  List<Rlimit> rlimits;
  Capabilities capabilities;
  bool no_new_privs = false;
  List<sock_filter> seccomp;
  std::uint32_t seccomp_flags = 0;
  Text hostname;
  List<Sysctl> sysctl;
  bool has_oom_score_adj = false;
  std::int32_t oom_score_adj = 0;
  List<InheritedFd> inherited_fds;
  bool wants_init = false;

  /// CLONE_NEW* of the namespaces that are new.
  [[nodiscard]] std::uint64_t new_namespaces() const;
  /// False for an unknown kind.
  [[nodiscard]] bool has_namespace(std::uint32_t kind) const;
};

/// CLONE_NEW* of a NamespaceKind; 0 for an unknown one.
std::uint64_t clone_flag_of(std::uint32_t kind);

/// Memory that is given out in one direction and never taken back.
class Arena {
 public:
  Arena(void* memory, std::size_t size) : next_(static_cast<char*>(memory)), left_(size) {}
  /// nullptr when there is none left.
  void* take(std::size_t size, std::size_t alignment);

 private:
  char* next_;
  std::size_t left_;
};

/// What an arena needs at most for a plan of that encoded size.
inline constexpr std::size_t arena_size_for(std::size_t encoded) { return encoded * 8 + 4096; }

/// Why a plan is refused: a sentence, and where in the bytes.
struct PlanProblem {
  const char* what = nullptr;  ///< nullptr: none
  std::uint32_t offset = 0;
};

/// Reads `bytes` (which must outlive `out`). Bounds: kMaxPlanBytes in all, every length and count within what is left.
PlanProblem read_plan(const char* bytes, std::size_t size, Arena& arena, PlanView& out);

/// What must hold beyond the form: there is a command; FdIndexes within fd_count; paths absolute; mounts only with a mount
/// namespace; known kinds, flags and propagations; a filter of at most 4096 instructions; only namespaced sysctls, their
/// values without control bytes (CVE-2022-0811); ids up to 2^31-2.
PlanProblem check_plan(const PlanView& plan);

}  // namespace tepui::launcher

// PlanSink: the launch plan as lib/modules sees it, one verb per field. agent/containerizer implements it over LaunchPlan.
// The C side is plan_adaptor.hpp, which also keeps the claims: an implementation never has to look for conflicts.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.hpp"

namespace tepui::modules {

/// The numbers are those of TEPUI_NAMESPACE_… in tepui/abi/draft/launch_plan.h.
enum class NamespaceKind : std::uint32_t { Mount, Pid, Network, Ipc, Uts, Cgroup, User, Time };
/// "mount", "pid", "network"… as in the OCI runtime specification.
std::string_view namespace_kind_name(NamespaceKind kind);

/// Meanings and units: tepui_mount in launch_plan.h.
struct PlanMount {
  int source_fd = -1;  // borrowed: dup it to keep it
  std::string source;
  std::string target;
  std::string fstype;
  std::string data;
  std::uint64_t flags = 0;        // MS_…
  std::uint64_t propagation = 0;  // MS_PRIVATE, MS_SLAVE, MS_SHARED with or without MS_REC; 0: leave
  bool is_directory_created = false;
  bool is_file_created = false;
  bool is_optional = false;  // left out when the source is missing
};

struct PlanDevice {
  char type = 'c';
  bool has_node = true;
  std::string path;
  std::string access;  // letters of "rwm"
  std::uint32_t major_number = 0;
  std::uint32_t minor_number = 0;
  std::uint32_t mode = 0666;
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
};

/// Masks of capability numbers.
struct PlanCapabilities {
  std::uint64_t bounding = 0;
  std::uint64_t effective = 0;
  std::uint64_t permitted = 0;
  std::uint64_t inheritable = 0;
  std::uint64_t ambient = 0;
};

/// Called on a blocking thread while the module's `prepare` runs; one call at a time. `isolator` is who asks. Everything
/// passed is borrowed for the call: copy text, dup descriptors. The arguments have been checked for shape and claims.
/// A verb that an implementation does not carry out keeps the answer here: Unimplemented, naming the verb.
class PlanSink {
 public:
  PlanSink() = default;
  PlanSink(const PlanSink&) = delete;
  PlanSink& operator=(const PlanSink&) = delete;
  virtual ~PlanSink() = default;

  virtual Result<void> add_namespace(std::string_view isolator, NamespaceKind kind);
  virtual Result<void> join_namespace(std::string_view isolator, NamespaceKind kind, int fd);
  virtual Result<void> add_id_map(std::string_view isolator, bool is_group, std::uint32_t inside, std::uint32_t outside,
                                  std::uint32_t count);
  /// fd -1: `path` counts. flags: MS_RDONLY or 0.
  virtual Result<void> set_root(std::string_view isolator, int fd, std::string_view path, std::uint64_t flags);
  virtual Result<void> add_mount(std::string_view isolator, const PlanMount& mount);
  virtual Result<void> add_masked_path(std::string_view isolator, std::string_view path);
  virtual Result<void> add_readonly_path(std::string_view isolator, std::string_view path);
  virtual Result<void> add_device(std::string_view isolator, const PlanDevice& device);
  /// Empty key: the container shall be in a cgroup of `controller`; no setting.
  virtual Result<void> add_to_cgroup(std::string_view isolator, std::string_view controller, std::string_view key,
                                     std::string_view value);
  virtual Result<void> add_rlimit(std::string_view isolator, std::uint32_t resource, std::uint64_t soft,
                                  std::uint64_t hard);
  virtual Result<void> set_capabilities(std::string_view isolator, const PlanCapabilities& capabilities);
  /// `program`: struct sock_filter[] as bytes, a multiple of 8.
  virtual Result<void> set_seccomp_filter(std::string_view isolator, std::span<const std::uint8_t> program,
                                          std::uint32_t flags);
  virtual Result<void> set_no_new_privs(std::string_view isolator);
  virtual Result<void> add_env(std::string_view isolator, std::string_view name, std::string_view value);
  virtual Result<void> set_user(std::string_view isolator, std::uint32_t uid, std::uint32_t gid,
                                std::span<const std::uint32_t> groups);
  virtual Result<void> set_hostname(std::string_view isolator, std::string_view name);
  virtual Result<void> add_sysctl(std::string_view isolator, std::string_view key, std::string_view value);
  virtual Result<void> set_oom_score_adj(std::string_view isolator, std::int32_t value);
  virtual Result<void> set_working_directory(std::string_view isolator, std::string_view path);
  virtual Result<void> inherit_fd(std::string_view isolator, int fd, std::int32_t number);
};

}  // namespace tepui::modules

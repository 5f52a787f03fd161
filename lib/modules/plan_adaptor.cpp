// One function per verb: check the shape, claim the thing, pass it on. The names of the claims are what people read.
#include "lib/modules/plan_adaptor.hpp"

#include <vector>

#include <fmt/format.h>

#include "lib/base/try.hpp"
#include "lib/modules/abi_error.hpp"
#include "tepui/sdk/container.hpp"
#include "tepui/sdk/status.hpp"

namespace tepui::modules {
namespace {

constexpr std::uint32_t kNamespaceKinds = TEPUI_NAMESPACE_TIME + 1;
constexpr std::size_t kMaxSeccompBytes = 4096 * 8;  // BPF_MAXINSNS of linux/bpf_common.h
constexpr std::size_t kMaxGroups = 65536;           // NGROUPS_MAX

Error invalid(std::string message) { return {ErrorCode::InvalidArgument, std::move(message)}; }

Result<std::string_view> read_text(std::string_view what, tepui_str raw) {
  if (raw.size != 0 && raw.data == nullptr) return invalid(fmt::format("read the {}: no data", what));
  const std::string_view text = sdk::view(raw);
  if (text.find('\0') != std::string_view::npos) return invalid(fmt::format("read the {}: a zero byte in it", what));
  return text;
}

Result<std::string_view> read_path(std::string_view what, tepui_str raw) {
  TEPUI_ASSIGN(std::string_view text, read_text(what, raw));
  if (text.empty() || text.front() != '/') return invalid(fmt::format("read the {}: '{}' is no absolute path", what, text));
  return text;
}

Result<NamespaceKind> read_kind(std::uint32_t kind) {
  if (kind >= kNamespaceKinds) return invalid(fmt::format("read the namespace kind: {} is none", kind));
  return static_cast<NamespaceKind>(kind);
}

}  // namespace

/// The verbs as static functions: what the C table points to.
struct PlanVerbs {
  template <class Body>
  static std::int32_t run(tepui_launch_plan* raw, tepui_error* error, Body&& body) noexcept {
    return sdk::guard(error, [&]() -> sdk::Status {
      Result<void> result = body(*static_cast<PlanAdaptor*>(raw->context));
      return result ? sdk::Status() : sdk::Status(result.error());
    });
  }

  static std::int32_t add_namespace(tepui_launch_plan* raw, std::uint32_t kind, tepui_error* error) noexcept {
    return run(raw, error, [&](PlanAdaptor& plan) -> Result<void> {
      TEPUI_ASSIGN(NamespaceKind read, read_kind(kind));
      TEPUI_TRY(plan.claim(fmt::format("{} namespace", namespace_kind_name(read))));
      return plan.sink_.add_namespace(plan.isolator_, read);
    });
  }
  static std::int32_t join_namespace(tepui_launch_plan* raw, std::uint32_t kind, std::int32_t fd,
                                     tepui_error* error) noexcept {
    return run(raw, error, [&](PlanAdaptor& plan) -> Result<void> {
      TEPUI_ASSIGN(NamespaceKind read, read_kind(kind));
      if (fd < 0) return invalid("join a namespace: no descriptor");
      TEPUI_TRY(plan.claim(fmt::format("{} namespace", namespace_kind_name(read))));
      return plan.sink_.join_namespace(plan.isolator_, read, fd);
    });
  }
  static std::int32_t add_id_map(tepui_launch_plan* raw, std::uint32_t is_group, std::uint32_t inside,
                                 std::uint32_t outside, std::uint32_t count, tepui_error* error) noexcept {
    return run(raw, error, [&](PlanAdaptor& plan) -> Result<void> {
      if (count == 0) return invalid("map ids: a count of 0");
      TEPUI_TRY(plan.claim(is_group != 0 ? "map of group ids" : "map of user ids"));
      return plan.sink_.add_id_map(plan.isolator_, is_group != 0, inside, outside, count);
    });
  }
  static std::int32_t set_root(tepui_launch_plan* raw, std::int32_t fd, tepui_str path, std::uint64_t flags,
                               tepui_error* error) noexcept {
    return run(raw, error, [&](PlanAdaptor& plan) -> Result<void> {
      TEPUI_ASSIGN(std::string_view text, fd < 0 ? read_path("root", path) : read_text("root", path));
      TEPUI_TRY(plan.claim("root file system"));
      return plan.sink_.set_root(plan.isolator_, fd, text, flags);
    });
  }
  static std::int32_t add_mount(tepui_launch_plan* raw, const tepui_mount* mount, tepui_error* error) noexcept {
    return run(raw, error, [&](PlanAdaptor& plan) -> Result<void> {
      const tepui_mount copy = sdk::copy_sized(mount);
      PlanMount read;
      TEPUI_ASSIGN(read.target, read_path("mount's target", copy.target));
      TEPUI_ASSIGN(read.source, read_text("mount's source", copy.source));
      TEPUI_ASSIGN(read.fstype, read_text("mount's file system", copy.fstype));
      TEPUI_ASSIGN(read.data, read_text("mount's data", copy.data));
      read.source_fd = copy.source_fd;
      read.flags = copy.flags;
      read.propagation = copy.propagation;
      read.is_directory_created = (copy.options & TEPUI_MOUNT_CREATE_DIRECTORY) != 0;
      read.is_file_created = (copy.options & TEPUI_MOUNT_CREATE_FILE) != 0;
      read.is_optional = (copy.options & TEPUI_MOUNT_IF_SOURCE_EXISTS) != 0;
      TEPUI_TRY(plan.claim(fmt::format("mount on '{}'", read.target)));
      return plan.sink_.add_mount(plan.isolator_, read);
    });
  }
  static std::int32_t add_masked_path(tepui_launch_plan* raw, tepui_str path, tepui_error* error) noexcept {
    return run(raw, error, [&](PlanAdaptor& plan) -> Result<void> {
      TEPUI_ASSIGN(std::string_view text, read_path("masked path", path));
      return plan.sink_.add_masked_path(plan.isolator_, text);
    });
  }
  static std::int32_t add_readonly_path(tepui_launch_plan* raw, tepui_str path, tepui_error* error) noexcept {
    return run(raw, error, [&](PlanAdaptor& plan) -> Result<void> {
      TEPUI_ASSIGN(std::string_view text, read_path("read-only path", path));
      return plan.sink_.add_readonly_path(plan.isolator_, text);
    });
  }
  static std::int32_t add_device(tepui_launch_plan* raw, const tepui_device* device, tepui_error* error) noexcept {
    return run(raw, error, [&](PlanAdaptor& plan) -> Result<void> {
      const tepui_device copy = sdk::copy_sized(device);
      PlanDevice read;
      if (copy.type != 'c' && copy.type != 'b') return invalid("add a device: its type is neither 'c' nor 'b'");
      read.type = copy.type;
      read.has_node = copy.has_node != 0;
      if (read.has_node) {
        TEPUI_ASSIGN(read.path, read_path("device's path", copy.path));
        TEPUI_TRY(plan.claim(fmt::format("device '{}'", read.path)));
      }
      TEPUI_ASSIGN(read.access, read_text("device's access", copy.access));
      if (read.access.find_first_not_of("rwm") != std::string::npos) {
        return invalid(fmt::format("add a device: '{}' has other letters than rwm", read.access));
      }
      read.major_number = copy.major_number;
      read.minor_number = copy.minor_number;
      read.mode = copy.mode & 0777U;
      read.uid = copy.uid;
      read.gid = copy.gid;
      return plan.sink_.add_device(plan.isolator_, read);
    });
  }
  static std::int32_t add_to_cgroup(tepui_launch_plan* raw, tepui_str controller, tepui_str key, tepui_str value,
                                    tepui_error* error) noexcept {
    return run(raw, error, [&](PlanAdaptor& plan) -> Result<void> {
      TEPUI_ASSIGN(std::string_view name, read_text("cgroup controller", controller));
      TEPUI_ASSIGN(std::string_view file, read_text("cgroup file", key));
      TEPUI_ASSIGN(std::string_view text, read_text("cgroup setting", value));
      if (name.empty() || name.find('/') != std::string_view::npos || file.find('/') != std::string_view::npos) {
        return invalid(fmt::format("set '{}' of cgroup controller '{}': not a plain name", file, name));
      }
      if (!file.empty()) {
        TEPUI_TRY(plan.claim(fmt::format("cgroup setting '{}'", file)));
      }
      return plan.sink_.add_to_cgroup(plan.isolator_, name, file, text);
    });
  }
  static std::int32_t add_rlimit(tepui_launch_plan* raw, std::uint32_t resource, std::uint64_t soft, std::uint64_t hard,
                                 tepui_error* error) noexcept {
    return run(raw, error, [&](PlanAdaptor& plan) -> Result<void> {
      if (soft > hard) return invalid(fmt::format("set rlimit {}: soft {} is above hard {}", resource, soft, hard));
      TEPUI_TRY(plan.claim(fmt::format("rlimit {}", resource)));
      return plan.sink_.add_rlimit(plan.isolator_, resource, soft, hard);
    });
  }
  static std::int32_t set_capabilities(tepui_launch_plan* raw, const tepui_capabilities* capabilities,
                                       tepui_error* error) noexcept {
    return run(raw, error, [&](PlanAdaptor& plan) -> Result<void> {
      const tepui_capabilities copy = sdk::copy_sized(capabilities);
      TEPUI_TRY(plan.claim("capabilities"));
      return plan.sink_.set_capabilities(
          plan.isolator_, {copy.bounding, copy.effective, copy.permitted, copy.inheritable, copy.ambient});
    });
  }
  static std::int32_t set_seccomp_filter(tepui_launch_plan* raw, tepui_bytes program, std::uint32_t flags,
                                         tepui_error* error) noexcept {
    return run(raw, error, [&](PlanAdaptor& plan) -> Result<void> {
      if (program.data == nullptr || program.size == 0 || program.size % 8 != 0 || program.size > kMaxSeccompBytes) {
        return invalid(fmt::format("set the seccomp filter: {} bytes are no program of 1 to 4096 instructions", program.size));
      }
      TEPUI_TRY(plan.claim("seccomp filter"));
      return plan.sink_.set_seccomp_filter(plan.isolator_, {program.data, program.size}, flags);
    });
  }
  static std::int32_t set_no_new_privs(tepui_launch_plan* raw, tepui_error* error) noexcept {
    return run(raw, error, [&](PlanAdaptor& plan) { return plan.sink_.set_no_new_privs(plan.isolator_); });
  }
  static std::int32_t add_env(tepui_launch_plan* raw, tepui_str name, tepui_str value, tepui_error* error) noexcept {
    return run(raw, error, [&](PlanAdaptor& plan) -> Result<void> {
      TEPUI_ASSIGN(std::string_view key, read_text("variable's name", name));
      TEPUI_ASSIGN(std::string_view text, read_text("variable's value", value));
      if (key.empty() || key.find('=') != std::string_view::npos) {
        return invalid(fmt::format("set environment variable '{}': not a name", key));
      }
      TEPUI_TRY(plan.claim(fmt::format("environment variable '{}'", key)));
      return plan.sink_.add_env(plan.isolator_, key, text);
    });
  }
  static std::int32_t set_user(tepui_launch_plan* raw, std::uint32_t uid, std::uint32_t gid, const std::uint32_t* groups,
                               std::size_t groups_count, tepui_error* error) noexcept {
    return run(raw, error, [&](PlanAdaptor& plan) -> Result<void> {
      if (groups_count > kMaxGroups || (groups_count > 0 && groups == nullptr)) return invalid("set the user: bad groups");
      TEPUI_TRY(plan.claim("user and groups"));
      return plan.sink_.set_user(plan.isolator_, uid, gid, {groups, groups_count});
    });
  }
  static std::int32_t set_hostname(tepui_launch_plan* raw, tepui_str name, tepui_error* error) noexcept {
    return run(raw, error, [&](PlanAdaptor& plan) -> Result<void> {
      TEPUI_ASSIGN(std::string_view text, read_text("host name", name));
      if (text.empty() || text.size() > 64) return invalid(fmt::format("set host name '{}': not 1 to 64 bytes", text));
      TEPUI_TRY(plan.claim("host name"));
      return plan.sink_.set_hostname(plan.isolator_, text);
    });
  }
  static std::int32_t add_sysctl(tepui_launch_plan* raw, tepui_str key, tepui_str value, tepui_error* error) noexcept {
    return run(raw, error, [&](PlanAdaptor& plan) -> Result<void> {
      TEPUI_ASSIGN(std::string_view name, read_text("sysctl", key));
      TEPUI_ASSIGN(std::string_view text, read_text("sysctl's value", value));
      if (name.empty() || name.find("..") != std::string_view::npos || name.front() == '/') {
        return invalid(fmt::format("set sysctl '{}': not a key", name));
      }
      TEPUI_TRY(plan.claim(fmt::format("sysctl '{}'", name)));
      return plan.sink_.add_sysctl(plan.isolator_, name, text);
    });
  }
  static std::int32_t set_oom_score_adj(tepui_launch_plan* raw, std::int32_t value, tepui_error* error) noexcept {
    return run(raw, error, [&](PlanAdaptor& plan) -> Result<void> {
      if (value < -1000 || value > 1000) return invalid(fmt::format("set oom_score_adj: {} is not in -1000 to 1000", value));
      TEPUI_TRY(plan.claim("oom_score_adj"));
      return plan.sink_.set_oom_score_adj(plan.isolator_, value);
    });
  }
  static std::int32_t set_working_directory(tepui_launch_plan* raw, tepui_str path, tepui_error* error) noexcept {
    return run(raw, error, [&](PlanAdaptor& plan) -> Result<void> {
      TEPUI_ASSIGN(std::string_view text, read_path("working directory", path));
      TEPUI_TRY(plan.claim("working directory"));
      return plan.sink_.set_working_directory(plan.isolator_, text);
    });
  }
  static std::int32_t inherit_fd(tepui_launch_plan* raw, std::int32_t fd, std::int32_t number, tepui_error* error) noexcept {
    return run(raw, error, [&](PlanAdaptor& plan) -> Result<void> {
      if (fd < 0 || number < 3) return invalid(fmt::format("inherit descriptor {} as {}: 3 or more is allowed", fd, number));
      TEPUI_TRY(plan.claim(fmt::format("descriptor {}", number)));
      return plan.sink_.inherit_fd(plan.isolator_, fd, number);
    });
  }
  static const void* find_interface(tepui_launch_plan*, const char*) noexcept { return nullptr; }
};

PlanAdaptor::PlanAdaptor(std::string isolator, PlanSink& sink, ClaimTable& claims)
    : isolator_(std::move(isolator)), sink_(sink), claims_(claims) {
  raw_ = {sizeof raw_,
          0,
          this,
          &PlanVerbs::add_namespace,
          &PlanVerbs::join_namespace,
          &PlanVerbs::add_id_map,
          &PlanVerbs::set_root,
          &PlanVerbs::add_mount,
          &PlanVerbs::add_masked_path,
          &PlanVerbs::add_readonly_path,
          &PlanVerbs::add_device,
          &PlanVerbs::add_to_cgroup,
          &PlanVerbs::add_rlimit,
          &PlanVerbs::set_capabilities,
          &PlanVerbs::set_seccomp_filter,
          &PlanVerbs::set_no_new_privs,
          &PlanVerbs::add_env,
          &PlanVerbs::set_user,
          &PlanVerbs::set_hostname,
          &PlanVerbs::add_sysctl,
          &PlanVerbs::set_oom_score_adj,
          &PlanVerbs::set_working_directory,
          &PlanVerbs::inherit_fd,
          &PlanVerbs::find_interface};
}

Result<void> PlanAdaptor::claim(std::string_view thing) {
  Result<void> claimed = claims_.claim(isolator_, thing);
  if (!claimed && !conflict_) conflict_ = claimed.error();
  return claimed;
}

}  // namespace tepui::modules

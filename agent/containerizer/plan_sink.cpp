#include "agent/containerizer/plan_sink.hpp"

#include <cstring>

#include <fmt/format.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "lib/base/try.hpp"
#include "lib/linux/sys.hpp"

namespace tepui::agent {
namespace {

launcher::NamespaceKind kind_of(modules::NamespaceKind kind) {
  switch (kind) {
    case modules::NamespaceKind::Mount: return launcher::NamespaceKind::Mount;
    case modules::NamespaceKind::Pid: return launcher::NamespaceKind::Pid;
    case modules::NamespaceKind::Network: return launcher::NamespaceKind::Network;
    case modules::NamespaceKind::Ipc: return launcher::NamespaceKind::Ipc;
    case modules::NamespaceKind::Uts: return launcher::NamespaceKind::Uts;
    case modules::NamespaceKind::Cgroup: return launcher::NamespaceKind::Cgroup;
    case modules::NamespaceKind::User: return launcher::NamespaceKind::User;
    case modules::NamespaceKind::Time: return launcher::NamespaceKind::Time;
  }
  return launcher::NamespaceKind::Mount;
}

}  // namespace

Result<launcher::FdIndex> LaunchPlanSink::keep(int fd) {
  TEPUI_ASSIGN(UniqueFd copy, sys::duplicate(fd));
  return plan_.add_fd(std::move(copy));
}

Result<void> LaunchPlanSink::add_namespace(std::string_view, modules::NamespaceKind kind) {
  if (!plan_.has_namespace(kind_of(kind))) plan_.namespaces.push_back({kind_of(kind), launcher::kNoFd});
  return ok();
}

Result<void> LaunchPlanSink::join_namespace(std::string_view, modules::NamespaceKind kind, int fd) {
  TEPUI_ASSIGN(const launcher::FdIndex index, keep(fd));
  plan_.namespaces.push_back({kind_of(kind), index});
  return ok();
}

Result<void> LaunchPlanSink::add_id_map(std::string_view, bool is_group, std::uint32_t inside, std::uint32_t outside,
                                        std::uint32_t count) {
  (is_group ? plan_.gid_map : plan_.uid_map).push_back({inside, outside, count});
  return ok();
}

Result<void> LaunchPlanSink::set_root(std::string_view, int fd, std::string_view path, std::uint64_t flags) {
  plan_.root.path = std::string(path);
  plan_.root.fd = launcher::kNoFd;
  plan_.root.is_readonly = (flags & MS_RDONLY) != 0;
  if (fd >= 0) {
    TEPUI_ASSIGN(plan_.root.fd, keep(fd));
  }
  return ok();
}

Result<void> LaunchPlanSink::add_mount(std::string_view, const modules::PlanMount& mount) {
  if (mount.is_optional && mount.source_fd < 0) {
    const auto there = sys::exists_at(AT_FDCWD, mount.source);
    if (!there) return there.error();
    if (!*there) return ok();
  }
  launcher::PlanMount out;
  out.source = mount.source;
  out.target = mount.target;
  out.fstype = mount.fstype;
  out.flags = mount.flags;
  out.propagation = mount.propagation;
  out.data = mount.data;
  if (mount.is_directory_created) out.missing_target = launcher::MissingTarget::MakeDirectory;
  if (mount.is_file_created) out.missing_target = launcher::MissingTarget::MakeFile;
  if (mount.source_fd >= 0) {
    TEPUI_ASSIGN(out.source_fd, keep(mount.source_fd));
  }
  plan_.mounts.push_back(std::move(out));
  return ok();
}

Result<void> LaunchPlanSink::add_masked_path(std::string_view, std::string_view path) {
  plan_.masked_paths.emplace_back(path);
  return ok();
}

Result<void> LaunchPlanSink::add_readonly_path(std::string_view, std::string_view path) {
  plan_.readonly_paths.emplace_back(path);
  return ok();
}

Result<void> LaunchPlanSink::add_device(std::string_view, const modules::PlanDevice& device) {
  if (!device.has_node) return ok();
  const std::uint32_t type = device.type == 'b' ? S_IFBLK : S_IFCHR;
  plan_.devices.push_back({std::string(device.path), type | (device.mode & 07777U), device.major_number,
                           device.minor_number, device.uid, device.gid});
  return ok();
}

Result<void> LaunchPlanSink::add_to_cgroup(std::string_view, std::string_view controller, std::string_view key,
                                           std::string_view value) {
  auto found = std::find_if(plan_.cgroups.begin(), plan_.cgroups.end(),
                            [&](const launcher::PlanCgroup& group) { return group.controller == controller; });
  if (found == plan_.cgroups.end()) {
    plan_.cgroups.push_back({std::string(controller), {}});
    found = std::prev(plan_.cgroups.end());
  }
  if (!key.empty()) found->settings.push_back({std::string(key), std::string(value)});
  return ok();
}

Result<void> LaunchPlanSink::add_rlimit(std::string_view, std::uint32_t resource, std::uint64_t soft,
                                        std::uint64_t hard) {
  plan_.rlimits.push_back({resource, soft, hard});
  return ok();
}

Result<void> LaunchPlanSink::set_capabilities(std::string_view, const modules::PlanCapabilities& capabilities) {
  plan_.capabilities = {capabilities.bounding, capabilities.effective, capabilities.permitted,
                        capabilities.inheritable, capabilities.ambient};
  return ok();
}

Result<void> LaunchPlanSink::set_seccomp_filter(std::string_view isolator, std::span<const std::uint8_t> program,
                                                std::uint32_t flags) {
  if (program.empty() || program.size() % sizeof(sock_filter) != 0) {
    return Error(ErrorCode::InvalidArgument,
                 fmt::format("set a seccomp filter of {} bytes for isolator '{}'", program.size(), isolator));
  }
  if (!plan_.seccomp.empty()) {
    return Error(ErrorCode::Unimplemented, fmt::format("set a second seccomp filter for isolator '{}'", isolator));
  }
  plan_.seccomp.resize(program.size() / sizeof(sock_filter));
  std::memcpy(plan_.seccomp.data(), program.data(), program.size());
  plan_.seccomp_flags = flags;
  return ok();
}

Result<void> LaunchPlanSink::set_no_new_privs(std::string_view) {
  plan_.no_new_privs = true;
  return ok();
}

Result<void> LaunchPlanSink::add_env(std::string_view, std::string_view name, std::string_view value) {
  environment_[std::string(name)] = std::string(value);
  return ok();
}

Result<void> LaunchPlanSink::set_user(std::string_view, std::uint32_t uid, std::uint32_t gid,
                                      std::span<const std::uint32_t> groups) {
  plan_.user = {uid, gid, std::vector<std::uint32_t>(groups.begin(), groups.end())};
  return ok();
}

Result<void> LaunchPlanSink::set_hostname(std::string_view, std::string_view name) {
  plan_.hostname = std::string(name);
  return ok();
}

Result<void> LaunchPlanSink::add_sysctl(std::string_view, std::string_view key, std::string_view value) {
  plan_.sysctl.push_back({std::string(key), std::string(value)});
  return ok();
}

Result<void> LaunchPlanSink::set_oom_score_adj(std::string_view, std::int32_t value) {
  plan_.has_oom_score_adj = true;
  plan_.oom_score_adj = value;
  return ok();
}

Result<void> LaunchPlanSink::set_working_directory(std::string_view, std::string_view path) {
  plan_.cwd = std::string(path);
  return ok();
}

Result<void> LaunchPlanSink::inherit_fd(std::string_view, int fd, std::int32_t number) {
  TEPUI_ASSIGN(const launcher::FdIndex index, keep(fd));
  plan_.inherited_fds.push_back({index, static_cast<std::uint32_t>(number)});
  return ok();
}

}  // namespace tepui::agent

// LaunchPlan: the plan's verbs as C++ methods. Meanings: tepui/abi/draft/launch_plan.h.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "tepui/abi/draft/launch_plan.h"
#include "tepui/sdk/status.hpp"

namespace tepui::sdk {

/// A mount in words; every field has tepui_mount's meaning.
struct Mount {
  std::string_view source;
  std::string_view target;
  std::string_view fstype;
  std::string_view data;
  std::uint64_t flags = 0;
  std::uint64_t propagation = 0;
  std::uint32_t options = 0;
  int source_fd = -1;
};

/// Borrowed for one `prepare`. Return a verb's error at once.
class LaunchPlan {
 public:
  explicit LaunchPlan(tepui_launch_plan* raw) : raw_(raw) {}

  Status add_namespace(std::uint32_t kind) { return call(&tepui_launch_plan::add_namespace, kind); }
  Status join_namespace(std::uint32_t kind, int fd) { return call(&tepui_launch_plan::join_namespace, kind, fd); }
  Status add_id_map(bool is_group, std::uint32_t inside, std::uint32_t outside, std::uint32_t count) {
    return call(&tepui_launch_plan::add_id_map, is_group ? 1U : 0U, inside, outside, count);
  }
  Status set_root(std::string_view path, std::uint64_t flags, int fd = -1) {
    return call(&tepui_launch_plan::set_root, fd, str(path), flags);
  }
  Status add_mount(const Mount& mount) {
    tepui_mount raw = {};
    raw.struct_size = sizeof raw;
    raw.source_fd = mount.source_fd;
    raw.source = str(mount.source);
    raw.target = str(mount.target);
    raw.fstype = str(mount.fstype);
    raw.data = str(mount.data);
    raw.flags = mount.flags;
    raw.propagation = mount.propagation;
    raw.options = mount.options;
    return call(&tepui_launch_plan::add_mount, &raw);
  }
  Status add_masked_path(std::string_view path) { return call(&tepui_launch_plan::add_masked_path, str(path)); }
  Status add_readonly_path(std::string_view path) { return call(&tepui_launch_plan::add_readonly_path, str(path)); }
  Status add_device(const tepui_device& device) { return call(&tepui_launch_plan::add_device, &device); }
  Status add_to_cgroup(std::string_view controller, std::string_view key = {}, std::string_view value = {}) {
    return call(&tepui_launch_plan::add_to_cgroup, str(controller), str(key), str(value));
  }
  Status add_rlimit(std::uint32_t resource, std::uint64_t soft, std::uint64_t hard) {
    return call(&tepui_launch_plan::add_rlimit, resource, soft, hard);
  }
  Status set_capabilities(const tepui_capabilities& capabilities) {
    return call(&tepui_launch_plan::set_capabilities, &capabilities);
  }
  Status set_seccomp_filter(std::span<const std::uint8_t> program, std::uint32_t flags = 0) {
    return call(&tepui_launch_plan::set_seccomp_filter, tepui_bytes{program.data(), program.size()}, flags);
  }
  Status set_no_new_privs() { return call(&tepui_launch_plan::set_no_new_privs); }
  Status add_env(std::string_view name, std::string_view value) {
    return call(&tepui_launch_plan::add_env, str(name), str(value));
  }
  Status set_user(std::uint32_t uid, std::uint32_t gid, std::span<const std::uint32_t> groups) {
    return call(&tepui_launch_plan::set_user, uid, gid, groups.data(), groups.size());
  }
  Status set_hostname(std::string_view name) { return call(&tepui_launch_plan::set_hostname, str(name)); }
  Status add_sysctl(std::string_view key, std::string_view value) {
    return call(&tepui_launch_plan::add_sysctl, str(key), str(value));
  }
  Status set_oom_score_adj(std::int32_t value) { return call(&tepui_launch_plan::set_oom_score_adj, value); }
  Status set_working_directory(std::string_view path) {
    return call(&tepui_launch_plan::set_working_directory, str(path));
  }
  Status inherit_fd(int fd, std::int32_t number) { return call(&tepui_launch_plan::inherit_fd, fd, number); }

 private:
  /// A verb beyond the host's struct_size, or NULL, is one that this host does not know.
  template <class Verb, class... Args>
  Status call(Verb tepui_launch_plan::*verb, Args... args) {
    const auto offset = static_cast<std::size_t>(reinterpret_cast<const char*>(&(raw_->*verb)) -
                                                 reinterpret_cast<const char*>(raw_));
    if (offset + sizeof(Verb) > raw_->struct_size || raw_->*verb == nullptr) {
      return {TEPUI_UNIMPLEMENTED, "use a launch-plan verb that this host does not have"};
    }
    tepui_error error = empty_error();
    const std::int32_t code = (raw_->*verb)(raw_, args..., &error);
    return code == TEPUI_OK ? Status() : Status(code, error);
  }

  tepui_launch_plan* raw_;
};

}  // namespace tepui::sdk

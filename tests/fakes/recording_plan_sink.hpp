// RecordingPlanSink: writes down every verb of a launch plan as one line of text, and refuses one verb if told so.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "lib/modules/plan_sink.hpp"

namespace tepui {

/// lines: "test/good add_namespace uts", in the order of the calls.
class RecordingPlanSink final : public modules::PlanSink {
 public:
  std::vector<std::string> lines;
  /// A line that contains this text is refused with ResourceExhausted instead of written down. Empty: none.
  std::string refused;

  [[nodiscard]] bool has(std::string_view line) const {
    for (const auto& known : lines) {
      if (known == line) return true;
    }
    return false;
  }

  Result<void> add_namespace(std::string_view who, modules::NamespaceKind kind) override {
    return note(fmt::format("{} add_namespace {}", who, modules::namespace_kind_name(kind)));
  }
  Result<void> join_namespace(std::string_view who, modules::NamespaceKind kind, int) override {
    return note(fmt::format("{} join_namespace {}", who, modules::namespace_kind_name(kind)));
  }
  Result<void> add_id_map(std::string_view who, bool is_group, std::uint32_t inside, std::uint32_t outside,
                          std::uint32_t count) override {
    return note(fmt::format("{} add_id_map {} {} {} {}", who, is_group ? "group" : "user", inside, outside, count));
  }
  Result<void> set_root(std::string_view who, int, std::string_view path, std::uint64_t flags) override {
    return note(fmt::format("{} set_root {} {}", who, path, flags));
  }
  Result<void> add_mount(std::string_view who, const modules::PlanMount& mount) override {
    return note(fmt::format("{} add_mount {} on {} as {} ({}) flags {:#x}", who, mount.source, mount.target, mount.fstype,
                            mount.data, mount.flags));
  }
  Result<void> add_masked_path(std::string_view who, std::string_view path) override {
    return note(fmt::format("{} add_masked_path {}", who, path));
  }
  Result<void> add_readonly_path(std::string_view who, std::string_view path) override {
    return note(fmt::format("{} add_readonly_path {}", who, path));
  }
  Result<void> add_device(std::string_view who, const modules::PlanDevice& device) override {
    return note(fmt::format("{} add_device {} {} {}:{} {}", who, device.path, device.type, device.major_number,
                            device.minor_number, device.access));
  }
  Result<void> add_to_cgroup(std::string_view who, std::string_view controller, std::string_view key,
                             std::string_view value) override {
    return note(key.empty() ? fmt::format("{} add_to_cgroup {}", who, controller)
                            : fmt::format("{} add_to_cgroup {} {}={}", who, controller, key, value));
  }
  Result<void> add_rlimit(std::string_view who, std::uint32_t resource, std::uint64_t soft, std::uint64_t hard) override {
    return note(fmt::format("{} add_rlimit {} {} {}", who, resource, soft, hard));
  }
  Result<void> set_capabilities(std::string_view who, const modules::PlanCapabilities& sets) override {
    return note(fmt::format("{} set_capabilities {:#x} {:#x} {:#x} {:#x} {:#x}", who, sets.bounding, sets.effective,
                            sets.permitted, sets.inheritable, sets.ambient));
  }
  Result<void> set_seccomp_filter(std::string_view who, std::span<const std::uint8_t> program, std::uint32_t) override {
    seccomp.assign(program.begin(), program.end());
    return note(fmt::format("{} set_seccomp_filter {} instructions", who, program.size() / 8));
  }
  Result<void> set_no_new_privs(std::string_view who) override { return note(fmt::format("{} set_no_new_privs", who)); }
  Result<void> add_env(std::string_view who, std::string_view name, std::string_view value) override {
    return note(fmt::format("{} add_env {}={}", who, name, value));
  }
  Result<void> set_user(std::string_view who, std::uint32_t uid, std::uint32_t gid,
                        std::span<const std::uint32_t> groups) override {
    return note(fmt::format("{} set_user {}:{} [{}]", who, uid, gid, fmt::join(groups, ",")));
  }
  Result<void> set_hostname(std::string_view who, std::string_view name) override {
    return note(fmt::format("{} set_hostname {}", who, name));
  }
  Result<void> add_sysctl(std::string_view who, std::string_view key, std::string_view value) override {
    return note(fmt::format("{} add_sysctl {}={}", who, key, value));
  }
  Result<void> set_oom_score_adj(std::string_view who, std::int32_t value) override {
    return note(fmt::format("{} set_oom_score_adj {}", who, value));
  }
  Result<void> set_working_directory(std::string_view who, std::string_view path) override {
    return note(fmt::format("{} set_working_directory {}", who, path));
  }
  Result<void> inherit_fd(std::string_view who, int, std::int32_t number) override {
    return note(fmt::format("{} inherit_fd {}", who, number));
  }

  /// The last filter, as bytes of struct sock_filter.
  std::vector<std::uint8_t> seccomp;

 private:
  Result<void> note(std::string line) {
    if (!refused.empty() && line.find(refused) != std::string::npos) {
      return Error(ErrorCode::ResourceExhausted, "refuse for the test: " + line);
    }
    lines.push_back(std::move(line));
    return ok();
  }
};

}  // namespace tepui

// LaunchPlanSink: writes what isolators ask for (lib/modules' PlanSink) into one container's launcher::LaunchPlan.
// Conflicts between isolators never reach it: lib/modules keeps the claims.
#pragma once

#include <string_view>

#include "agent/containerizer/environment.hpp"
#include "launcher/plan.hpp"
#include "lib/modules/plan_sink.hpp"

namespace tepui::agent {

/// One per launch; owns the plan while isolators may write to it, which a module past its deadline still may: such a sink
/// is thrown away. Descriptors are dup'ed into the plan, text is copied. Variables are kept apart, because the task's own
/// go over them (environment.hpp). Used by one thread at a time.
class LaunchPlanSink final : public modules::PlanSink {
 public:
  /// `plan`: what the containerizer itself says of the container; isolators add to it.
  explicit LaunchPlanSink(launcher::LaunchPlan plan) : plan_(std::move(plan)) {}
  [[nodiscard]] const launcher::LaunchPlan& plan() const { return plan_; }
  /// What isolators set with add_env.
  [[nodiscard]] const Environment& environment() const { return environment_; }

  Result<void> add_namespace(std::string_view isolator, modules::NamespaceKind kind) override;
  Result<void> join_namespace(std::string_view isolator, modules::NamespaceKind kind, int fd) override;
  Result<void> add_id_map(std::string_view isolator, bool is_group, std::uint32_t inside, std::uint32_t outside,
                          std::uint32_t count) override;
  Result<void> set_root(std::string_view isolator, int fd, std::string_view path, std::uint64_t flags) override;
  Result<void> add_mount(std::string_view isolator, const modules::PlanMount& mount) override;
  Result<void> add_masked_path(std::string_view isolator, std::string_view path) override;
  Result<void> add_readonly_path(std::string_view isolator, std::string_view path) override;
  /// Makes the node. `access` matters to a devices controller only: an isolator writes that with add_to_cgroup.
  Result<void> add_device(std::string_view isolator, const modules::PlanDevice& device) override;
  Result<void> add_to_cgroup(std::string_view isolator, std::string_view controller, std::string_view key,
                             std::string_view value) override;
  Result<void> add_rlimit(std::string_view isolator, std::uint32_t resource, std::uint64_t soft,
                          std::uint64_t hard) override;
  Result<void> set_capabilities(std::string_view isolator, const modules::PlanCapabilities& capabilities) override;
  /// Errors: Unimplemented (a second filter), InvalidArgument (no whole instructions).
  Result<void> set_seccomp_filter(std::string_view isolator, std::span<const std::uint8_t> program,
                                  std::uint32_t flags) override;
  Result<void> set_no_new_privs(std::string_view isolator) override;
  Result<void> add_env(std::string_view isolator, std::string_view name, std::string_view value) override;
  Result<void> set_user(std::string_view isolator, std::uint32_t uid, std::uint32_t gid,
                        std::span<const std::uint32_t> groups) override;
  Result<void> set_hostname(std::string_view isolator, std::string_view name) override;
  Result<void> add_sysctl(std::string_view isolator, std::string_view key, std::string_view value) override;
  Result<void> set_oom_score_adj(std::string_view isolator, std::int32_t value) override;
  Result<void> set_working_directory(std::string_view isolator, std::string_view path) override;
  Result<void> inherit_fd(std::string_view isolator, int fd, std::int32_t number) override;

 private:
  Result<launcher::FdIndex> keep(int fd);
  launcher::LaunchPlan plan_;
  Environment environment_;
};

}  // namespace tepui::agent

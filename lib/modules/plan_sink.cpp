// The default answer of every verb: this host has no such thing.
#include "lib/modules/plan_sink.hpp"

#include <array>

#include <fmt/format.h>

namespace tepui::modules {
namespace {

Error unimplemented(std::string_view isolator, std::string_view verb) {
  return Error(ErrorCode::Unimplemented, fmt::format("carry out '{}' for isolator '{}'", verb, isolator));
}

}  // namespace

std::string_view namespace_kind_name(NamespaceKind kind) {
  static constexpr std::array<std::string_view, 8> kNames = {"mount", "pid",    "network", "ipc",
                                                             "uts",   "cgroup", "user",    "time"};
  const auto index = static_cast<std::size_t>(kind);
  return index < kNames.size() ? kNames.at(index) : "unknown";
}

Result<void> PlanSink::add_namespace(std::string_view isolator, NamespaceKind) {
  return unimplemented(isolator, "add_namespace");
}
Result<void> PlanSink::join_namespace(std::string_view isolator, NamespaceKind, int) {
  return unimplemented(isolator, "join_namespace");
}
Result<void> PlanSink::add_id_map(std::string_view isolator, bool, std::uint32_t, std::uint32_t, std::uint32_t) {
  return unimplemented(isolator, "add_id_map");
}
Result<void> PlanSink::set_root(std::string_view isolator, int, std::string_view, std::uint64_t) {
  return unimplemented(isolator, "set_root");
}
Result<void> PlanSink::add_mount(std::string_view isolator, const PlanMount&) {
  return unimplemented(isolator, "add_mount");
}
Result<void> PlanSink::add_masked_path(std::string_view isolator, std::string_view) {
  return unimplemented(isolator, "add_masked_path");
}
Result<void> PlanSink::add_readonly_path(std::string_view isolator, std::string_view) {
  return unimplemented(isolator, "add_readonly_path");
}
Result<void> PlanSink::add_device(std::string_view isolator, const PlanDevice&) {
  return unimplemented(isolator, "add_device");
}
Result<void> PlanSink::add_to_cgroup(std::string_view isolator, std::string_view, std::string_view, std::string_view) {
  return unimplemented(isolator, "add_to_cgroup");
}
Result<void> PlanSink::add_rlimit(std::string_view isolator, std::uint32_t, std::uint64_t, std::uint64_t) {
  return unimplemented(isolator, "add_rlimit");
}
Result<void> PlanSink::set_capabilities(std::string_view isolator, const PlanCapabilities&) {
  return unimplemented(isolator, "set_capabilities");
}
Result<void> PlanSink::set_seccomp_filter(std::string_view isolator, std::span<const std::uint8_t>, std::uint32_t) {
  return unimplemented(isolator, "set_seccomp_filter");
}
Result<void> PlanSink::set_no_new_privs(std::string_view isolator) {
  return unimplemented(isolator, "set_no_new_privs");
}
Result<void> PlanSink::add_env(std::string_view isolator, std::string_view, std::string_view) {
  return unimplemented(isolator, "add_env");
}
Result<void> PlanSink::set_user(std::string_view isolator, std::uint32_t, std::uint32_t,
                                std::span<const std::uint32_t>) {
  return unimplemented(isolator, "set_user");
}
Result<void> PlanSink::set_hostname(std::string_view isolator, std::string_view) {
  return unimplemented(isolator, "set_hostname");
}
Result<void> PlanSink::add_sysctl(std::string_view isolator, std::string_view, std::string_view) {
  return unimplemented(isolator, "add_sysctl");
}
Result<void> PlanSink::set_oom_score_adj(std::string_view isolator, std::int32_t) {
  return unimplemented(isolator, "set_oom_score_adj");
}
Result<void> PlanSink::set_working_directory(std::string_view isolator, std::string_view) {
  return unimplemented(isolator, "set_working_directory");
}
Result<void> PlanSink::inherit_fd(std::string_view isolator, int, std::int32_t) {
  return unimplemented(isolator, "inherit_fd");
}

}  // namespace tepui::modules

#include "agent/containerizer/plan_text.hpp"

#include <array>
#include <string_view>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <sys/mount.h>
#include <sys/stat.h>

namespace tepui::agent {
namespace {

namespace json = boost::json;

std::string_view namespace_name(launcher::NamespaceKind kind) {
  switch (kind) {
    case launcher::NamespaceKind::Mount: return "mount";
    case launcher::NamespaceKind::Pid: return "pid";
    case launcher::NamespaceKind::Ipc: return "ipc";
    case launcher::NamespaceKind::Uts: return "uts";
    case launcher::NamespaceKind::Cgroup: return "cgroup";
    case launcher::NamespaceKind::Network: return "network";
    case launcher::NamespaceKind::User: return "user";
    case launcher::NamespaceKind::Time: return "time";
  }
  return "mount";
}

std::string descriptor_text(launcher::FdIndex index) { return fmt::format("fd:{}", index); }

json::array mount_options(const launcher::PlanMount& mount) {
  static constexpr std::array<std::pair<std::uint64_t, const char*>, 7> kFlags{{{MS_RDONLY, "ro"},
                                                                                {MS_NOSUID, "nosuid"},
                                                                                {MS_NODEV, "nodev"},
                                                                                {MS_NOEXEC, "noexec"},
                                                                                {MS_NOATIME, "noatime"},
                                                                                {MS_RELATIME, "relatime"},
                                                                                {MS_STRICTATIME, "strictatime"}}};
  json::array out;
  if ((mount.flags & MS_BIND) != 0) out.emplace_back((mount.flags & MS_REC) != 0 ? "rbind" : "bind");
  for (const auto& [bit, name] : kFlags) {
    if ((mount.flags & bit) != 0) out.emplace_back(name);
  }
  const std::string rec = (mount.propagation & MS_REC) != 0 ? "r" : "";
  if ((mount.propagation & MS_SLAVE) != 0) out.emplace_back(rec + "slave");
  if ((mount.propagation & MS_SHARED) != 0) out.emplace_back(rec + "shared");
  if ((mount.propagation & MS_PRIVATE) != 0) out.emplace_back(rec + "private");
  if (!mount.data.empty()) {
    std::string_view rest(mount.data);
    while (!rest.empty()) {
      const auto comma = rest.find(',');
      out.emplace_back(std::string(rest.substr(0, comma)));
      rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
    }
  }
  return out;
}

json::array capability_names(std::uint64_t mask) {
  static constexpr std::array<const char*, 41> kNames{
      "CHOWN",       "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER",        "FSETID",          "KILL",
      "SETGID",      "SETUID",       "SETPCAP",         "LINUX_IMMUTABLE", "NET_BIND_SERVICE", "NET_BROADCAST",
      "NET_ADMIN",   "NET_RAW",      "IPC_LOCK",        "IPC_OWNER",     "SYS_MODULE",      "SYS_RAWIO",
      "SYS_CHROOT",  "SYS_PTRACE",   "SYS_PACCT",       "SYS_ADMIN",     "SYS_BOOT",        "SYS_NICE",
      "SYS_RESOURCE", "SYS_TIME",    "SYS_TTY_CONFIG",  "MKNOD",         "LEASE",           "AUDIT_WRITE",
      "AUDIT_CONTROL", "SETFCAP",    "MAC_OVERRIDE",    "MAC_ADMIN",     "SYSLOG",          "WAKE_ALARM",
      "BLOCK_SUSPEND", "AUDIT_READ", "PERFMON",         "BPF",           "CHECKPOINT_RESTORE"};
  json::array out;
  for (std::size_t bit = 0; bit < 64; ++bit) {
    if ((mask >> bit & 1U) == 0) continue;
    out.emplace_back(bit < kNames.size() ? fmt::format("CAP_{}", kNames[bit]) : fmt::format("CAP_{}", bit));
  }
  return out;
}

json::array texts(const std::vector<std::string>& in) {
  json::array out;
  for (const auto& text : in) out.emplace_back(text);
  return out;
}

json::object process_of(const launcher::LaunchPlan& plan) {
  json::array env;
  for (const auto& assignment : plan.env) {
    const auto equals = assignment.find('=');
    const bool is_ours = assignment.starts_with("MESOS_") || assignment.starts_with("PATH=");
    env.emplace_back(is_ours ? assignment : assignment.substr(0, equals) + "=");
  }
  json::array gids;
  for (const auto gid : plan.user.additional_gids) gids.emplace_back(gid);
  json::array rlimits;
  for (const auto& limit : plan.rlimits) {
    rlimits.push_back(json::object{{"type", launcher::rlimit_name(limit.resource)}, {"soft", limit.soft}, {"hard", limit.hard}});
  }
  json::object out{{"user", json::object{{"uid", plan.user.uid},
                                         {"gid", plan.user.gid},
                                         {"umask", plan.umask},
                                         {"additionalGids", std::move(gids)}}},
                   {"args", texts(plan.argv)},
                   {"env", std::move(env)},
                   {"cwd", plan.cwd},
                   {"capabilities", json::object{{"bounding", capability_names(plan.capabilities.bounding)},
                                                 {"effective", capability_names(plan.capabilities.effective)},
                                                 {"permitted", capability_names(plan.capabilities.permitted)},
                                                 {"inheritable", capability_names(plan.capabilities.inheritable)},
                                                 {"ambient", capability_names(plan.capabilities.ambient)}}},
                   {"rlimits", std::move(rlimits)},
                   {"noNewPrivileges", plan.no_new_privs}};
  if (plan.has_oom_score_adj) out["oomScoreAdj"] = plan.oom_score_adj;
  return out;
}

json::array id_map_of(const std::vector<launcher::PlanIdMap>& maps) {
  json::array out;
  for (const auto& map : maps) {
    out.push_back(json::object{{"containerID", map.container_id}, {"hostID", map.host_id}, {"size", map.count}});
  }
  return out;
}

json::object linux_of(const launcher::LaunchPlan& plan) {
  json::array namespaces;
  for (const auto& space : plan.namespaces) {
    json::object entry{{"type", namespace_name(space.kind)}};
    if (space.join != launcher::kNoFd) entry["path"] = descriptor_text(space.join);
    namespaces.push_back(std::move(entry));
  }
  json::array controllers;
  json::object unified;  // the spec's form for settings by file name: config-linux.md "Unified"
  for (const auto& group : plan.cgroups) {
    for (const auto& setting : group.settings) unified[setting.file] = setting.value;
    if (!group.controller.empty()) controllers.emplace_back(group.controller);
  }
  json::array devices;
  for (const auto& device : plan.devices) {
    devices.push_back(json::object{{"path", device.path},
                                   {"type", (device.mode & S_IFMT) == S_IFBLK ? "b" : "c"},
                                   {"major", device.major},
                                   {"minor", device.minor},
                                   {"fileMode", device.mode & 07777U},
                                   {"uid", device.uid},
                                   {"gid", device.gid}});
  }
  json::object sysctl;
  for (const auto& entry : plan.sysctl) sysctl[entry.name] = entry.value;
  json::object out{{"namespaces", std::move(namespaces)},
                   {"uidMappings", id_map_of(plan.uid_map)},
                   {"gidMappings", id_map_of(plan.gid_map)},
                   {"devices", std::move(devices)},
                   {"resources", json::object{{"unified", std::move(unified)}}},
                   {"sysctl", std::move(sysctl)},
                   {"maskedPaths", texts(plan.masked_paths)},
                   {"readonlyPaths", texts(plan.readonly_paths)}};
  out["tepuiCgroupControllers"] = std::move(controllers);
  if (!plan.seccomp.empty()) out["tepuiSeccompInstructions"] = plan.seccomp.size();
  return out;
}

}  // namespace

std::string format_plan(const launcher::LaunchPlan& plan) {
  json::array mounts;
  for (const auto& mount : plan.mounts) {
    mounts.push_back(json::object{
        {"destination", mount.target},
        {"type", mount.fstype.empty() ? "bind" : mount.fstype},
        {"source", mount.source_fd == launcher::kNoFd ? mount.source : descriptor_text(mount.source_fd)},
        {"options", mount_options(mount)}});
  }
  json::object out{{"ociVersion", "1.1.0"},
                   {"process", process_of(plan)},
                   {"mounts", std::move(mounts)},
                   {"linux", linux_of(plan)}};
  // Without a root of its own the container sees the host's.
  const std::string root = plan.root.fd != launcher::kNoFd ? descriptor_text(plan.root.fd)
                           : plan.root.path.empty()        ? std::string("/")
                                                           : plan.root.path;
  out["root"] = json::object{{"path", root}, {"readonly", plan.root.is_readonly}};
  if (!plan.hostname.empty()) out["hostname"] = plan.hostname;
  return json::serialize(out);
}

}  // namespace tepui::agent

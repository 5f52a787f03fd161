// The order of a plan's fields in its encoded form, written down once: the writer (plan.cpp) and the reader
// (init/plan_view.cpp) walk the same list. Not here: the bounds, which the reader keeps.
#pragma once

#include <cstdint>

namespace tepui::launcher {

inline constexpr std::uint32_t kPlanMagic = 0x4e4c5054U;  // "TPLN" in little endian
inline constexpr std::uint32_t kPlanVersion = 1;

/// `archive` offers number (u32, u64, i32, bool, enums), text, texts and list(field, per element).
template <class Archive, class Plan>
void walk_process(Archive& archive, Plan& plan) {
  archive.text(plan.executable);
  archive.texts(plan.argv);
  archive.texts(plan.env);
  archive.text(plan.cwd);
  archive.number(plan.user.uid);
  archive.number(plan.user.gid);
  archive.list(plan.user.additional_gids, [](auto& a, auto& gid) { a.number(gid); });
  archive.number(plan.umask);
  archive.list(plan.rlimits, [](auto& a, auto& limit) {
    a.number(limit.resource);
    a.number(limit.soft);
    a.number(limit.hard);
  });
  archive.number(plan.capabilities.bounding);
  archive.number(plan.capabilities.effective);
  archive.number(plan.capabilities.permitted);
  archive.number(plan.capabilities.inheritable);
  archive.number(plan.capabilities.ambient);
  archive.number(plan.no_new_privs);
  archive.list(plan.seccomp, [](auto& a, auto& instruction) {
    a.number(instruction.code);
    a.number(instruction.jt);
    a.number(instruction.jf);
    a.number(instruction.k);
  });
  archive.number(plan.seccomp_flags);
  archive.number(plan.has_oom_score_adj);
  archive.number(plan.oom_score_adj);
  archive.list(plan.inherited_fds, [](auto& a, auto& inherited) {
    a.number(inherited.fd);
    a.number(inherited.container_fd);
  });
  archive.number(plan.wants_init);
}

template <class Archive, class Plan>
void walk_surroundings(Archive& archive, Plan& plan) {
  const auto id_map = [](auto& a, auto& map) {
    a.number(map.container_id);
    a.number(map.host_id);
    a.number(map.count);
  };
  archive.list(plan.namespaces, [](auto& a, auto& entry) {
    a.number(entry.kind);
    a.number(entry.join);
  });
  archive.list(plan.uid_map, id_map);
  archive.list(plan.gid_map, id_map);
  archive.text(plan.root.path);
  archive.number(plan.root.fd);
  archive.number(plan.root.is_readonly);
  archive.list(plan.mounts, [](auto& a, auto& mount) {
    a.text(mount.source);
    a.number(mount.source_fd);
    a.text(mount.target);
    a.text(mount.fstype);
    a.number(mount.flags);
    a.number(mount.propagation);
    a.text(mount.data);
    a.number(mount.missing_target);
  });
  archive.texts(plan.masked_paths);
  archive.texts(plan.readonly_paths);
  archive.list(plan.devices, [](auto& a, auto& device) {
    a.text(device.path);
    a.number(device.mode);
    a.number(device.major);
    a.number(device.minor);
    a.number(device.uid);
    a.number(device.gid);
  });
  archive.list(plan.cgroups, [](auto& a, auto& cgroup) {
    a.text(cgroup.controller);
    a.list(cgroup.settings, [](auto& b, auto& setting) {
      b.text(setting.file);
      b.text(setting.value);
    });
  });
  archive.number(plan.cgroup_fd);
  archive.text(plan.hostname);
  archive.list(plan.sysctl, [](auto& a, auto& sysctl) {
    a.text(sysctl.name);
    a.text(sysctl.value);
  });
}

template <class Archive, class Plan>
void walk_plan(Archive& archive, Plan& plan) {
  walk_process(archive, plan);
  walk_surroundings(archive, plan);
}

}  // namespace tepui::launcher

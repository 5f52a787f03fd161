#include "launcher/handshake.hpp"

namespace tepui::launcher {

const char* launch_step_name(LaunchStep step) {
  switch (step) {
    case LaunchStep::None: return "launch";
    case LaunchStep::StartShim: return "start shim";
    case LaunchStep::DecodePlan: return "decode plan";
    case LaunchStep::ReserveRecord: return "reserve exit record";
    case LaunchStep::OpenMountSource: return "open mount source";
    case LaunchStep::OpenRoot: return "open root";
    case LaunchStep::JoinPidNamespace: return "join pid namespace";
    case LaunchStep::Clone: return "clone container";
    case LaunchStep::MapIds: return "map ids";
    case LaunchStep::Park: return "park container";
    case LaunchStep::JoinNamespace: return "join namespace";
    case LaunchStep::CgroupNamespace: return "make cgroup namespace";
    case LaunchStep::Session: return "start session";
    case LaunchStep::Hostname: return "set hostname";
    case LaunchStep::PrepareRoot: return "prepare root";
    case LaunchStep::Mount: return "mount";
    case LaunchStep::MakeDevice: return "make device";
    case LaunchStep::MaskPath: return "mask path";
    case LaunchStep::ReadonlyPath: return "make path read-only";
    case LaunchStep::PivotRoot: return "enter root";
    case LaunchStep::Sysctl: return "set sysctl";
    case LaunchStep::OomScoreAdj: return "set oom_score_adj";
    case LaunchStep::ForkCommand: return "fork command";
    case LaunchStep::Rlimit: return "set rlimit";
    case LaunchStep::BoundingSet: return "drop from bounding set";
    case LaunchStep::Groups: return "set groups";
    case LaunchStep::User: return "set user";
    case LaunchStep::WorkingDirectory: return "enter working directory";
    case LaunchStep::Capabilities: return "set capabilities";
    case LaunchStep::NoNewPrivs: return "set no_new_privs";
    case LaunchStep::InheritFd: return "inherit descriptor";
    case LaunchStep::CloseFds: return "close descriptors";
    case LaunchStep::Seccomp: return "load seccomp filter";
    case LaunchStep::Exec: return "execute";
    case LaunchStep::Supervise: return "supervise container";
  }
  return "launch";
}

}  // namespace tepui::launcher

// namespaces/ipc: System V objects and message queues, the host name, and the view of cgroups are the container's own.
#include "tepui/sdk/isolator.hpp"

namespace tepui::isolators {
namespace {

class NamespacesIpc final : public sdk::Isolator {
 public:
  static sdk::Status create(sdk::Host host, const sdk::Config& config, std::unique_ptr<Isolator>& out) {
    bool has_uts = true;
    bool has_cgroup = true;
    if (sdk::Status s = config.allow_only({"uts", "cgroup"}); !s.ok()) return s;
    if (sdk::Status s = config.read_flag("uts", has_uts); !s.ok()) return s;
    if (sdk::Status s = config.read_flag("cgroup", has_cgroup); !s.ok()) return s;
    out = std::make_unique<NamespacesIpc>(has_uts, has_cgroup && host.cgroup_version() != 0);
    return {};
  }
  NamespacesIpc(bool has_uts, bool has_cgroup) : has_uts_(has_uts), has_cgroup_(has_cgroup) {}

  sdk::Status prepare(const sdk::Container& /*container*/, sdk::LaunchPlan& plan) override {
    if (sdk::Status s = plan.add_namespace(TEPUI_NAMESPACE_IPC); !s.ok()) return s;
    if (has_uts_) {
      if (sdk::Status s = plan.add_namespace(TEPUI_NAMESPACE_UTS); !s.ok()) return s;
    }
    return has_cgroup_ ? plan.add_namespace(TEPUI_NAMESPACE_CGROUP) : sdk::Status();
  }

 private:
  bool has_uts_;
  bool has_cgroup_;
};

}  // namespace
}  // namespace tepui::isolators

TEPUI_ISOLATOR_MODULE(tepui::isolators::NamespacesIpc, "namespaces/ipc", "0.1.0",
                      "gives a container its own System V objects, message queues, host name and view of cgroups")

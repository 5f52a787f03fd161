// namespaces/pid: a container sees and signals its own processes only. The launcher puts an init in front of the command,
// which reaps and forwards signals; when it ends, the kernel ends everything else in the namespace.
#include "tepui/sdk/isolator.hpp"

namespace tepui::isolators {
namespace {

class NamespacesPid final : public sdk::Isolator {
 public:
  static sdk::Status create(sdk::Host /*host*/, const sdk::Config& config, std::unique_ptr<Isolator>& out) {
    if (sdk::Status s = config.allow_only({}); !s.ok()) return s;
    out = std::make_unique<NamespacesPid>();
    return {};
  }

  sdk::Status prepare(const sdk::Container& /*container*/, sdk::LaunchPlan& plan) override {
    return plan.add_namespace(TEPUI_NAMESPACE_PID);
  }
};

}  // namespace
}  // namespace tepui::isolators

TEPUI_ISOLATOR_MODULE(tepui::isolators::NamespacesPid, "namespaces/pid", "0.1.0",
                      "gives a container its own process numbers and hides all others")

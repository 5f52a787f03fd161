// An out-of-tree isolator over the wrapper alone: every header of it, nothing else of Tepui.
#include "tepui/sdk/config.hpp"
#include "tepui/sdk/container.hpp"
#include "tepui/sdk/host.hpp"
#include "tepui/sdk/isolator.hpp"
#include "tepui/sdk/launch_plan.hpp"
#include "tepui/sdk/status.hpp"

namespace {

class Nice final : public tepui::sdk::Isolator {
 public:
  static tepui::sdk::Status create(tepui::sdk::Host, const tepui::sdk::Config& config, std::unique_ptr<Isolator>& out) {
    auto nice = std::make_unique<Nice>();
    if (tepui::sdk::Status s = config.read_number("score", -1000, 1000, nice->score_); !s.ok()) return s;
    out = std::move(nice);
    return {};
  }
  tepui::sdk::Status prepare(const tepui::sdk::Container&, tepui::sdk::LaunchPlan& plan) override {
    return plan.set_oom_score_adj(static_cast<std::int32_t>(score_));
  }

 private:
  std::int64_t score_ = 500;
};

}  // namespace

TEPUI_ISOLATOR_MODULE(Nice, "example/nice", "1.0", "makes containers the first to be killed")

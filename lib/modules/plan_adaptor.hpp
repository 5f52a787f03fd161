// PlanAdaptor: the C table of launch-plan verbs over a PlanSink. Checks shapes, keeps the claims.
#pragma once

#include <optional>
#include <string>

#include "lib/modules/claim_table.hpp"
#include "lib/modules/plan_sink.hpp"
#include "tepui/abi/draft/launch_plan.h"

namespace tepui::modules {

/// Lives for one `prepare` of one isolator. Neither copied nor moved: the C table points at it.
class PlanAdaptor {
 public:
  PlanAdaptor(std::string isolator, PlanSink& sink, ClaimTable& claims);
  PlanAdaptor(const PlanAdaptor&) = delete;
  PlanAdaptor& operator=(const PlanAdaptor&) = delete;
  ~PlanAdaptor() = default;
  [[nodiscard]] tepui_launch_plan* raw() { return &raw_; }
  /// The first conflict of claims, so that a module which swallows it does not get away with it.
  [[nodiscard]] const std::optional<Error>& conflict() const { return conflict_; }

 private:
  friend struct PlanVerbs;
  Result<void> claim(std::string_view thing);

  tepui_launch_plan raw_ = {};
  std::string isolator_;
  PlanSink& sink_;
  ClaimTable& claims_;
  std::optional<Error> conflict_;
};

}  // namespace tepui::modules

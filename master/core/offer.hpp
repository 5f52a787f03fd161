// Offer: resources of one agent, allocated to one role of one framework, until somebody decides.
#pragma once

#include <string>

#include "lib/base/clock.hpp"
#include "lib/model/offer_lifecycle.hpp"
#include "lib/model/resources.hpp"

namespace tepui::master {

struct Offer {
  std::string id;
  std::string framework_id;
  std::string agent_id;
  std::string role;
  /// Allocated to `role`.
  Resources resources;
};

}  // namespace tepui::master

// Claims are compared by name only; plan_adaptor.cpp chooses the names.
#include "lib/modules/claim_table.hpp"

#include <fmt/format.h>

namespace tepui::modules {

Result<void> ClaimTable::claim(std::string_view isolator, std::string_view thing) {
  auto [it, inserted] = claims_.try_emplace(std::string(thing), isolator);
  if (inserted || it->second == isolator) return ok();
  return Error(ErrorCode::AlreadyExists,
               fmt::format("isolators '{}' and '{}' both claim the {}", it->second, isolator, thing))
      .with_hint("leave one of them out of --isolation");
}

std::string_view ClaimTable::claimant(std::string_view thing) const {
  auto it = claims_.find(thing);
  return it == claims_.end() ? std::string_view() : std::string_view(it->second);
}

}  // namespace tepui::modules

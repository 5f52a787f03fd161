// ClaimTable: who put what into one container's launch plan, so that two isolators never fight over the same thing.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "lib/base/result.hpp"

namespace tepui::modules {

/// One per container. A claim is a short name of the thing: "network namespace", "mount on '/tmp'", "cpu.shares".
/// Example: table.claim("network/namespace", "network namespace");
class ClaimTable {
 public:
  /// Idempotent for the same isolator. Errors: AlreadyExists, naming both isolators and the thing.
  Result<void> claim(std::string_view isolator, std::string_view thing);
  /// Empty when nobody claimed it.
  [[nodiscard]] std::string_view claimant(std::string_view thing) const;
  /// Thing -> isolator, for GET /tepui/v1/containers.
  [[nodiscard]] const std::map<std::string, std::string, std::less<>>& all() const { return claims_; }

 private:
  std::map<std::string, std::string, std::less<>> claims_;
};

}  // namespace tepui::modules

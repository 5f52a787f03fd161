// Allocator: who is offered what. Two levels of DRF: the poorest role first, in it the poorest framework; an agent at a time,
// and the first framework that may have it takes all that is left of the agent.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/random.hpp"
#include "lib/model/drf_sorter.hpp"
#include "master/core/agent.hpp"
#include "master/core/framework.hpp"
#include "master/core/master_config.hpp"

namespace tepui::master {

/// One offer to be made.
struct Allocation {
  std::string framework_id;
  std::string role;
  std::string agent_id;
  Resources resources;  // allocated to `role`
};

/// Keeps the shares; the agents' ledgers are kept by the caller (cluster.hpp), who calls `hold` and `release` along with them.
class Allocator {
 public:
  explicit Allocator(const MasterConfig& config) : config_(config) {}

  void remove_framework(std::string_view framework_id);
  /// The sum over registered agents: what shares are parts of.
  void set_total(const Resources& total);

  /// Counts `resources` (with allocation roles) as held by the framework, offered or used.
  void hold(std::string_view framework_id, const Resources& resources);
  void release(std::string_view framework_id, const Resources& resources);
  /// For `/state` and tests; 0 for unknown ones.
  [[nodiscard]] double role_share(std::string_view role) const { return roles_.share(role); }

  /// One round over `agents`, in the order given. `frameworks`: those that may be offered something (connected).
  /// Nothing is changed but the shares: every returned allocation is held already.
  std::vector<Allocation> allocate(const std::vector<const Framework*>& frameworks,
                                   const std::vector<const Agent*>& agents, MonotonicTime now);

 private:
  [[nodiscard]] Resources offerable(const Framework& framework, std::string_view role, const Agent& agent,
                                    const Resources& left, MonotonicTime now) const;
  [[nodiscard]] bool is_worth_offering(const Framework& framework, std::string_view role, const Resources& resources) const;
  DrfSorter& sorter_of(std::string_view role);

  const MasterConfig& config_;
  Resources total_;
  DrfSorter roles_;
  std::map<std::string, DrfSorter, std::less<>> frameworks_;  // by role
};

}  // namespace tepui::master

#include "master/core/framework_validation.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

#include <fmt/format.h>

#include "lib/base/ids.hpp"
#include "lib/model/roles.hpp"

namespace tepui::master {
namespace {

using Capability = mesos::v1::FrameworkInfo::Capability;

bool is_multi_role(const mesos::v1::FrameworkInfo& info) {
  return std::any_of(info.capabilities().begin(), info.capabilities().end(),
                     [](const Capability& capability) { return capability.type() == Capability::MULTI_ROLE; });
}

std::optional<std::string> roles_error(const mesos::v1::FrameworkInfo& info) {
  if (is_multi_role(info)) {
    if (info.has_role()) return "'FrameworkInfo.role' must not be set when the framework is MULTI_ROLE capable";
    std::set<std::string> seen;
    for (const std::string& role : info.roles()) {
      if (!seen.insert(role).second) return fmt::format("'FrameworkInfo.roles' contains duplicate items: '{}'", role);
    }
  } else if (info.roles_size() > 0) {
    return "'FrameworkInfo.roles' must not be set when the framework is not MULTI_ROLE capable";
  }
  for (const std::string& role : roles_of(info)) {
    if (auto checked = check_role(role); !checked) return checked.error().to_string();
  }
  return std::nullopt;
}

}  // namespace

std::set<std::string> roles_of(const mesos::v1::FrameworkInfo& info) {
  if (is_multi_role(info)) return {info.roles().begin(), info.roles().end()};
  return {info.role()};
}

std::optional<std::string> subscription_error(const mesos::v1::scheduler::Call::Subscribe& subscribe) {
  const mesos::v1::FrameworkInfo& info = subscribe.framework_info();
  if (!info.id().value().empty()) {
    if (auto id = check_id("framework", info.id().value()); !id) return id.error().to_string();
  }
  if (auto error = roles_error(info)) return error;
  const double timeout = info.failover_timeout();
  constexpr double kLongestSeconds = 9.2e9;  // what 63 bits of nanoseconds hold
  if (std::isnan(timeout) || timeout < 0 || timeout > kLongestSeconds) {
    return fmt::format("The framework failover_timeout ({}) is invalid", timeout);
  }
  const auto roles = roles_of(info);
  for (const std::string& role : subscribe.suppressed_roles()) {
    if (roles.count(role) == 0) return fmt::format("Suppressed role '{}' is not one of the framework's roles", role);
  }
  return std::nullopt;
}

}  // namespace tepui::master

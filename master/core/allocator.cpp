#include "master/core/allocator.hpp"

#include <algorithm>

#include "lib/model/roles.hpp"

namespace tepui::master {
namespace {

using Capability = mesos::v1::FrameworkInfo::Capability;

std::map<std::string, Resources> by_allocation_role(const Resources& resources) {
  std::map<std::string, Resources> parts;
  for (const auto& [identity, value] : resources.entries()) {
    parts[identity.allocation_role].add({identity, value});
  }
  return parts;
}

}  // namespace

DrfSorter& Allocator::sorter_of(std::string_view role) {
  const auto found = frameworks_.find(role);
  if (found != frameworks_.end()) return found->second;
  const auto weight = config_.role_weights.find(std::string(role));
  roles_.add_client(role, weight == config_.role_weights.end() ? 1.0 : weight->second);
  DrfSorter& sorter = frameworks_[std::string(role)];
  sorter.set_total(total_);
  return sorter;
}

void Allocator::remove_framework(std::string_view framework_id) {
  for (auto role = frameworks_.begin(); role != frameworks_.end();) {
    role->second.remove_client(framework_id);
    if (role->second.empty()) {
      roles_.remove_client(role->first);
      role = frameworks_.erase(role);
    } else {
      ++role;
    }
  }
}

void Allocator::set_total(const Resources& total) {
  total_ = total;
  roles_.set_total(total);
  for (auto& [role, sorter] : frameworks_) sorter.set_total(total);
}

void Allocator::hold(std::string_view framework_id, const Resources& resources) {
  for (const auto& [role, part] : by_allocation_role(resources)) {
    DrfSorter& sorter = sorter_of(role);
    if (!sorter.has_client(framework_id)) sorter.add_client(framework_id);
    sorter.allocated(framework_id, part);
    roles_.allocated(role, part);
  }
}

void Allocator::release(std::string_view framework_id, const Resources& resources) {
  for (const auto& [role, part] : by_allocation_role(resources)) {
    const auto sorter = frameworks_.find(role);
    if (sorter == frameworks_.end()) continue;
    sorter->second.unallocated(framework_id, part);
    roles_.unallocated(role, part);
  }
}

bool Allocator::is_worth_offering(const Framework& framework, std::string_view role, const Resources& resources) const {
  if (resources.empty()) return false;
  const MinAllocatable* wanted = &config_.min_allocatable;
  MinAllocatable own;
  const auto& filters = framework.info.offer_filters();
  if (const auto filter = filters.find(std::string(role)); filter != filters.end() &&
                                                           filter->second.has_min_allocatable_resources()) {
    wanted = &own;
    for (const auto& quantities : filter->second.min_allocatable_resources().quantities()) {
      auto& all_of = own.emplace_back();
      for (const auto& [name, amount] : quantities.quantities()) {
        if (const auto scalar = Scalar::from_double(amount.value())) all_of[name] = *scalar;
      }
    }
  }
  if (wanted->empty()) return true;
  const auto have = resources.quantities();
  return std::any_of(wanted->begin(), wanted->end(), [&have](const auto& all_of) {
    return std::all_of(all_of.begin(), all_of.end(), [&have](const auto& want) {
      const auto found = have.find(want.first);
      return found != have.end() && found->second >= want.second;
    });
  });
}

Resources Allocator::offerable(const Framework& framework, std::string_view role, const Agent& agent, const Resources& left,
                               MonotonicTime now) const {
  if (agent.total.quantity("gpus") > Scalar() && !framework.has_capability(Capability::GPU_RESOURCES)) return {};
  const bool takes_revocable = framework.has_capability(Capability::REVOCABLE_RESOURCES);
  const bool takes_shared = framework.has_capability(Capability::SHARED_RESOURCES);
  Resources resources = left.allocatable_to(role).filter([&](const ResourceIdentity& identity) {
    return (takes_revocable || !identity.is_revocable) && (takes_shared || !identity.is_shared);
  });
  if (!is_worth_offering(framework, role, resources)) return {};
  if (framework.refused.blocks(role, agent.id, resources, now)) return {};
  return resources;
}

std::vector<Allocation> Allocator::allocate(const std::vector<const Framework*>& frameworks,
                                            const std::vector<const Agent*>& agents, MonotonicTime now) {
  std::map<std::string_view, std::map<std::string_view, const Framework*>> candidates;  // role -> framework id
  for (const Framework* framework : frameworks) {
    for (const std::string& role : framework->roles) {
      if (framework->suppressed_roles.count(role) > 0) continue;
      candidates[role][framework->id] = framework;
      DrfSorter& sorter = sorter_of(role);
      if (!sorter.has_client(framework->id)) sorter.add_client(framework->id);
    }
  }
  std::vector<Allocation> allocations;
  if (candidates.empty()) return allocations;
  for (const Agent* agent : agents) {
    Resources left = agent->free;
    for (const std::string& role : roles_.sorted()) {
      if (left.empty()) break;
      const auto in_role = candidates.find(role);
      if (in_role == candidates.end()) continue;
      for (const std::string& framework_id : frameworks_.find(role)->second.sorted()) {
        const auto framework = in_role->second.find(framework_id);
        if (framework == in_role->second.end()) continue;
        const Resources resources = offerable(*framework->second, role, *agent, left, now);
        if (resources.empty()) continue;
        left = left.minus(resources);
        Allocation allocation{framework_id, role, agent->id, resources.allocated_to(role)};
        hold(framework_id, allocation.resources);
        allocations.push_back(std::move(allocation));
        if (left.empty()) break;
      }
    }
  }
  return allocations;
}

}  // namespace tepui::master

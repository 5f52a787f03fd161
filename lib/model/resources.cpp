// Resources: arithmetic over (identity, amount) pairs.
#include "lib/model/resources.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "lib/base/try.hpp"
#include "lib/model/resources_text.hpp"
#include "lib/model/roles.hpp"

namespace tepui {
namespace {

ItemSet set_minus(const ItemSet& a, const ItemSet& b) {
  ItemSet result;
  std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::inserter(result, result.end()));
  return result;
}

void add_value(ResourceValue& to, const ResourceValue& value) {
  if (to.index() != value.index()) return;
  if (auto* scalar = std::get_if<Scalar>(&to)) {
    *scalar = *scalar + std::get<Scalar>(value);
  } else if (auto* ranges = std::get_if<Ranges>(&to)) {
    *ranges = *ranges + std::get<Ranges>(value);
  } else {
    const auto& items = std::get<ItemSet>(value);
    std::get<ItemSet>(to).insert(items.begin(), items.end());
  }
}

ResourceValue value_minus(const ResourceValue& a, const ResourceValue& b) {
  if (a.index() != b.index()) return a;
  if (const auto* scalar = std::get_if<Scalar>(&a)) return *scalar - std::get<Scalar>(b);
  if (const auto* ranges = std::get_if<Ranges>(&a)) return *ranges - std::get<Ranges>(b);
  return set_minus(std::get<ItemSet>(a), std::get<ItemSet>(b));
}

bool value_contains(const ResourceValue& a, const ResourceValue& b) {
  if (a.index() != b.index()) return false;
  if (const auto* scalar = std::get_if<Scalar>(&a)) return *scalar >= std::get<Scalar>(b);
  if (const auto* ranges = std::get_if<Ranges>(&a)) return ranges->contains(std::get<Ranges>(b));
  const auto& mine = std::get<ItemSet>(a);
  const auto& theirs = std::get<ItemSet>(b);
  return std::includes(mine.begin(), mine.end(), theirs.begin(), theirs.end());
}

}  // namespace

bool is_empty_value(const ResourceValue& value) {
  if (const auto* scalar = std::get_if<Scalar>(&value)) return scalar->is_zero();
  if (const auto* ranges = std::get_if<Ranges>(&value)) return ranges->empty();
  return std::get<ItemSet>(value).empty();
}

Scalar quantity_of(const ResourceValue& value) {
  if (const auto* scalar = std::get_if<Scalar>(&value)) return *scalar;
  constexpr std::uint64_t kMost = Scalar::kMaxMillis / 1000;
  if (const auto* ranges = std::get_if<Ranges>(&value)) {
    return Scalar::from_millis(static_cast<std::int64_t>(std::min(ranges->count(), kMost)) * 1000);
  }
  return Scalar::from_millis(static_cast<std::int64_t>(std::get<ItemSet>(value).size()) * 1000);
}

void Resources::add(const Resource& resource) {
  if (is_empty_value(resource.value)) return;
  auto [entry, is_inserted] = entries_.emplace(resource.identity, resource.value);
  if (!is_inserted) add_value(entry->second, resource.value);
}

Resources& Resources::operator+=(const Resources& other) {
  for (const auto& [identity, value] : other.entries_) add({identity, value});
  return *this;
}

Result<void> Resources::subtract(const Resources& other) {
  for (const auto& [identity, value] : other.entries_) {
    const auto entry = entries_.find(identity);
    if (entry == entries_.end() || !value_contains(entry->second, value)) {
      return Error(ErrorCode::FailedPrecondition,
                   fmt::format("take {} {} from {}", identity.name, format_value(value),
                               entry == entries_.end() ? "nothing" : format_value(entry->second)));
    }
  }
  *this = minus(other);
  return ok();
}

Resources Resources::minus(const Resources& other) const {
  Resources result;
  for (const auto& [identity, value] : entries_) {
    const auto taken = other.entries_.find(identity);
    result.add({identity, taken == other.entries_.end() ? value : value_minus(value, taken->second)});
  }
  return result;
}

bool Resources::contains(const Resources& other) const {
  return std::all_of(other.entries_.begin(), other.entries_.end(), [this](const auto& wanted) {
    const auto entry = entries_.find(wanted.first);
    return entry != entries_.end() && value_contains(entry->second, wanted.second);
  });
}

Scalar Resources::quantity(std::string_view name) const {
  Scalar sum;
  for (const auto& [identity, value] : entries_) {
    if (identity.name == name) sum = sum + quantity_of(value);
  }
  return sum;
}

std::map<std::string, Scalar> Resources::scalar_quantities() const {
  std::map<std::string, Scalar> sums;
  for (const auto& [identity, value] : entries_) {
    if (const auto* scalar = std::get_if<Scalar>(&value)) sums[identity.name] = sums[identity.name] + *scalar;
  }
  return sums;
}

std::map<std::string, Scalar> Resources::quantities() const {
  std::map<std::string, Scalar> sums;
  for (const auto& [identity, value] : entries_) sums[identity.name] = sums[identity.name] + quantity_of(value);
  return sums;
}

Resources Resources::allocated_to(std::string_view role) const {
  Resources result;
  for (const auto& [identity, value] : entries_) {
    Resource resource{identity, value};
    resource.identity.allocation_role = std::string(role);
    result.add(resource);
  }
  return result;
}

Resources Resources::allocatable_to(std::string_view role) const {
  return filter([role](const ResourceIdentity& identity) {
    return identity.reservation_role == kUnreserved || identity.reservation_role == role ||
           is_strict_ancestor_role(identity.reservation_role, role);
  });
}

Result<void> check_kinds(const Resources& resources) {
  std::map<std::string_view, ValueKind> seen;
  for (const auto& [identity, value] : resources.entries()) {
    const ValueKind kind = kind_of(value);
    const auto known = known_kind(identity.name);
    const auto first = seen.emplace(identity.name, kind).first;
    const ValueKind expected = known.value_or(first->second);
    if (kind != expected) {
      return Error(ErrorCode::InvalidArgument,
                   fmt::format("check resource '{}': it is {}, expected {}", identity.name, value_kind_name(kind),
                               value_kind_name(expected)));
    }
  }
  return ok();
}

std::optional<ValueKind> known_kind(std::string_view name) {
  if (name == "cpus" || name == "mem" || name == "disk" || name == "gpus") return ValueKind::Scalar;
  if (name == "ports") return ValueKind::Ranges;
  return std::nullopt;
}

ValueKind kind_of(const ResourceValue& value) {
  if (std::holds_alternative<Scalar>(value)) return ValueKind::Scalar;
  return std::holds_alternative<Ranges>(value) ? ValueKind::Ranges : ValueKind::Set;
}

std::string_view value_kind_name(ValueKind kind) {
  switch (kind) {
    case ValueKind::Scalar: return "a scalar";
    case ValueKind::Ranges: return "ranges";
    case ValueKind::Set: return "a set";
  }
  return "unknown";
}

}  // namespace tepui

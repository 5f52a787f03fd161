// Resources: what an agent has, an offer holds and a task uses, with exact arithmetic.
// Not here: the text form (resources_text.hpp) and protobuf (api/).
#pragma once

#include <compare>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "lib/base/result.hpp"
#include "lib/model/ranges.hpp"
#include "lib/model/scalar.hpp"

namespace tepui {

/// The role of what nobody has reserved.
inline constexpr std::string_view kUnreserved = "*";

/// Everything but the amount. Two resources add up only when all of this is equal.
struct ResourceIdentity {
  /// "cpus", "mem" and "disk" (MiB), "gpus", "ports", or a name of the operator's own.
  std::string name;
  /// The role of the innermost reservation; "*" for none.
  std::string reservation_role{kUnreserved};
  /// The role to which an offer or a task holds it; empty when it is not allocated.
  std::string allocation_role;
  bool is_revocable = false;
  bool is_shared = false;
  /// What else makes it distinct (dynamic reservations, disk source, volume, provider), as canonical bytes that only api/
  /// reads; empty for an ordinary resource.
  std::string detail;
  auto operator<=>(const ResourceIdentity&) const = default;
};

using ItemSet = std::set<std::string>;
/// The amount of one resource: "cpus:4", "ports:[1-2]", "disks:{a,b}".
using ResourceValue = std::variant<Scalar, Ranges, ItemSet>;

/// No amount at all.
bool is_empty_value(const ResourceValue& value);
/// The amount as one number: a scalar's value; how many integers or items.
Scalar quantity_of(const ResourceValue& value);

struct Resource {
  ResourceIdentity identity;
  ResourceValue value;
  bool operator==(const Resource&) const = default;
};

/// A sum of resources. Never holds an empty amount, holds one entry per identity, and compares by value.
///
///   Resources left = total;
///   TEPUI_TRY(left.subtract(used));       // refused, unchanged, if `used` is not contained
///   if (left.contains(wanted)) …
///
/// One name has one kind of value everywhere (the four known names' kinds are fixed): `check_kinds` says so at the border.
class Resources {
 public:
  Resources() = default;
  /// Empty amounts are dropped.
  explicit Resources(Resource resource) { add(std::move(resource)); }

  [[nodiscard]] bool empty() const { return entries_.empty(); }
  /// One by one, ordered by identity.
  [[nodiscard]] const std::map<ResourceIdentity, ResourceValue>& entries() const { return entries_; }

  /// Adds; an empty amount changes nothing. Overlapping ranges and sets unite.
  /// An amount of another kind than the entry has is ignored: `check_kinds` keeps it out.
  void add(const Resource& resource);
  Resources& operator+=(const Resources& other);
  friend Resources operator+(Resources a, const Resources& b) { return a += b; }

  /// Takes `other` away. Errors: FailedPrecondition naming the first resource that is not contained; nothing changes then.
  Result<void> subtract(const Resources& other);
  /// What remains after taking away as much of `other` as there is.
  [[nodiscard]] Resources minus(const Resources& other) const;
  /// True if every entry of `other` is here in full.
  [[nodiscard]] bool contains(const Resources& other) const;
  bool operator==(const Resources&) const = default;

  /// The sum over all identities with this name; zero when there is none.
  [[nodiscard]] Scalar quantity(std::string_view name) const;
  /// All scalars by name, over all identities (ranges and sets are left out): what DRF compares.
  [[nodiscard]] std::map<std::string, Scalar> scalar_quantities() const;
  /// All names with their amounts as numbers.
  [[nodiscard]] std::map<std::string, Scalar> quantities() const;

  /// The same with `role` as every entry's allocation role; "" takes the allocation away.
  [[nodiscard]] Resources allocated_to(std::string_view role) const;
  [[nodiscard]] Resources unallocated() const { return allocated_to({}); }
  /// Unreserved, or reserved to `role` or to an ancestor of it ("a" is one of "a/b").
  [[nodiscard]] Resources allocatable_to(std::string_view role) const;
  /// Entries for which `keep` says true.
  template <class Keep>
  [[nodiscard]] Resources filter(Keep keep) const {
    Resources result;
    for (const auto& [identity, value] : entries_) {
      if (keep(identity)) result.entries_.emplace(identity, value);
    }
    return result;
  }

 private:
  std::map<ResourceIdentity, ResourceValue> entries_;
};

/// Errors: InvalidArgument when a known name has the wrong kind ("ports" as a scalar) or one name has two kinds.
Result<void> check_kinds(const Resources& resources);

/// The kind a known name has: cpus, mem, disk, gpus are Scalar; ports are Ranges; nullopt for others.
enum class ValueKind { Scalar, Ranges, Set };
std::optional<ValueKind> known_kind(std::string_view name);
ValueKind kind_of(const ResourceValue& value);
std::string_view value_kind_name(ValueKind kind);

}  // namespace tepui

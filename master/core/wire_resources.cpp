#include "master/core/wire_resources.hpp"

#include <fmt/format.h>

#include "lib/base/try.hpp"
#include "lib/model/roles.hpp"

namespace tepui::master {
namespace {

using mesos::v1::Resource;

Result<ResourceValue> value_from_wire(const Resource& wire) {
  switch (wire.type()) {
    case mesos::v1::Value::SCALAR: {
      TEPUI_ASSIGN(const Scalar scalar, Scalar::from_double(wire.scalar().value()));
      return ResourceValue(scalar);
    }
    case mesos::v1::Value::RANGES: {
      std::vector<Range> list;
      for (const auto& range : wire.ranges().range()) list.push_back({range.begin(), range.end()});
      TEPUI_ASSIGN(Ranges ranges, Ranges::from(std::move(list)));
      return ResourceValue(std::move(ranges));
    }
    case mesos::v1::Value::SET:
      return ResourceValue(ItemSet(wire.set().item().begin(), wire.set().item().end()));
    default: return Error(ErrorCode::InvalidArgument, "it is neither a scalar nor ranges nor a set");
  }
}

/// What an ordinary static reservation does not say, as a Resource with nothing else in it.
std::string detail_from_wire(const Resource& wire) {
  Resource detail;
  const bool is_plain = wire.reservations_size() == 1 &&
                        wire.reservations(0).type() == Resource::ReservationInfo::STATIC &&
                        !wire.reservations(0).has_principal() && !wire.reservations(0).has_labels();
  if (!is_plain) *detail.mutable_reservations() = wire.reservations();
  if (wire.has_reservation()) {
    auto& reservation = *detail.add_reservations();
    reservation = wire.reservation();
    reservation.set_type(Resource::ReservationInfo::DYNAMIC);
    reservation.set_role(wire.role());
  }
  if (wire.has_disk()) *detail.mutable_disk() = wire.disk();
  if (wire.has_provider_id()) *detail.mutable_provider_id() = wire.provider_id();
  return detail.SerializePartialAsString();
}

void value_to_wire(const ResourceValue& value, Resource& wire) {
  if (const auto* scalar = std::get_if<Scalar>(&value)) {
    wire.set_type(mesos::v1::Value::SCALAR);
    wire.mutable_scalar()->set_value(scalar->value());
  } else if (const auto* ranges = std::get_if<Ranges>(&value)) {
    wire.set_type(mesos::v1::Value::RANGES);
    for (const Range& range : ranges->list()) {
      auto& added = *wire.mutable_ranges()->add_range();
      added.set_begin(range.begin);
      added.set_end(range.end);
    }
  } else {
    wire.set_type(mesos::v1::Value::SET);
    for (const std::string& item : std::get<ItemSet>(value)) wire.mutable_set()->add_item(item);
  }
}

struct WireForm {
  bool has_allocation = true;
  bool has_refinement = true;
};

WireResources to_wire(const Resources& resources, WireForm form) {
  WireResources list;
  for (const auto& [identity, value] : resources.entries()) {
    Resource wire;
    wire.ParsePartialFromString(identity.detail);
    wire.set_name(identity.name);
    value_to_wire(value, wire);
    if (wire.reservations().empty() && identity.reservation_role != kUnreserved) {
      wire.add_reservations()->set_type(Resource::ReservationInfo::STATIC);
      wire.mutable_reservations(0)->set_role(identity.reservation_role);
    }
    if (!form.has_refinement) {
      wire.set_role(identity.reservation_role);
      if (wire.reservations_size() == 1 && wire.reservations(0).type() == Resource::ReservationInfo::DYNAMIC) {
        *wire.mutable_reservation() = wire.reservations(0);
        wire.mutable_reservation()->clear_type();
        wire.mutable_reservation()->clear_role();
      }
      if (wire.reservations_size() > 1) continue;  // the old form has no words for it
      wire.clear_reservations();
    }
    if (identity.is_revocable) wire.mutable_revocable();
    if (identity.is_shared) wire.mutable_shared();
    if (form.has_allocation && !identity.allocation_role.empty()) {
      wire.mutable_allocation_info()->set_role(identity.allocation_role);
    }
    *list.Add() = std::move(wire);
  }
  return list;
}

}  // namespace

Result<Resources> resources_from_wire(const WireResources& wire) {
  Resources resources;
  for (const Resource& entry : wire) {
    tepui::Resource resource;
    resource.identity.name = entry.name();
    if (entry.name().empty()) return Error(ErrorCode::InvalidArgument, "read resource: its name is empty");
    const std::string context = fmt::format("read resource '{}'", entry.name());
    resource.identity.reservation_role =
        entry.reservations().empty() ? entry.role() : entry.reservations(entry.reservations_size() - 1).role();
    TEPUI_TRY(check_role(resource.identity.reservation_role), context);
    resource.identity.allocation_role = entry.allocation_info().role();
    resource.identity.is_revocable = entry.has_revocable();
    resource.identity.is_shared = entry.has_shared();
    resource.identity.detail = detail_from_wire(entry);
    TEPUI_ASSIGN(resource.value, value_from_wire(entry), context);
    resources.add(resource);
  }
  return resources;
}

WireResources resources_for_framework(const Resources& resources, const Framework& framework) {
  using Capability = mesos::v1::FrameworkInfo::Capability;
  return to_wire(resources, {framework.has_capability(Capability::MULTI_ROLE),
                             framework.has_capability(Capability::RESERVATION_REFINEMENT)});
}

WireResources resources_for_agent(const Resources& resources) { return to_wire(resources, {}); }

}  // namespace tepui::master

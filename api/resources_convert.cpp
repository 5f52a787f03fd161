#include "api/resources_convert.hpp"

#include <fmt/format.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include "lib/base/try.hpp"
#include "lib/model/roles.hpp"

namespace tepui::api {
namespace {

using Wire = mesos::v1::Resource;
using Reservation = mesos::v1::Resource::ReservationInfo;

Result<Ranges> ranges_from_proto(const mesos::v1::Value::Ranges& wire) {
  std::vector<Range> list;
  list.reserve(static_cast<std::size_t>(wire.range_size()));
  for (const auto& range : wire.range()) list.push_back({range.begin(), range.end()});
  return Ranges::from(std::move(list));
}

void ranges_to_proto(const Ranges& ranges, mesos::v1::Value::Ranges& wire) {
  for (const Range& range : ranges.list()) {
    auto& added = *wire.add_range();
    added.set_begin(range.begin);
    added.set_end(range.end);
  }
}

Result<ResourceValue> value_from_proto(const Wire& wire) {
  if (wire.type() == mesos::v1::Value::SCALAR && wire.has_scalar()) {
    TEPUI_ASSIGN(const Scalar scalar, Scalar::from_double(wire.scalar().value()));
    return ResourceValue(scalar);
  }
  if (wire.type() == mesos::v1::Value::RANGES && wire.has_ranges()) {
    TEPUI_ASSIGN(Ranges ranges, ranges_from_proto(wire.ranges()));
    return ResourceValue(std::move(ranges));
  }
  if (wire.type() == mesos::v1::Value::SET && wire.has_set()) {
    return ResourceValue(ItemSet(wire.set().item().begin(), wire.set().item().end()));
  }
  return Error(ErrorCode::InvalidArgument, fmt::format("it has no value of its type {}", mesos::v1::Value::Type_Name(wire.type())));
}

/// The stack of reservations, outermost first, whichever form says it.
Result<google::protobuf::RepeatedPtrField<Reservation>> reservations_of(const Wire& wire) {
  auto stack = wire.reservations();
  const bool is_old = wire.role() != kUnreserved || wire.has_reservation();
  if (!stack.empty() && is_old && (wire.has_reservation() || wire.role() != stack.rbegin()->role())) {
    return Error(ErrorCode::InvalidArgument, "it has both reservations and role or reservation");
  }
  if (stack.empty() && is_old) {
    if (wire.role() == kUnreserved) return Error(ErrorCode::InvalidArgument, "it is reserved to the role '*'");
    Reservation& only = *stack.Add();
    only = wire.reservation();
    only.set_type(wire.has_reservation() ? Reservation::DYNAMIC : Reservation::STATIC);
    only.set_role(wire.role());
  }
  for (const Reservation& reservation : stack) {
    TEPUI_TRY(check_role(reservation.role()));
  }
  return stack;
}

/// Equal messages give equal bytes, also those with maps.
std::string canonical_bytes(const Wire& wire) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    wire.SerializePartialToCodedStream(&coded);
  }
  return bytes;
}

/// What name, role, allocation and flags do not say, as a Resource that has nothing else.
std::string detail_of(const Wire& wire, const google::protobuf::RepeatedPtrField<Reservation>& stack) {
  Wire detail;
  const bool is_plain = stack.empty() || (stack.size() == 1 && stack[0].type() == Reservation::STATIC &&
                                          !stack[0].has_principal() && !stack[0].has_labels());
  if (!is_plain) *detail.mutable_reservations() = stack;
  if (wire.has_disk()) *detail.mutable_disk() = wire.disk();
  if (wire.has_provider_id()) *detail.mutable_provider_id() = wire.provider_id();
  return canonical_bytes(detail);
}

Result<Resource> resource_from_proto(const Wire& wire) {
  Resource resource;
  resource.identity.name = wire.name();
  TEPUI_ASSIGN(const auto stack, reservations_of(wire));
  if (!stack.empty()) resource.identity.reservation_role = stack.rbegin()->role();
  if (wire.has_allocation_info()) resource.identity.allocation_role = wire.allocation_info().role();
  if (!resource.identity.allocation_role.empty()) {
    TEPUI_TRY(check_role(resource.identity.allocation_role));
  }
  resource.identity.is_revocable = wire.has_revocable();
  resource.identity.is_shared = wire.has_shared();
  resource.identity.detail = detail_of(wire, stack);
  TEPUI_ASSIGN(resource.value, value_from_proto(wire));
  return resource;
}

void value_to_proto(const ResourceValue& value, Wire& wire) {
  if (const auto* scalar = std::get_if<Scalar>(&value)) {
    wire.set_type(mesos::v1::Value::SCALAR);
    wire.mutable_scalar()->set_value(scalar->value());
  } else if (const auto* ranges = std::get_if<Ranges>(&value)) {
    wire.set_type(mesos::v1::Value::RANGES);
    ranges_to_proto(*ranges, *wire.mutable_ranges());
  } else {
    wire.set_type(mesos::v1::Value::SET);
    for (const std::string& item : std::get<ItemSet>(value)) wire.mutable_set()->add_item(item);
  }
}

/// False when the old form has no words for it.
bool to_old_form(Wire& wire, const std::string& role) {
  if (wire.reservations_size() > 1) return false;
  wire.set_role(role);
  if (wire.reservations_size() == 1 && wire.reservations(0).type() == Reservation::DYNAMIC) {
    *wire.mutable_reservation() = wire.reservations(0);
    wire.mutable_reservation()->clear_type();
    wire.mutable_reservation()->clear_role();
  }
  wire.clear_reservations();
  return true;
}

}  // namespace

Result<Resources> resources_from_proto(const ResourceList& list) {
  Resources resources;
  for (const Wire& wire : list) {
    if (wire.name().empty()) return Error(ErrorCode::InvalidArgument, "read resource: its name is empty");
    TEPUI_ASSIGN(const Resource resource, resource_from_proto(wire), fmt::format("read resource '{}'", wire.name()));
    const auto known = known_kind(wire.name());
    if (known && *known != kind_of(resource.value)) {
      return Error(ErrorCode::InvalidArgument,
                   fmt::format("read resource '{}': want {}, not {}", wire.name(), value_kind_name(*known),
                               value_kind_name(kind_of(resource.value))));
    }
    resources.add(resource);
  }
  TEPUI_TRY(check_kinds(resources));
  return resources;
}

ResourceList resources_to_proto(const Resources& resources, ResourceForm form) {
  ResourceList list;
  for (const auto& [identity, value] : resources.entries()) {
    Wire wire;
    wire.ParsePartialFromString(identity.detail);  // our own bytes; empty for an ordinary resource
    wire.set_name(identity.name);
    value_to_proto(value, wire);
    if (wire.reservations().empty() && identity.reservation_role != kUnreserved) {
      Reservation& only = *wire.add_reservations();
      only.set_type(Reservation::STATIC);
      only.set_role(identity.reservation_role);
    }
    if (!form.has_refinement && !to_old_form(wire, identity.reservation_role)) continue;
    if (identity.is_revocable) wire.mutable_revocable();
    if (identity.is_shared) wire.mutable_shared();
    if (form.has_allocation && !identity.allocation_role.empty()) {
      wire.mutable_allocation_info()->set_role(identity.allocation_role);
    }
    *list.Add() = std::move(wire);
  }
  return list;
}

Result<std::vector<Attribute>> attributes_from_proto(const AttributeList& list) {
  std::vector<Attribute> attributes;
  for (const auto& wire : list) {
    const std::string context = fmt::format("read attribute '{}'", wire.name());
    Attribute attribute{wire.name(), {}};
    switch (wire.type()) {
      case mesos::v1::Value::SCALAR: {
        TEPUI_ASSIGN(attribute.value, Scalar::from_double(wire.scalar().value()), context);
        break;
      }
      case mesos::v1::Value::RANGES: {
        TEPUI_ASSIGN(attribute.value, ranges_from_proto(wire.ranges()), context);
        break;
      }
      case mesos::v1::Value::SET:
        attribute.value = ItemSet(wire.set().item().begin(), wire.set().item().end());
        break;
      case mesos::v1::Value::TEXT: attribute.value = wire.text().value(); break;
    }
    attributes.push_back(std::move(attribute));
  }
  return attributes;
}

AttributeList attributes_to_proto(const std::vector<Attribute>& attributes) {
  AttributeList list;
  for (const Attribute& attribute : attributes) {
    auto& wire = *list.Add();
    wire.set_name(attribute.name);
    if (const auto* text = std::get_if<std::string>(&attribute.value)) {
      wire.set_type(mesos::v1::Value::TEXT);
      wire.mutable_text()->set_value(*text);
    } else if (const auto* scalar = std::get_if<Scalar>(&attribute.value)) {
      wire.set_type(mesos::v1::Value::SCALAR);
      wire.mutable_scalar()->set_value(scalar->value());
    } else if (const auto* ranges = std::get_if<Ranges>(&attribute.value)) {
      wire.set_type(mesos::v1::Value::RANGES);
      ranges_to_proto(*ranges, *wire.mutable_ranges());
    } else {
      wire.set_type(mesos::v1::Value::SET);
      for (const std::string& item : std::get<ItemSet>(attribute.value)) wire.mutable_set()->add_item(item);
    }
  }
  return list;
}

}  // namespace tepui::api

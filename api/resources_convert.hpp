// Resources and attributes between their protobuf messages and the values of lib/model. The only place that knows both.
#pragma once

#include <string>
#include <vector>

#include "lib/base/result.hpp"
#include "lib/model/attributes.hpp"
#include "lib/model/resources.hpp"
#include "mesos/v1/mesos.pb.h"

namespace tepui::api {

using ResourceList = google::protobuf::RepeatedPtrField<mesos::v1::Resource>;
using AttributeList = google::protobuf::RepeatedPtrField<mesos::v1::Attribute>;

/// Which words a client knows. Source: Mesos docs/reservation.md, "reservation refinement"; wire-quirks.md 14.
struct ResourceForm {
  /// Whether `allocation_info` is written: only for MULTI_ROLE frameworks.
  bool has_allocation = true;
  /// `reservations[]` (RESERVATION_REFINEMENT); else `role` and `reservation`, which cannot say a refined reservation:
  /// such a resource is left out.
  bool has_refinement = true;
};

/// Accepts both forms, also mixed; drops zero amounts. Errors: InvalidArgument, naming the resource: no name, a negative or
/// non-finite amount, inverted ranges, a bad role, both forms in one resource, a kind that its name does not have.
Result<Resources> resources_from_proto(const ResourceList& list);

/// One message per identity, in the order of identities.
ResourceList resources_to_proto(const Resources& resources, ResourceForm form = {});

/// Errors: InvalidArgument, naming the attribute.
Result<std::vector<Attribute>> attributes_from_proto(const AttributeList& list);
AttributeList attributes_to_proto(const std::vector<Attribute>& attributes);

}  // namespace tepui::api

// Resources as each framework wants to see them. The conversion itself is api's.
#pragma once

#include "lib/base/result.hpp"
#include "lib/model/resources.hpp"
#include "master/core/framework.hpp"

namespace tepui::master {

using WireResources = google::protobuf::RepeatedPtrField<mesos::v1::Resource>;

/// Any of the forms a client or an agent may use. Errors: InvalidArgument.
Result<Resources> resources_from_wire(const WireResources& wire);

/// Allocation only for MULTI_ROLE; reservations[] only for RESERVATION_REFINEMENT, else `role` and `reservation`.
WireResources resources_for_framework(const Resources& resources, const Framework& framework);

/// For agents: allocation and reservations[].
WireResources resources_for_agent(const Resources& resources);

}  // namespace tepui::master

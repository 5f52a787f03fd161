#include "master/core/wire_resources.hpp"

#include "api/resources_convert.hpp"

namespace tepui::master {

Result<Resources> resources_from_wire(const WireResources& wire) { return api::resources_from_proto(wire); }

WireResources resources_for_framework(const Resources& resources, const Framework& framework) {
  using Capability = mesos::v1::FrameworkInfo::Capability;
  return api::resources_to_proto(resources, {framework.has_capability(Capability::MULTI_ROLE),
                                             framework.has_capability(Capability::RESERVATION_REFINEMENT)});
}

WireResources resources_for_agent(const Resources& resources) { return api::resources_to_proto(resources); }

}  // namespace tepui::master

// Capability sets as bit masks, computed before clone (the child only calls capset and prctl). Bit n is capability n.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.hpp"

namespace tepui::sys {

using CapabilitySet = std::uint64_t;

/// "CAP_NET_RAW", "cap_net_raw" or "NET_RAW". No value: this machine's libcap and linux/capability.h know no such name.
std::optional<int> capability_of_name(std::string_view name);
/// "CAP_NET_RAW"; "CAP_41" for a number without a name.
std::string capability_name(int capability);

/// Errors: InvalidArgument, naming the first unknown one.
Result<CapabilitySet> capability_set(const std::vector<std::string>& names);
/// Every capability that this kernel has (up to cap_last_cap).
CapabilitySet all_capabilities();

/// What a container engine leaves a root task by common agreement of the field: enough for packages and daemons of old,
/// without CAP_NET_RAW (spoofing) and without CAP_SYS_ADMIN. Our own choice.
CapabilitySet usual_capabilities();

/// The bounding set of the calling process.
Result<CapabilitySet> read_bounding_set();

}  // namespace tepui::sys

// The text form of resources: `cpus:4;mem:2048;ports:[31000-32000];disks:{a,b}` and, reserved to a role, `cpus(role):4`.
#pragma once

#include <string>
#include <string_view>

#include "lib/base/result.hpp"
#include "lib/model/resources.hpp"

namespace tepui {

/// Empty pieces between semicolons are skipped; zero amounts are dropped; a name given twice adds up.
/// Errors: InvalidArgument naming the piece (no colon, not a number, negative, NaN, infinite, inverted range, 2^64, bad role,
/// the wrong kind of value for a name).
Result<Resources> parse_resources(std::string_view text, std::string_view default_role = kUnreserved);

/// One entry per identity, in the order of identities; allocation and detail do not show.
std::string format_resources(const Resources& resources);

/// "4", "[1-2]", "{a,b}".
std::string format_value(const ResourceValue& value);
/// '[' starts ranges, '{' a set, anything else is a scalar. Errors: InvalidArgument.
Result<ResourceValue> parse_value(std::string_view text);

}  // namespace tepui

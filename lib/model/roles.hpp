// Role names: what a framework may call the share of the cluster it asks for.
#pragma once

#include <string_view>

#include "lib/base/result.hpp"

namespace tepui {

/// Accepts "*" and `/`-separated paths. Errors: InvalidArgument (empty; leading, trailing or double slash; a component that is
/// `.`, `..` or `*` or starts with `-`; whitespace or backspace).
/// Source: Mesos src/common/roles.cpp (behaviour).
Result<void> check_role(std::string_view role);

/// "a" of "a/b", and not "a" of "a" or "ab".
bool is_strict_ancestor_role(std::string_view ancestor, std::string_view role);

}  // namespace tepui

// The rule for ids that strangers choose: framework, executor, task and container ids become file names.
#pragma once

#include <string_view>

#include "lib/base/result.hpp"

namespace tepui {

/// Accepts 1 to 255 bytes without `/`, `\`, control characters, and neither `.` nor `..`.
/// `kind` names the id in the error ("task"). Errors: InvalidArgument.
/// Source: Mesos src/common/validation.cpp (behaviour).
Result<void> check_id(std::string_view kind, std::string_view id);

}  // namespace tepui

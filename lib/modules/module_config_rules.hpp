// What JSON and TOML configurations have in common: which names, hosts and files are allowed. Internal to lib/modules.
#pragma once

#include <string>
#include <string_view>

#include "lib/base/result.hpp"

namespace tepui::modules {

/// 1 to 128 of letters, digits, '_', '-', '.', '/', not beginning with '/' or '.', no "..": it becomes a file name.
/// Errors: InvalidArgument.
Result<void> check_module_name(std::string_view name);

/// Only "inline" (or empty). Errors: Unimplemented for "process", InvalidArgument otherwise; the module is named.
Result<void> check_module_host(std::string_view module, std::string_view host);

/// A library is given by its absolute file. Errors: InvalidArgument.
Result<void> check_module_path(std::string_view file);

}  // namespace tepui::modules

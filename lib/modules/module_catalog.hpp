// Finds a module's file by the name that users write, and says what there is when it is not found.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.hpp"
#include "lib/modules/module_config.hpp"

namespace tepui::modules {

/// "cgroups/cpu" -> "cgroups-cpu.so".
std::string module_file_name(std::string_view name);

/// Names of the entries and of the .so files in the folders, sorted; a file's name is read back by turning the first '-' into '/'.
std::vector<std::string> available_modules(const ModuleSelection& selection);

/// The module's file and parameters: an entry of the configuration, else the first folder that has its file.
/// Errors: NotFound: `find isolator 'cgroups/cpuu': available are …` with the nearest name as hint.
Result<ModuleEntry> find_module(const ModuleSelection& selection, std::string_view name);

}  // namespace tepui::modules

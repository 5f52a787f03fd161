// Which modules there are and which isolators an agent uses: --modules, --modules_dir, --isolation, and our own TOML.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.hpp"

namespace tepui::modules {

/// One module that a configuration names.
struct ModuleEntry {
  std::string name;                               // "cgroups/cpu": what users write in --isolation
  std::string file;                               // absolute path, or empty: found by name in the module folders
  std::map<std::string, std::string> parameters;  // given to create() as a JSON object of strings
};

/// What the flags say together. Made by parse_module_selection.
struct ModuleSelection {
  std::vector<ModuleEntry> entries;    // of --modules
  std::vector<std::string> folders;    // searched in order for FILE.so, FILE being the name with '/' as '-'
  std::vector<std::string> isolation;  // of --isolation, in order, no duplicates
};

/// The flags as given; empty means not given.
struct ModuleFlags {
  std::string modules;      // path, file://path, or inline JSON; *.toml is read as TOML
  std::string modules_dir;  // a folder of .json and .toml manifests, read in alphabetical order
  std::string isolation;    // "cgroups/cpu,cgroups/mem"
  /// Folders to search for in-tree modules; empty: default_module_folders().
  std::vector<std::string> module_folders;
};

/// `<folder of this program>/../modules`, `<folder of this program>/../lib/tepui/modules`.
std::vector<std::string> default_module_folders();

/// Reads the files that the flags name. A folder given as --modules_dir is also searched for .so files.
/// Errors: InvalidArgument (not JSON or TOML, wrong shape, `host: process`, a name twice), NotFound (no such file):
/// each names the file and the field.
Result<ModuleSelection> parse_module_selection(const ModuleFlags& flags);

/// Text of a Mesos module manifest: {"libraries":[{"file"|"name":…,"modules":[{"name":…,"parameters":[{"key","value"}]}]}]}.
/// `origin` names the text in errors. Source: Mesos docs/modules.md (behaviour).
Result<std::vector<ModuleEntry>> parse_module_json(std::string_view text, std::string_view origin);

/// The same as TOML, one table per module; `host` is "inline" (also in JSON, as an addition of ours):
///   [[module]]
///   name = "cgroups/cpu"
///   file = "/opt/x/cgroups-cpu.so"
///   host = "inline"
///   parameters = { period_ms = 100 }
Result<std::vector<ModuleEntry>> parse_module_toml(std::string_view text, std::string_view origin);

/// "cgroups/cpu, cgroups/mem" -> its names. Errors: InvalidArgument (empty name, a name twice).
Result<std::vector<std::string>> parse_isolation(std::string_view text);

}  // namespace tepui::modules

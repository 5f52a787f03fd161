// ModuleLibrary: a loaded module and its manifest. Never unloaded: threads, atexit and thread-locals make dlclose a trap.
#pragma once

#include <string>

#include "lib/base/result.hpp"
#include "lib/modules/module_check.hpp"
#include "tepui/abi/draft/isolator.h"
#include "tepui/abi/draft/module.h"

namespace tepui::modules {

/// Value: copies refer to the same loaded object.
class ModuleLibrary {
 public:
  /// dlopen(RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE) and the manifest's checks; runs the module's constructors in this process.
  /// Call check_module_file and probe_module first. Errors: `load module "/x.so": …`, InvalidArgument.
  static Result<ModuleLibrary> load(const std::string& file);
  /// A module that is linked into this program (tests). Errors: InvalidArgument.
  static Result<ModuleLibrary> from_entry(const tepui_module_manifest* (*entry)());

  [[nodiscard]] const ModuleManifest& manifest() const { return manifest_; }
  /// Empty for one that is linked in.
  [[nodiscard]] const std::string& file() const { return file_; }
  /// The isolator's functions; slots that the module does not know are NULL. Errors: Unimplemented (offers none),
  /// InvalidArgument (no create or destroy).
  [[nodiscard]] Result<tepui_isolator_v1> isolator() const;

 private:
  std::string file_;
  ModuleManifest manifest_;
  const tepui_module_manifest* raw_ = nullptr;
};

}  // namespace tepui::modules

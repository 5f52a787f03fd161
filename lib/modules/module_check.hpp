// What must be true of a module's file before anything in it runs, and what it says when a child process loads it.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "lib/base/result.hpp"
#include "lib/modules/elf_reader.hpp"

namespace tepui::modules {

/// A module's own words, copied.
struct ModuleManifest {
  std::string name;  // "cgroups/cpu"
  std::string version;
  std::string description;
  unsigned abi_major = 0;
  unsigned abi_minor = 0;
  std::vector<std::string> interfaces;  // of those this host knows: "tepui.isolator/1"
};

/// What `tepui module inspect` prints.
struct ModuleReport {
  std::string file;
  std::uint64_t size_bytes = 0;
  unsigned owner_uid = 0;
  unsigned mode = 0;
  ElfFacts elf;
  ModuleManifest manifest;
};

/// Opens and reads the file; runs nothing of it. Refused: no 64-bit shared object for this machine; no module entry; needs
/// libprotobuf (two copies of one message type abort the process); executable stack; owner neither root nor this process's
/// user; writable by group or others.
/// Errors: NotFound, InvalidArgument, PermissionDenied (owner, mode): `check module "/x.so": reason`.
Result<ElfFacts> check_module_file(const std::string& file);

/// Loads the file in a forked child under rlimits (lib/linux/child_call.hpp) and brings its manifest back.
/// Errors: as `probe module "/x.so": …`: InvalidArgument (missing library, wrong magic, ABI or manifest), Internal (the child
/// died in a constructor), DeadlineExceeded.
Result<ModuleManifest> probe_module(const std::string& file,
                                    std::chrono::milliseconds timeout = std::chrono::seconds(5));

/// Both, and the file's facts. Loads nothing into this process.
Result<ModuleReport> inspect_module(const std::string& file);

}  // namespace tepui::modules

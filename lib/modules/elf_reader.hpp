// ElfReader: what a shared object says of itself, read without loading it: dlopen would run its constructors.
// Trusts nothing in the file: every offset and count is checked against its size.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.hpp"

namespace tepui::modules {

/// The dynamic part of a 64-bit ELF shared object for this machine. Source: man 5 elf, gabi "Dynamic Section".
struct ElfFacts {
  std::vector<std::string> needed;  // DT_NEEDED, in order
  bool has_executable_stack = false;  // PT_GNU_STACK with PF_X, or none at all
  bool exports_entry = false;         // the symbol asked for is defined and global
};

/// Reads the object open at `fd`, looking for `entry` among its dynamic symbols. `fd` is borrowed, its position unused.
/// Errors: InvalidArgument with the reason ("not an ELF file", "cut off: …", "for another machine"), those of pread.
Result<ElfFacts> read_elf_facts(int fd, std::string_view entry);

}  // namespace tepui::modules

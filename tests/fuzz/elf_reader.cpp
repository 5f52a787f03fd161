// Any bytes as a module's file: the reader answers with facts or an error, reads nothing outside the file and ends.
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>

#include "lib/base/unique_fd.hpp"
#include "lib/modules/elf_reader.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const tepui::UniqueFd file(::memfd_create("module", MFD_CLOEXEC));
  if (::ftruncate(file.borrow(), 0) != 0) return 0;
  if (::pwrite(file.borrow(), data, size, 0) != static_cast<ssize_t>(size)) return 0;
  static_cast<void>(tepui::modules::read_elf_facts(file.borrow(), "tepui_module_manifest_get"));
  return 0;
}

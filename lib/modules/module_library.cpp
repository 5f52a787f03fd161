// dlopen and the manifest's checks; the same code runs in the probe's child.
#include "lib/modules/module_library.hpp"

#include <dlfcn.h>

#include <array>
#include <cstddef>
#include <cstring>

#include <fmt/format.h>

#include "lib/base/try.hpp"
#include "tepui/sdk/container.hpp"

namespace tepui::modules {
namespace {

constexpr std::array<const char*, 3> kKnownInterfaces = {TEPUI_ISOLATOR_1, "tepui.hook.observe/1",
                                                         "tepui.hook.decorate/1"};
constexpr std::size_t kMaxManifestText = 1024;

Error invalid(std::string why) { return {ErrorCode::InvalidArgument, std::move(why)}; }

Result<std::string> read_text(const char* text, std::string_view what) {
  if (text == nullptr) return invalid(fmt::format("read the manifest: no {}", what));
  const std::size_t size = ::strnlen(text, kMaxManifestText + 1);
  if (size > kMaxManifestText) return invalid(fmt::format("read the manifest: {} over {} bytes", what, kMaxManifestText));
  for (std::size_t i = 0; i < size; ++i) {
    if (static_cast<unsigned char>(text[i]) < 0x20) return invalid(fmt::format("read the manifest: control character in {}", what));
  }
  return std::string(text, size);
}

Result<ModuleManifest> read_manifest(const tepui_module_manifest* raw) {
  if (raw == nullptr) return invalid("read the manifest: none");
  if (raw->magic != TEPUI_MODULE_MAGIC) {
    return invalid(fmt::format("read the manifest: magic 0x{:08x} is not 0x{:08x}", raw->magic, TEPUI_MODULE_MAGIC));
  }
  if (raw->abi_major != TEPUI_ABI_MAJOR) {
    return invalid(fmt::format("read the manifest: built for module ABI {}.{}, this host speaks {}.{}", raw->abi_major,
                               raw->abi_minor, TEPUI_ABI_MAJOR, TEPUI_ABI_MINOR))
        .with_hint("rebuild the module against this version's SDK");
  }
  if (raw->struct_size < offsetof(tepui_module_manifest, get_interface) + sizeof raw->get_interface ||
      raw->get_interface == nullptr) {
    return invalid("read the manifest: it offers no interfaces");
  }
  ModuleManifest manifest;
  TEPUI_ASSIGN(manifest.name, read_text(raw->name, "name"));
  TEPUI_ASSIGN(manifest.version, read_text(raw->version, "version"));
  TEPUI_ASSIGN(manifest.description, read_text(raw->description, "description"));
  if (manifest.name.empty()) return invalid("read the manifest: no name");
  manifest.abi_major = raw->abi_major;
  manifest.abi_minor = raw->abi_minor;
  for (const char* id : kKnownInterfaces) {
    if (raw->get_interface(id) != nullptr) manifest.interfaces.emplace_back(id);
  }
  return manifest;
}

}  // namespace

Result<ModuleLibrary> ModuleLibrary::load(const std::string& file) {
  const std::string context = fmt::format("load module \"{}\"", file);
  void* handle = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (handle == nullptr) {
    const char* why = ::dlerror();
    return invalid(why != nullptr ? why : "unknown reason").wrap(context);
  }
  using Entry = const tepui_module_manifest* (*)();
  auto entry = reinterpret_cast<Entry>(::dlsym(handle, TEPUI_MODULE_ENTRY));
  if (entry == nullptr) return invalid(fmt::format("no symbol '{}'", TEPUI_MODULE_ENTRY)).wrap(context);
  TEPUI_ASSIGN(ModuleLibrary library, from_entry(entry), context);
  library.file_ = file;
  return library;
}

Result<ModuleLibrary> ModuleLibrary::from_entry(const tepui_module_manifest* (*entry)()) {
  ModuleLibrary library;
  library.raw_ = entry();
  TEPUI_ASSIGN(library.manifest_, read_manifest(library.raw_));
  return library;
}

Result<tepui_isolator_v1> ModuleLibrary::isolator() const {
  const auto* raw = static_cast<const tepui_isolator_v1*>(raw_->get_interface(TEPUI_ISOLATOR_1));
  if (raw == nullptr) {
    return Error(ErrorCode::Unimplemented, fmt::format("use module '{}' as an isolator: it offers no {}", manifest_.name,
                                                       TEPUI_ISOLATOR_1));
  }
  const tepui_isolator_v1 vtable = sdk::copy_sized(raw);
  if (vtable.create == nullptr || vtable.destroy == nullptr) {
    return invalid(fmt::format("use module '{}' as an isolator: no create or no destroy", manifest_.name));
  }
  return vtable;
}

}  // namespace tepui::modules

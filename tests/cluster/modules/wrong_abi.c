/* A module made for an ABI that does not exist: the loader must say so. */
#include "tepui/abi/draft/module.h"

static const void* get_interface(const char* id) {
  (void)id;
  return NULL;
}

const tepui_module_manifest* tepui_module_manifest_get(void) {
  static const tepui_module_manifest manifest = {.struct_size = sizeof(tepui_module_manifest),
                                                 .magic = TEPUI_MODULE_MAGIC,
                                                 .abi_major = 999,
                                                 .name = "acme/thing",
                                                 .version = "1",
                                                 .description = "made for another abi",
                                                 .get_interface = get_interface};
  return &manifest;
}

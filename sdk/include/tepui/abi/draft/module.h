/* The module door: how a shared object introduces itself to Tepui.
 *
 * TRUST. A module is code that runs with the agent's privileges, usually root, and (host: inline) inside the agent's
 * process. Loading one is trusting its author as much as the agent's. The checks of the loader (owner, mode, ELF, a probe
 * in a child) catch accidents, not malice. What a module must never do: change the process (signals, umask, working
 * directory, environment, credentials), fork, call exit, or block for longer than the budget of the call.
 *
 * C11; depends on <stddef.h> and <stdint.h> only. DRAFT: until abi v1 is frozen this file may change between releases.
 *
 * Tags in these headers say from where a function may be called:
 *   [module-strand]   one call at a time per instance, on a thread that may block (budget: 2 s unless said otherwise);
 *   [loop]            on the host's event loop; must not block;
 *   [any-thread]      anywhere, at any time, while the instance lives;
 *   [after-fork: none] nothing here may be called between fork and exec.
 */
#ifndef TEPUI_ABI_MODULE_H
#define TEPUI_ABI_MODULE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TEPUI_MODULE_MAGIC ((uint32_t)0x54504d31) /* "TPM1" */
#define TEPUI_ABI_MAJOR ((uint16_t)0)             /* 0 while the headers are drafts */
#define TEPUI_ABI_MINOR ((uint16_t)1)

#if defined(__GNUC__)
#define TEPUI_EXPORT __attribute__((visibility("default")))
#else
#define TEPUI_EXPORT
#endif

/* Static data of the module: valid and unchanged from the first call until the process ends. */
typedef struct tepui_module_manifest {
  uint32_t struct_size;    /* sizeof as the module saw it; the host reads no further */
  uint32_t magic;          /* TEPUI_MODULE_MAGIC */
  uint16_t abi_major;      /* must equal the host's */
  uint16_t abi_minor;      /* informative; abilities are asked for by id */
  uint32_t reserved;       /* 0 */
  const char *name;        /* "network/namespace": what users write in --isolation */
  const char *version;     /* the module's own */
  const char *description; /* one line for people */
  /* The vtable for `id` ("tepui.isolator/1"), or NULL: this module does not offer it. Static data. [any-thread] */
  const void *(*get_interface)(const char *id);
} tepui_module_manifest;

/* The one symbol that a module exports. Never NULL. No side effects. [any-thread] */
TEPUI_EXPORT const tepui_module_manifest *tepui_module_manifest_get(void);

#define TEPUI_MODULE_ENTRY "tepui_module_manifest_get"

/* Ids are "tepui.NAME/REVISION"; third parties begin theirs with a reversed domain name ("com.example.thing/1").
 * A released id never changes its meaning; what is added gets another id. */

#ifdef __cplusplus
}
#endif
#endif

/* The isolator's side of the door: the vtable that a module's get_interface("tepui.isolator/1") returns.
 * C11; depends on <stddef.h> and <stdint.h> only. DRAFT: until abi v1 is frozen this file may change between releases.
 *
 *   create -> recover -> (per container) prepare -> isolate -> [update | usage | status]* -> cleanup -> … -> destroy
 *
 * cleanup may come in any state after prepare was called, also after a failed or refused prepare, and more than once.
 * After an agent's restart a fresh instance gets `recover` with the containers that still live; for those, cleanup comes
 * without prepare. */
#ifndef TEPUI_ABI_ISOLATOR_H
#define TEPUI_ABI_ISOLATOR_H

#include "host.h"
#include "launch_plan.h"
#include "module.h"
#include "sinks.h"
#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TEPUI_ISOLATOR_1 "tepui.isolator/1"

typedef struct tepui_isolator tepui_isolator; /* the module's own */

/* Every function: [module-strand], budget 2 s. A slot that is NULL means "nothing to do" (create and destroy: never NULL). */
typedef struct tepui_isolator_v1 {
  uint32_t struct_size;
  uint32_t reserved;
  /* `config`: a JSON object whose values are strings, {"period_ms":"100"}: the module's parameters. "{}" when it has none.
   * An unknown parameter is TEPUI_INVALID_ARGUMENT. `host` stays valid until destroy. [module-strand] */
  int32_t (*create)(const tepui_host *host, tepui_str config, tepui_isolator **out, tepui_error *);
  /* No container needs to be cleaned up first: those that live go on living. [module-strand] */
  void (*destroy)(tepui_isolator *);
  /* Once, after create, before anything else: the containers that live. An error keeps the agent from starting.
   * [module-strand] */
  int32_t (*recover)(tepui_isolator *, const tepui_container *const *containers, size_t count, tepui_error *);
  /* Adds its part to the plan. TEPUI_UNAVAILABLE: not ready yet, ask again. No process exists yet. [module-strand] */
  int32_t (*prepare)(tepui_isolator *, const tepui_container *, tepui_launch_plan *, tepui_error *);
  /* The container's first process exists, in its namespaces and cgroups, and is parked before its command. `pidfd` is
   * borrowed for the call; container->pid is set. [module-strand], [prepared] */
  int32_t (*isolate)(tepui_isolator *, const tepui_container *, int32_t pidfd, tepui_error *);
  /* The container's resources become these. [module-strand], [isolated] */
  int32_t (*update)(tepui_isolator *, tepui_str container_id, const tepui_resources *requests,
                    const tepui_resources *limits, tepui_error *);
  /* [module-strand], [isolated] */
  int32_t (*usage)(tepui_isolator *, tepui_str container_id, tepui_usage_sink *, tepui_error *);
  /* [module-strand], [isolated] */
  int32_t (*status)(tepui_isolator *, tepui_str container_id, tepui_status_sink *, tepui_error *);
  /* All processes of the container are gone. Gives back what prepare or isolate took. Idempotent; an unknown container is
   * TEPUI_OK. [module-strand] */
  int32_t (*cleanup)(tepui_isolator *, tepui_str container_id, tepui_error *);
} tepui_isolator_v1;

#ifdef __cplusplus
}
#endif
#endif

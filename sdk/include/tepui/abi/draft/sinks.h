/* Where an isolator puts what it measured: host-owned tables that copy at once.
 * C11; depends on <stddef.h> and <stdint.h> only. DRAFT: until abi v1 is frozen this file may change between releases. */
#ifndef TEPUI_ABI_SINKS_H
#define TEPUI_ABI_SINKS_H

#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Numbers of a container, for the wire's ResourceStatistics and for metrics. */
typedef struct tepui_usage_sink tepui_usage_sink;
struct tepui_usage_sink {
  uint32_t struct_size;
  uint32_t reserved;
  void *context; /* the host's */
  /* `name` is a field of ResourceStatistics with its unit last ("cpus_user_time_secs", "mem_rss_bytes"), or a name of the
   * module's own in the same manner ("com.example.energy_joules"). The last value wins. [module-strand], inside `usage` */
  void (*set_number)(tepui_usage_sink *, tepui_str name, double value);
};

/* What people and the wire's ContainerStatus are told: addresses, the cgroup's class id… */
typedef struct tepui_status_sink tepui_status_sink;
struct tepui_status_sink {
  uint32_t struct_size;
  uint32_t reserved;
  void *context; /* the host's */
  /* `key`: "network.ip_address"… The last value wins. [module-strand], inside `status` */
  void (*set_text)(tepui_status_sink *, tepui_str key, tepui_str value);
};

#ifdef __cplusplus
}
#endif
#endif

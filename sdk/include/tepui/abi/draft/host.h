/* What the host offers an instance of a module, from `create` to `destroy`.
 * C11; depends on <stddef.h> and <stdint.h> only. DRAFT: until abi v1 is frozen this file may change between releases. */
#ifndef TEPUI_ABI_HOST_H
#define TEPUI_ABI_HOST_H

#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { TEPUI_LOG_DEBUG = 0, TEPUI_LOG_INFO = 1, TEPUI_LOG_WARN = 2, TEPUI_LOG_ERROR = 3 };

/* A container went past what it may use: a value, not an error. The host ends the container and says why. */
typedef struct tepui_limitation {
  uint32_t struct_size;
  uint32_t reserved;
  tepui_str reason;  /* the wire's name: "REASON_CONTAINER_LIMITATION_MEMORY"; generic: "REASON_CONTAINER_LIMITATION" */
  tepui_str message; /* for people; names the limit and what was used */
} tepui_limitation;

/* One per instance; valid from `create` until `destroy` returns. */
typedef struct tepui_host tepui_host;
struct tepui_host {
  uint32_t struct_size;
  uint32_t cgroup_version; /* 1 or 2: which hierarchy the host uses; 0: none */
  void *context;           /* the host's */

  /* An event for the agent's log: a constant message, lower case, past tense, and fields. [any-thread] */
  void (*log)(const tepui_host *, uint32_t level, tepui_str message, const tepui_label *fields, size_t count);

  /* The first report about a container wins. Unknown container: TEPUI_NOT_FOUND. Returns at once. [any-thread] */
  int32_t (*report_limitation)(const tepui_host *, tepui_str container_id, const tepui_limitation *, tepui_error *);

  /* The container's cgroup of `controller` ("memory") as a directory fd: the host's, never to be closed by the module, and
   * valid until `cleanup` of the container returns. Use it with openat. Errors: TEPUI_NOT_FOUND (no such container, or
   * its plan names no such controller), TEPUI_FAILED_PRECONDITION (not made yet: it exists from `isolate` on).
   * [module-strand] */
  int32_t (*borrow_cgroup)(const tepui_host *, tepui_str container_id, tepui_str controller, int32_t *fd, tepui_error *);

  /* Further abilities by id (below), or NULL: this host does not offer it. Static for the life of the instance. [any-thread] */
  const void *(*get_interface)(const tepui_host *, const char *id);
};

/* Called back on the module strand, never inside another call of the same instance, never after unwatch or cancel
 * returned, never after `destroy`. */
typedef void (*tepui_callback)(void *user_data); /* [module-strand] */

/* Watches descriptors on the host's loop. Level-triggered: the callback reads what made it ready; the watch rests while
 * the callback runs. */
#define TEPUI_HOST_WATCH_FD_1 "tepui.host.watch_fd/1"
enum { TEPUI_WATCH_READ = 1, TEPUI_WATCH_PRIORITY = 2 }; /* EPOLLIN; EPOLLPRI (PSI, memory.events in poll) */
typedef struct tepui_host_watch_fd_v1 {
  uint32_t struct_size;
  uint32_t reserved;
  /* `fd` stays the module's and open until unwatch; its open file becomes non-blocking. A descriptor that cannot be polled is never
   * ready. Errors: TEPUI_INVALID_ARGUMENT, TEPUI_UNIMPLEMENTED (this host does not offer these events). [module-strand] */
  int32_t (*watch)(const tepui_host *, int32_t fd, uint32_t events, tepui_callback, void *user_data, uint64_t *watch_id,
                   tepui_error *);
  /* Idempotent. After it the fd may be closed. [module-strand] */
  void (*unwatch)(const tepui_host *, uint64_t watch_id);
} tepui_host_watch_fd_v1;

#define TEPUI_HOST_TIMER_1 "tepui.host.timer/1"
typedef struct tepui_host_timer_v1 {
  uint32_t struct_size;
  uint32_t reserved;
  /* Calls back after `delay_ms`, then every `period_ms` (0: once; otherwise 10 or more). [module-strand] */
  int32_t (*start)(const tepui_host *, uint32_t delay_ms, uint32_t period_ms, tepui_callback, void *user_data,
                   uint64_t *timer_id, tepui_error *);
  /* Idempotent. [module-strand] */
  void (*cancel)(const tepui_host *, uint64_t timer_id);
} tepui_host_timer_v1;

/* Small durable values of the module's own, kept with the agent's checkpoints. */
#define TEPUI_HOST_CHECKPOINT_1 "tepui.host.checkpoint/1"
typedef struct tepui_host_checkpoint_v1 {
  uint32_t struct_size;
  uint32_t reserved;
  /* Durable when it returns TEPUI_OK. Up to 64 KiB; empty forgets the key. [module-strand] */
  int32_t (*put)(const tepui_host *, tepui_str key, tepui_bytes value, tepui_error *);
  /* Calls `copy` once with the value. Errors: TEPUI_NOT_FOUND. [module-strand] */
  int32_t (*get)(const tepui_host *, tepui_str key, void (*copy)(void *user_data, tepui_bytes value), void *user_data,
                 tepui_error *);
} tepui_host_checkpoint_v1;

#ifdef __cplusplus
}
#endif
#endif

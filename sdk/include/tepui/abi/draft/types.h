/* The values that cross the module door: text, errors, resources, and what a module sees of a container.
 * C11; depends on <stddef.h> and <stdint.h> only. DRAFT: until abi v1 is frozen this file may change between releases.
 *
 * Everything here is borrowed: valid until the call that carries it returns, unless a line says otherwise. Copy what you
 * keep. Structs with `struct_size` grow at their end only: read a field only if struct_size covers it. Arrays of such
 * structs are arrays of pointers, so that neither side steps by a size it does not know. */
#ifndef TEPUI_ABI_TYPES_H
#define TEPUI_ABI_TYPES_H

#include <stddef.h>
#include <stdint.h>

#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Text in UTF-8, not necessarily followed by a zero byte. Empty: size 0 (data may be NULL). */
typedef struct tepui_str {
  const char *data;
  size_t size;
} tepui_str;

typedef struct tepui_bytes {
  const uint8_t *data;
  size_t size;
} tepui_bytes;

/* Owned by the caller, filled by the callee when it returns anything but TEPUI_OK, untouched otherwise. Nothing to free.
 * Every fallible function of the door returns its code and takes `tepui_error *` last; the pointer is never NULL. */
typedef struct tepui_error {
  uint32_t struct_size; /* set by the caller */
  int32_t code;         /* a tepui_status; the same as the function's result */
  int32_t sys_errno;    /* 0: no syscall failed */
  char message[512];    /* ends with a zero byte; verb + object, without strerror's text: write "cpu.shares" */
} tepui_error;

typedef struct tepui_label {
  tepui_str key;
  tepui_str value;
} tepui_label;

/* Both ends belong to the range. */
typedef struct tepui_range {
  uint64_t begin;
  uint64_t end;
} tepui_range;

typedef struct tepui_named_amount {
  tepui_str name;
  int64_t milli; /* thousandths, as Mesos counts scalars */
} tepui_named_amount;

#define TEPUI_UNLIMITED ((int64_t)-1)

/* An amount of every resource. 0: none was given. As limits: 0 means "as requested", TEPUI_UNLIMITED no limit. */
typedef struct tepui_resources {
  uint32_t struct_size;
  uint32_t reserved;
  int64_t cpus_milli; /* 1500 is one and a half cpus */
  int64_t mem_bytes;
  int64_t disk_bytes;
  int64_t gpus_milli;
  const tepui_range *ports; /* host ports; may be NULL when ports_count is 0 */
  size_t ports_count;
  const tepui_named_amount *others; /* scalars with names of the operator's */
  size_t others_count;
} tepui_resources;

/* A volume that the task asks for. */
typedef struct tepui_volume {
  uint32_t struct_size;
  uint32_t is_read_only;
  tepui_str host_path;      /* empty: below the sandbox */
  tepui_str container_path; /* absolute, or relative to the sandbox */
} tepui_volume;

/* TEPUI_CONTAINER_DEFAULT: runs a task. TEPUI_CONTAINER_DEBUG: entered by a person into a parent's namespaces. */
enum { TEPUI_CONTAINER_DEFAULT = 0, TEPUI_CONTAINER_DEBUG = 1 };

/* What a module sees of a container. Every id has passed the host's rules and is fit for a file name. */
typedef struct tepui_container {
  uint32_t struct_size;
  uint32_t container_class; /* TEPUI_CONTAINER_DEFAULT … */
  tepui_str id;             /* unique for the life of the agent's work directory */
  tepui_str parent_id;      /* empty: not nested */
  tepui_str agent_id;
  tepui_str framework_id;
  tepui_str executor_id;
  tepui_str task_id; /* empty: the container of an executor */
  tepui_str task_name;

  tepui_str user; /* an account of the host */
  uint32_t uid;
  uint32_t gid;

  int32_t sandbox_fd;       /* directory, borrowed for the call; -1: not open (recover) */
  int32_t rootfs_fd;        /* directory of the container's image; -1: no image, the host's root is used */
  tepui_str sandbox;        /* absolute path on the host */
  tepui_str rootfs;         /* absolute path on the host; empty: no image */
  int32_t pid;              /* 0 until the container's first process exists; recover: 0 means that it has ended */
  uint32_t labels_count;
  const tepui_label *labels;

  const tepui_resources *requests; /* never NULL */
  const tepui_resources *limits;   /* never NULL */

  const tepui_str *networks; /* names of the networks that the task asks for */
  size_t networks_count;
  const tepui_volume *const *volumes;
  size_t volumes_count;
  tepui_str image_config; /* the image's OCI configuration, JSON text; empty: no image */
} tepui_container;

#ifdef __cplusplus
}
#endif
#endif

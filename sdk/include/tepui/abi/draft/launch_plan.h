/* The launch plan as a module writes it: one verb per thing that a container can have. The host owns the table, copies
 * at once what it is given, and records which isolator claimed what. A second claim on the same thing by another isolator
 * is TEPUI_ALREADY_EXISTS with a message that names both. Nothing happens to any process until every isolator has written
 * its part and the launcher carries the plan out: a module in `prepare` mounts nothing and unshares nothing itself.
 * Words and meanings are those of the OCI runtime specification, config.md and config-linux.md.
 *
 * C11; depends on <stddef.h> and <stdint.h> only. DRAFT: until abi v1 is frozen this file may change between releases. */
#ifndef TEPUI_ABI_LAUNCH_PLAN_H
#define TEPUI_ABI_LAUNCH_PLAN_H

#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
  TEPUI_NAMESPACE_MOUNT = 0,
  TEPUI_NAMESPACE_PID = 1,
  TEPUI_NAMESPACE_NETWORK = 2,
  TEPUI_NAMESPACE_IPC = 3,
  TEPUI_NAMESPACE_UTS = 4,
  TEPUI_NAMESPACE_CGROUP = 5,
  TEPUI_NAMESPACE_USER = 6,
  TEPUI_NAMESPACE_TIME = 7
};

/* What the launcher does about a mount beside mounting it. */
enum {
  TEPUI_MOUNT_CREATE_DIRECTORY = 1, /* makes the target (mode 0755) where it is missing */
  TEPUI_MOUNT_CREATE_FILE = 2,      /* makes an empty file as target where it is missing */
  TEPUI_MOUNT_IF_SOURCE_EXISTS = 4  /* left out when the source is missing */
};

/* Mounts happen in the order in which they were added. Targets are absolute paths inside the container; a second mount on
 * the same target is a conflict unless the same isolator adds it. */
typedef struct tepui_mount {
  uint32_t struct_size;
  int32_t source_fd;    /* an open_tree fd or a file or directory to bind; -1: `source` counts. The host dups it */
  tepui_str source;     /* host path for a bind mount, otherwise what /proc/mounts shall show */
  tepui_str target;     /* inside the container, absolute */
  tepui_str fstype;     /* "proc", "tmpfs"…; empty for a bind mount */
  tepui_str data;       /* file-system options: "size=64m,mode=1777" */
  uint64_t flags;       /* MS_RDONLY, MS_BIND, MS_REC, MS_NOSUID… of <sys/mount.h> */
  uint64_t propagation; /* 0, MS_PRIVATE, MS_SLAVE or MS_SHARED, with MS_REC if need be; set after mounting */
  uint32_t options;     /* TEPUI_MOUNT_… */
  uint32_t reserved;
} tepui_mount;

/* A device node. `access` counts where a devices controller rules: letters of "rwm". */
typedef struct tepui_device {
  uint32_t struct_size;
  char type;            /* 'c' or 'b' */
  char has_node;        /* 1: the launcher makes the node at `path`; 0: only access is granted */
  uint16_t reserved;
  tepui_str path;       /* inside the container */
  tepui_str access;     /* "rw" */
  uint32_t major_number;
  uint32_t minor_number;
  uint32_t mode;        /* 0666 */
  uint32_t uid;
  uint32_t gid;
} tepui_device;

/* Masks of capability numbers: bit 21 is CAP_SYS_ADMIN (linux/capability.h). */
typedef struct tepui_capabilities {
  uint32_t struct_size;
  uint32_t reserved;
  uint64_t bounding;
  uint64_t effective;
  uint64_t permitted;
  uint64_t inheritable;
  uint64_t ambient;
} tepui_capabilities;

/* Host-owned; valid during `prepare` only. Every verb: [module-strand], inside `prepare`.
 * Errors of every verb: TEPUI_ALREADY_EXISTS (another isolator's claim; message names it), TEPUI_INVALID_ARGUMENT,
 * TEPUI_UNIMPLEMENTED (this host has no such thing). After an error `prepare` should return it. */
typedef struct tepui_launch_plan tepui_launch_plan;
struct tepui_launch_plan {
  uint32_t struct_size;
  uint32_t reserved;
  void *context; /* the host's */

  /* A fresh namespace of this kind (TEPUI_NAMESPACE_…). */
  int32_t (*add_namespace)(tepui_launch_plan *, uint32_t kind, tepui_error *);
  /* An existing one, by an fd of /proc/PID/ns or a bind mount of it; the host dups the fd. */
  int32_t (*join_namespace)(tepui_launch_plan *, uint32_t kind, int32_t fd, tepui_error *);
  /* Needs a user namespace in the plan. `is_group`: 0 maps users, 1 groups. */
  int32_t (*add_id_map)(tepui_launch_plan *, uint32_t is_group, uint32_t inside, uint32_t outside, uint32_t count,
                        tepui_error *);

  /* The container's root: a directory of the host (fd borrowed, dup'ed; or path when -1). MS_RDONLY in `flags` mounts it
   * read-only after all mounts were made. Without this verb the root is the host's. Needs a mount namespace. */
  int32_t (*set_root)(tepui_launch_plan *, int32_t fd, tepui_str path, uint64_t flags, tepui_error *);
  int32_t (*add_mount)(tepui_launch_plan *, const tepui_mount *, tepui_error *);
  /* Hidden: a file reads as empty, a directory as an empty one. */
  int32_t (*add_masked_path)(tepui_launch_plan *, tepui_str path, tepui_error *);
  int32_t (*add_readonly_path)(tepui_launch_plan *, tepui_str path, tepui_error *);
  int32_t (*add_device)(tepui_launch_plan *, const tepui_device *, tepui_error *);

  /* Puts the container into a cgroup of `controller` ("cpu", "memory") that the containerizer makes, and writes `value`
   * into its file `key` ("cpu.shares") before the first process enters. An empty `key` asks for the cgroup only. Keys are
   * those of the hierarchy in use (tepui_host.cgroup_version); settings are written in the order given. */
  int32_t (*add_to_cgroup)(tepui_launch_plan *, tepui_str controller, tepui_str key, tepui_str value, tepui_error *);

  /* RLIMIT_… of <sys/resource.h>; UINT64_MAX is RLIM_INFINITY. */
  int32_t (*add_rlimit)(tepui_launch_plan *, uint32_t resource, uint64_t soft, uint64_t hard, tepui_error *);
  int32_t (*set_capabilities)(tepui_launch_plan *, const tepui_capabilities *, tepui_error *);
  /* `program`: an array of struct sock_filter (linux/filter.h) as the kernel takes it; `flags`: SECCOMP_FILTER_FLAG_….
   * One per container, installed last before execve. */
  int32_t (*set_seccomp_filter)(tepui_launch_plan *, tepui_bytes program, uint32_t flags, tepui_error *);
  /* Once set it stays set, whoever asked. */
  int32_t (*set_no_new_privs)(tepui_launch_plan *, tepui_error *);

  /* A variable that the task's own environment may override. */
  int32_t (*add_env)(tepui_launch_plan *, tepui_str name, tepui_str value, tepui_error *);
  int32_t (*set_user)(tepui_launch_plan *, uint32_t uid, uint32_t gid, const uint32_t *groups, size_t groups_count,
                      tepui_error *);
  /* Needs a uts namespace in the plan. */
  int32_t (*set_hostname)(tepui_launch_plan *, tepui_str name, tepui_error *);
  /* "net.ipv4.ip_forward"; only keys of namespaces that the plan makes. */
  int32_t (*add_sysctl)(tepui_launch_plan *, tepui_str key, tepui_str value, tepui_error *);
  /* -1000 to 1000. */
  int32_t (*set_oom_score_adj)(tepui_launch_plan *, int32_t value, tepui_error *);
  /* Absolute, inside the container. */
  int32_t (*set_working_directory)(tepui_launch_plan *, tepui_str path, tepui_error *);
  /* Leaves an open file to the command as descriptor `number`, 3 or more. The host dups `fd` at once. */
  int32_t (*inherit_fd)(tepui_launch_plan *, int32_t fd, int32_t number, tepui_error *);

  /* Further verbs by id ("tepui.plan.hooks/1"), or NULL. */
  const void *(*get_interface)(tepui_launch_plan *, const char *id);
};

#ifdef __cplusplus
}
#endif
#endif

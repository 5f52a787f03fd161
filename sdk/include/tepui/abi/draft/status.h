/* Status codes of every fallible call across the module door, and of lib/base/error.hpp: one list for both.
 * C11; depends on <stdint.h> only. DRAFT: until abi v1 is frozen this file may change between releases. */
#ifndef TEPUI_ABI_STATUS_H
#define TEPUI_ABI_STATUS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* 0 is success. The host treats an unknown code as TEPUI_INTERNAL. */
typedef enum tepui_status {
  TEPUI_OK = 0,
  TEPUI_CANCELLED = 1,           /* the caller gave up */
  TEPUI_INVALID_ARGUMENT = 2,    /* the input is wrong whatever the state; correct it */
  TEPUI_DEADLINE_EXCEEDED = 3,   /* a wait reached its limit; the effect is unknown */
  TEPUI_NOT_FOUND = 4,           /* the named thing does not exist */
  TEPUI_ALREADY_EXISTS = 5,      /* the named thing exists, or is claimed by another */
  TEPUI_PERMISSION_DENIED = 6,   /* the caller may not */
  TEPUI_RESOURCE_EXHAUSTED = 7,  /* a bound, quota or disk is full */
  TEPUI_FAILED_PRECONDITION = 8, /* the state forbids it; change the state first */
  TEPUI_ABORTED = 9,             /* lost against a concurrent change; begin again */
  TEPUI_UNIMPLEMENTED = 10,      /* known, and not offered here */
  TEPUI_INTERNAL = 11,           /* a broken promise of the callee */
  TEPUI_UNAVAILABLE = 12,        /* not now; the same call may succeed later */
  TEPUI_DATA_LOSS = 13           /* stored bytes are damaged */
} tepui_status;

#ifdef __cplusplus
}
#endif
#endif

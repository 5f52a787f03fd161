// Waiting for borrowed descriptors: pipes, sockets, eventfds, pidfds.
#pragma once

#include "lib/async/async.hpp"

namespace tepui {

/// Returns when `fd` (borrowed; any number may wait on it) can be read, is at its end or has failed. It may be closed
/// meanwhile without harm: a duplicate is waited on. Side effect: the open file becomes non-blocking (O_NONBLOCK).
/// Errors: Cancelled; PermissionDenied (a regular file cannot be waited on: EPERM of epoll_ctl).
Async<void> wait_readable(int fd);
/// As wait_readable, for writing.
Async<void> wait_writable(int fd);

/// Returns when the process of `pidfd` has ended; reaping it is the caller's (lib/linux Process). Source: man 2 pidfd_open.
Async<void> wait_process_end(int pidfd);

}  // namespace tepui

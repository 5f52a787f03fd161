// call_in_child: runs a function in a forked child and brings its answer back, whatever becomes of the child.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>

#include "lib/base/result.hpp"

namespace tepui::sys {

/// What the child may use, beside `timeout` of wall-clock time.
struct ChildLimits {
  std::chrono::milliseconds timeout{5000};
  unsigned cpu_seconds = 5;        // RLIMIT_CPU
  unsigned open_files = 64;        // RLIMIT_NOFILE
  std::size_t answer_bytes = 65536;
};

/// Forks; the child runs `body` with standard streams on /dev/null, no core dump and no file growth, writes the text that it
/// returns into a pipe and ends by _exit. Blocks until then. The child dies with the calling thread.
/// Errors: DeadlineExceeded (killed), Internal ("killed by signal 11 (SIGSEGV)", "exited with status 3").
///
/// In a program with several threads the child is a copy of one thread: glibc makes malloc and dlopen usable there again
/// (it resets their locks in fork), other locks stay as they were. A child that waits for such a lock for ever costs
/// `timeout` and is an error, nothing worse. Prefer calls before threads start.
Result<std::string> call_in_child(const std::function<std::string()>& body, ChildLimits limits = {});

}  // namespace tepui::sys

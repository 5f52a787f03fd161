#include <signal.h>
#include <sys/wait.h>

#include <cerrno>

#include "launcher/init/words.hpp"
#include "launcher/shim/shim.hpp"
#include "lib/linux/raw_sys.hpp"

namespace tepui::launcher {
namespace {

/// SIGKILL to every child by /proc/self/task/PID/children (man 5 proc). A child's pid stays ours until we reap it.
void kill_children() {
  FixedText<64> path;
  path.add("/proc/self/task/").add_signed(raw::getpid()).add("/children");
  const long file = raw::openat(AT_FDCWD, path.text(), O_RDONLY);
  if (file < 0) return;
  char text[4096];
  int pid = 0;
  while (true) {
    const long size = raw::read(static_cast<int>(file), text, sizeof text);
    if (size <= 0) break;
    for (long i = 0; i < size; ++i) {
      if (text[i] >= '0' && text[i] <= '9') {
        pid = pid * 10 + (text[i] - '0');
      } else if (pid > 0) {
        raw::kill(pid, SIGKILL);
        pid = 0;
      }
    }
  }
  raw::close(static_cast<int>(file));
}

}  // namespace

void kill_leftovers() {
  // Each round takes a generation: what a killed one leaves behind becomes our child. SIGCHLD ends the wait early.
  while (true) {
    long reaped = 0;
    do {
      reaped = raw::wait4(-1, nullptr, WNOHANG | __WALL, nullptr);
    } while (reaped > 0);
    if (reaped == -ECHILD) return;
    kill_children();
    reaped = raw::wait4(-1, nullptr, __WALL, nullptr);
    if (reaped == -ECHILD) return;
  }
}

}  // namespace tepui::launcher

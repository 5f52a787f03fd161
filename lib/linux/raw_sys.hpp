// The kernel without a C library: every call returns a value or -errno, allocates nothing, touches no errno.
// All that code between clone and execve may include (launcher/init, launcher/shim). Everybody else: sys.hpp.
// EINTR is not retried here except where said: signals are blocked there.
#pragma once

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <time.h>

#include <cstddef>
#include <cstdint>

struct pollfd;

namespace tepui::raw {

/// The bare instruction. Source: man 2 syscall, "Architecture calling conventions".
inline long call(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0, long f = 0) {
#if defined(__x86_64__)
  long result;
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = f;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
#elif defined(__aarch64__)
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d;
  register long x4 __asm__("x4") = e;
  register long x5 __asm__("x5") = f;
  __asm__ volatile("svc 0"
                   : "+r"(x0)
                   : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
                   : "memory");
  return x0;
#else
#error "tepui knows the system call instruction of x86_64 and aarch64"
#endif
}

inline long at(const void* pointer) { return reinterpret_cast<long>(pointer); }

[[noreturn]] inline void exit_now(int code) {
  while (true) call(SYS_exit_group, code);
}

// Files.
inline long openat(int dirfd, const char* path, int flags, unsigned mode = 0) {
  return call(SYS_openat, dirfd, at(path), flags | O_CLOEXEC, mode);
}
/// Retries EAGAIN (a rename ran beside it; man 2 openat2) a bounded number of times.
inline long openat2(int dirfd, const char* path, int flags, std::uint64_t resolve) {
  open_how how{};
  how.flags = static_cast<std::uint64_t>(static_cast<unsigned>(flags | O_CLOEXEC));
  how.resolve = resolve;
  long fd = 0;
  for (int tries = 0; tries < 64; ++tries) {
    fd = call(SYS_openat2, dirfd, at(path), at(&how), sizeof how);
    if (fd != -11 /* EAGAIN */) break;
  }
  return fd;
}
inline long close(int fd) { return call(SYS_close, fd); }
inline long close_range(unsigned first, unsigned last, unsigned flags) {
  return call(SYS_close_range, first, last, flags);
}
inline long read(int fd, void* buffer, std::size_t size) {
  return call(SYS_read, fd, at(buffer), static_cast<long>(size));
}
inline long write(int fd, const void* bytes, std::size_t size) {
  return call(SYS_write, fd, at(bytes), static_cast<long>(size));
}
inline long ftruncate(int fd, long size) { return call(SYS_ftruncate, fd, size); }
inline long dup3(int from, int to, int flags) { return call(SYS_dup3, from, to, flags); }
inline long fcntl(int fd, int command, long argument) { return call(SYS_fcntl, fd, command, argument); }
inline long pipe2(int* ends, int flags) { return call(SYS_pipe2, at(ends), flags); }
inline long fstat(int fd, struct stat* facts) { return call(SYS_newfstatat, fd, at(""), at(facts), AT_EMPTY_PATH); }
inline long fstatfs(int fd, struct statfs* facts) { return call(SYS_fstatfs, fd, at(facts)); }
inline long mkdirat(int dirfd, const char* path, unsigned mode) { return call(SYS_mkdirat, dirfd, at(path), mode); }
inline long mknodat(int dirfd, const char* path, unsigned mode, unsigned long device) {
  return call(SYS_mknodat, dirfd, at(path), mode, static_cast<long>(device));
}
inline long symlinkat(const char* target, int dirfd, const char* path) {
  return call(SYS_symlinkat, at(target), dirfd, at(path));
}
inline long renameat(int from_dir, const char* from, int to_dir, const char* to) {
  return call(SYS_renameat2, from_dir, at(from), to_dir, at(to), 0);
}
inline long fchownat(int dirfd, const char* path, unsigned uid, unsigned gid, int flags) {
  return call(SYS_fchownat, dirfd, at(path), uid, gid, flags);
}
inline long fchmodat(int dirfd, const char* path, unsigned mode) {
  return call(SYS_fchmodat, dirfd, at(path), mode);
}
inline long mmap(std::size_t size, int protection, int flags, int fd) {
  return call(SYS_mmap, 0, static_cast<long>(size), protection, flags, fd, 0);
}
inline long poll(struct pollfd* entries, unsigned count, const timespec* timeout) {
  return call(SYS_ppoll, at(entries), count, at(timeout), 0, 0);
}

// Sockets.
inline long sendmsg(int socket, const msghdr* message, int flags) { return call(SYS_sendmsg, socket, at(message), flags); }
inline long receive(int socket, void* buffer, std::size_t size, int flags) {
  return call(SYS_recvfrom, socket, at(buffer), static_cast<long>(size), flags, 0, 0);
}

// Mounts.
inline long open_tree(int dirfd, const char* path, unsigned flags) {
  return call(SYS_open_tree, dirfd, at(path), flags | OPEN_TREE_CLOEXEC);
}
/// Onto `target_fd` itself, from `tree_fd` itself.
inline long move_mount(int tree_fd, int target_fd) {
  return call(SYS_move_mount, tree_fd, at(""), target_fd, at(""), MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
}
inline long mount_setattr(int dirfd, const char* path, unsigned flags, const mount_attr* attributes) {
  return call(SYS_mount_setattr, dirfd, at(path), flags, at(attributes), sizeof *attributes);
}
inline long fsopen(const char* fstype) { return call(SYS_fsopen, at(fstype), FSOPEN_CLOEXEC); }
inline long fsconfig(int fd, unsigned command, const char* key, const char* value) {
  return call(SYS_fsconfig, fd, command, at(key), at(value), 0);
}
inline long fsmount(int fd, unsigned attributes) { return call(SYS_fsmount, fd, FSMOUNT_CLOEXEC, attributes); }
inline long pivot_root(const char* new_root, const char* put_old) {
  return call(SYS_pivot_root, at(new_root), at(put_old));
}
inline long umount2(const char* target, int flags) { return call(SYS_umount2, at(target), flags); }

// Processes.
inline long clone3(clone_args* arguments) { return call(SYS_clone3, at(arguments), sizeof *arguments); }
inline long setns(int fd, int kind) { return call(SYS_setns, fd, kind); }
inline long unshare(int kinds) { return call(SYS_unshare, kinds); }
inline long wait4(int pid, int* status, int flags, rusage* usage) {
  return call(SYS_wait4, pid, at(status), flags, at(usage));
}
inline long kill(int pid, int signal) { return call(SYS_kill, pid, signal); }
inline long pidfd_send_signal(int pidfd, int signal) { return call(SYS_pidfd_send_signal, pidfd, signal, 0, 0); }
inline long getpid() { return call(SYS_getpid); }
inline long setsid() { return call(SYS_setsid); }
inline long prctl(int option, unsigned long a = 0, unsigned long b = 0) {
  return call(SYS_prctl, option, static_cast<long>(a), static_cast<long>(b), 0, 0);
}
inline long execve(const char* path, const char* const* argv, const char* const* env) {
  return call(SYS_execve, at(path), at(argv), at(env));
}
inline long chdir(const char* path) { return call(SYS_chdir, at(path)); }
inline long fchdir(int fd) { return call(SYS_fchdir, fd); }
/// Length with the closing NUL. The kernel's own answer, which may begin with "(unreachable)".
inline long getcwd(char* buffer, std::size_t size) { return call(SYS_getcwd, at(buffer), static_cast<long>(size)); }
inline long umask(unsigned mask) { return call(SYS_umask, mask); }
inline long sethostname(const char* name, std::size_t size) {
  return call(SYS_sethostname, at(name), static_cast<long>(size));
}
inline long prlimit(unsigned resource, const rlimit64* limits) { return call(SYS_prlimit64, 0, resource, at(limits), 0); }

// Identity. These act on the calling thread alone: the callers are single threaded.
inline long setgroups(std::size_t count, const std::uint32_t* groups) {
  return call(SYS_setgroups, static_cast<long>(count), at(groups));
}
inline long setresgid(unsigned gid) { return call(SYS_setresgid, gid, gid, gid); }
inline long setresuid(unsigned uid) { return call(SYS_setresuid, uid, uid, uid); }
inline long capset(void* header, const void* data) { return call(SYS_capset, at(header), at(data)); }
inline long seccomp(unsigned operation, unsigned flags, const sock_fprog* program) {
  return call(SYS_seccomp, operation, flags, at(program));
}

// Signals: sets are one 64-bit word, bit n-1 is signal n.
inline constexpr std::uint64_t kAllSignals = ~std::uint64_t{0};
inline std::uint64_t signal_bit(int signal) { return std::uint64_t{1} << static_cast<unsigned>(signal - 1); }
/// how: SIG_BLOCK, SIG_SETMASK.
inline long sigprocmask(int how, std::uint64_t mask) { return call(SYS_rt_sigprocmask, how, at(&mask), 0, sizeof mask); }
/// Waits for one of `mask`, which are blocked; returns its number.
inline long sigwait(std::uint64_t mask) { return call(SYS_rt_sigtimedwait, at(&mask), 0, 0, sizeof mask); }
inline long signalfd(std::uint64_t mask, int flags) { return call(SYS_signalfd4, -1, at(&mask), sizeof mask, flags); }
/// Sets a signal to its default action.
inline long default_action(int signal) {
  struct KernelAction {
    void* action;
    unsigned long flags;
    void* restorer;
    std::uint64_t mask;
  } const plain{};
  return call(SYS_rt_sigaction, signal, at(&plain), 0, sizeof plain.mask);
}

// Time.
inline long clock_gettime(int clock, timespec* time) { return call(SYS_clock_gettime, clock, at(time)); }

}  // namespace tepui::raw

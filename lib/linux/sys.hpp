// Syscalls as Results: every wrapper retries EINTR, sets O_CLOEXEC and puts call name and object in the error.
// The only place (with lib/base/unique_fd and random) that calls the kernel bare. After clone: raw_sys.hpp instead.
// `int` descriptors are borrowed; a path is relative to its dirfd (AT_FDCWD: the working directory).
#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/vfs.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/base/result.hpp"
#include "lib/base/unique_fd.hpp"

namespace tepui::sys {

/// Files the agent reads whole are small; more than this is refused unless the caller says another bound.
inline constexpr std::size_t kReadLimit = 16U << 20U;

// Opening.

/// openat(2) with O_CLOEXEC added. `mode` counts with O_CREAT or O_TMPFILE.
Result<UniqueFd> open_at(int dirfd, const std::string& path, int flags, mode_t mode = 0);
inline Result<UniqueFd> open_file(const std::string& path, int flags, mode_t mode = 0) {
  return open_at(AT_FDCWD, path, flags, mode);
}
/// O_PATH | O_DIRECTORY is not enough to list: opens O_RDONLY | O_DIRECTORY.
Result<UniqueFd> open_directory_at(int dirfd, const std::string& path);
/// openat2(2) that cannot leave `dirfd` and follows no symlink: for paths that tasks can shape.
/// Errors: PermissionDenied or Internal (EXDEV: would leave), InvalidArgument (ELOOP: a symlink on the way).
Result<UniqueFd> open_beneath(int dirfd, const std::string& path, int flags, mode_t mode = 0);
/// openat2(2) that treats `dirfd` as the root: "..", absolute symlinks stay inside. Magic links are refused.
Result<UniqueFd> open_in_root(int dirfd, const std::string& path, int flags, mode_t mode = 0);
/// openat2(2) with RESOLVE_* bits of one's own.
Result<UniqueFd> open_resolved(int dirfd, const std::string& path, int flags, mode_t mode, std::uint64_t resolve);

// Reading and writing.

/// Up to buffer.size() bytes; 0 at the end. Errors: Unavailable (EAGAIN).
Result<std::size_t> read_some(int fd, std::span<char> buffer);
Result<std::size_t> pread_some(int fd, std::span<char> buffer, off_t offset);
/// All bytes, or an error with an unknown part written.
Result<void> write_all(int fd, std::string_view bytes);
/// Up to bytes.size(). Errors: Unavailable (EAGAIN).
Result<std::size_t> write_some(int fd, std::string_view bytes);
/// To the end. Errors: ResourceExhausted (over `limit`).
Result<std::string> read_all(int fd, std::size_t limit = kReadLimit);
Result<std::string> read_file_at(int dirfd, const std::string& path, std::size_t limit = kReadLimit);
inline Result<std::string> read_file(const std::string& path, std::size_t limit = kReadLimit) {
  return read_file_at(AT_FDCWD, path, limit);
}
/// One write(2) of all bytes into a file that exists: kernel files (cgroup, proc, sysctl). A short write is an error.
Result<void> write_kernel_file_at(int dirfd, const std::string& path, std::string_view value);
/// Makes or truncates a plain file.
Result<void> write_file_at(int dirfd, const std::string& path, std::string_view bytes, mode_t mode = 0644);
/// Replaces a file so that a crash leaves the old or the new content: writes NAME.tmp, fsync, rename, fsync of the directory.
/// `path` is a single name in `dirfd`.
Result<void> replace_file_at(int dirfd, const std::string& name, std::string_view bytes, mode_t mode = 0600);

// Names.

Result<void> make_directory_at(int dirfd, const std::string& path, mode_t mode);
/// The directory exists afterwards, with all its parents; what existed keeps its mode. Follows symlinks: for the agent's
/// own paths only.
Result<void> ensure_directories(const std::string& path, mode_t mode);
/// flags: 0 or AT_REMOVEDIR.
Result<void> unlink_at(int dirfd, const std::string& path, int flags = 0);
Result<void> rename_at(int from_dirfd, const std::string& from, int to_dirfd, const std::string& to);
Result<void> symlink_at(const std::string& target, int dirfd, const std::string& path);
Result<std::string> read_link_at(int dirfd, const std::string& path);
/// Names in a directory without "." and "..", unsorted. The descriptor's position is not touched.
Result<std::vector<std::string>> list_directory(int dirfd);

// Facts.

Result<struct stat> stat_fd(int fd);
/// Does not follow a symlink at the end.
Result<struct stat> stat_at(int dirfd, const std::string& path);
Result<struct statfs> stat_file_system(int fd);
/// True when something is there (also a dangling symlink). Every other error than ENOENT and ENOTDIR comes back.
Result<bool> exists_at(int dirfd, const std::string& path);

// Changes.

Result<void> fsync(int fd);
Result<void> fdatasync(int fd);
Result<void> truncate(int fd, off_t size);
Result<void> change_owner(int fd, uid_t uid, gid_t gid);
Result<void> change_mode(int fd, mode_t mode);
Result<UniqueFd> duplicate(int fd, int at_least = 0);
/// Takes an exclusive lock of the open file without waiting (flock). Errors: Unavailable (EWOULDBLOCK: another holds it).
Result<void> lock_exclusive(int fd);
Result<void> make_non_blocking(int fd);

// Making descriptors.

struct Pipe {
  UniqueFd read_end;
  UniqueFd write_end;
};
/// flags: O_NONBLOCK or 0.
Result<Pipe> make_pipe(int flags = 0);
/// AF_UNIX; type: SOCK_STREAM or SOCK_SEQPACKET, with SOCK_NONBLOCK if wanted.
Result<std::pair<UniqueFd, UniqueFd>> make_socket_pair(int type);
/// flags: EFD_NONBLOCK or 0.
Result<UniqueFd> make_event_fd(unsigned initial, int flags);
/// An empty file in memory, for what only writes to descriptors.
Result<UniqueFd> make_memfd(const std::string& name);
/// A memfd with these bytes that nobody can change any more; `is_executable` if it is to be run.
Result<UniqueFd> make_sealed_memfd(const std::string& name, std::string_view bytes, bool is_executable);

// Messages with descriptors.

struct ReceivedMessage {
  std::string bytes;  ///< empty: the peer closed
  std::vector<UniqueFd> fds;
};
/// One packet of a SOCK_SEQPACKET socket. Errors: Unavailable (EAGAIN), DataLoss (cut: longer than `limit`).
Result<ReceivedMessage> receive_message(int socket, std::size_t limit, std::size_t fd_limit, int flags = 0);
/// Never raises SIGPIPE. Errors: Unavailable (EAGAIN, EPIPE).
Result<void> send_message(int socket, std::string_view bytes, std::span<const int> fds = {});

/// Waits until `fd` is readable or has hung up. Errors: DeadlineExceeded.
Result<void> wait_readable(int fd, std::chrono::milliseconds timeout);

}  // namespace tepui::sys

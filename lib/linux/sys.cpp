#include "lib/linux/sys.hpp"

#include <dirent.h>
#include <linux/openat2.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include <fmt/format.h>

#include "lib/base/try.hpp"

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

namespace tepui::sys {
namespace {

template <class Call>
auto retry(Call call) {
  auto outcome = call();
  while (outcome < 0 && errno == EINTR) outcome = call();
  return outcome;
}

Error failure(const char* call, const std::string& object,
              SourceLocation where = SourceLocation::current()) {
  return Error::from_errno(errno, fmt::format("{} \"{}\"", call, object), where);
}

Error failure(const char* call, SourceLocation where = SourceLocation::current()) {
  return Error::from_errno(errno, call, where);
}

Result<void> check(int outcome, const char* call, SourceLocation where = SourceLocation::current()) {
  if (outcome < 0) return failure(call, where);
  return ok();
}

Result<void> check(int outcome, const char* call, const std::string& object,
                   SourceLocation where = SourceLocation::current()) {
  if (outcome < 0) return failure(call, object, where);
  return ok();
}

}  // namespace

Result<UniqueFd> open_at(int dirfd, const std::string& path, int flags, mode_t mode) {
  const int fd = retry([&] { return ::openat(dirfd, path.c_str(), flags | O_CLOEXEC, mode); });
  if (fd < 0) return failure("open", path);
  return UniqueFd(fd);
}

Result<UniqueFd> open_directory_at(int dirfd, const std::string& path) {
  return open_at(dirfd, path, O_RDONLY | O_DIRECTORY);
}

Result<UniqueFd> open_resolved(int dirfd, const std::string& path, int flags, mode_t mode, std::uint64_t resolve) {
  open_how how{};
  how.flags = static_cast<std::uint64_t>(static_cast<unsigned>(flags | O_CLOEXEC));
  how.mode = mode;
  how.resolve = resolve;
  // EAGAIN means that a rename ran beside us and the kernel could not be sure (man 2 openat2): a bounded number of tries.
  for (int tries = 0;; ++tries) {
    const auto fd = retry([&] { return ::syscall(SYS_openat2, dirfd, path.c_str(), &how, sizeof how); });
    if (fd >= 0) return UniqueFd(static_cast<int>(fd));
    if (errno != EAGAIN || tries >= 64) return failure("open", path);
  }
}

Result<UniqueFd> open_beneath(int dirfd, const std::string& path, int flags, mode_t mode) {
  return open_resolved(dirfd, path, flags, mode, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
}

Result<UniqueFd> open_in_root(int dirfd, const std::string& path, int flags, mode_t mode) {
  return open_resolved(dirfd, path, flags, mode, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
}

Result<std::size_t> read_some(int fd, std::span<char> buffer) {
  const auto count = retry([&] { return ::read(fd, buffer.data(), buffer.size()); });
  if (count < 0) return failure("read");
  return static_cast<std::size_t>(count);
}

Result<std::size_t> pread_some(int fd, std::span<char> buffer, off_t offset) {
  const auto count = retry([&] { return ::pread(fd, buffer.data(), buffer.size(), offset); });
  if (count < 0) return failure("pread");
  return static_cast<std::size_t>(count);
}

Result<std::size_t> write_some(int fd, std::string_view bytes) {
  const auto count = retry([&] { return ::write(fd, bytes.data(), bytes.size()); });
  if (count < 0) return failure("write");
  return static_cast<std::size_t>(count);
}

Result<void> write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto count = retry([&] { return ::write(fd, bytes.data(), bytes.size()); });
    if (count < 0) return failure("write");
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return ok();
}

Result<std::string> read_all(int fd, std::size_t limit) {
  std::string bytes;
  std::array<char, 16384> buffer;
  while (true) {
    const auto count = retry([&] { return ::read(fd, buffer.data(), buffer.size()); });
    if (count < 0) return failure("read");
    if (count == 0) return bytes;
    if (bytes.size() + static_cast<std::size_t>(count) > limit) {
      return Error(ErrorCode::ResourceExhausted, fmt::format("read: more than {} bytes", limit));
    }
    bytes.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

Result<std::string> read_file_at(int dirfd, const std::string& path, std::size_t limit) {
  const int fd = retry([&] { return ::openat(dirfd, path.c_str(), O_RDONLY | O_CLOEXEC); });
  if (fd < 0) return failure("open", path);
  const UniqueFd file(fd);
  auto bytes = read_all(fd, limit);
  if (!bytes) return bytes.error().wrap(fmt::format("read \"{}\"", path));
  return bytes;
}

Result<void> write_kernel_file_at(int dirfd, const std::string& path, std::string_view value) {
  const int fd = retry([&] { return ::openat(dirfd, path.c_str(), O_WRONLY | O_CLOEXEC); });
  if (fd < 0) return failure("open", path);
  const UniqueFd file(fd);
  const auto count = retry([&] { return ::write(fd, value.data(), value.size()); });
  if (count < 0) return failure("write", path);
  if (static_cast<std::size_t>(count) != value.size()) {
    return Error(ErrorCode::Internal, fmt::format("write \"{}\": {} of {} bytes", path, count, value.size()));
  }
  return ok();
}

Result<void> write_file_at(int dirfd, const std::string& path, std::string_view bytes, mode_t mode) {
  const int fd =
      retry([&] { return ::openat(dirfd, path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode); });
  if (fd < 0) return failure("open", path);
  const UniqueFd file(fd);
  auto written = write_all(fd, bytes);
  if (!written) return written.error().wrap(fmt::format("write \"{}\"", path));
  return ok();
}

Result<void> replace_file_at(int dirfd, const std::string& name, std::string_view bytes, mode_t mode) {
  const std::string temporary = name + ".tmp";
  const int fd =
      retry([&] { return ::openat(dirfd, temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode); });
  if (fd < 0) return failure("open", temporary);
  const UniqueFd file(fd);
  auto written = write_all(fd, bytes);
  if (!written) return written.error().wrap(fmt::format("write \"{}\"", temporary));
  if (retry([&] { return ::fsync(fd); }) < 0) return failure("fsync", temporary);
  if (::renameat(dirfd, temporary.c_str(), dirfd, name.c_str()) < 0) return failure("rename", name);
  const UniqueFd directory(retry([&] { return ::openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
  if (!directory) return failure("open", ".");
  if (retry([&] { return ::fsync(directory.borrow()); }) < 0) return failure("fsync directory of", name);
  return ok();
}

Result<void> make_directory_at(int dirfd, const std::string& path, mode_t mode) {
  return check(::mkdirat(dirfd, path.c_str(), mode), "mkdir", path);
}

Result<void> ensure_directories(const std::string& path, mode_t mode) {
  for (std::size_t at = 0; at != std::string::npos;) {
    at = path.find('/', at + 1);
    const std::string part = path.substr(0, at);
    if (part.empty() || part == "/") continue;
    if (::mkdir(part.c_str(), mode) < 0 && errno != EEXIST) return failure("mkdir", part);
  }
  struct stat facts {};
  if (::stat(path.c_str(), &facts) < 0) return failure("stat", path);
  if (!S_ISDIR(facts.st_mode)) return Error::from_errno(ENOTDIR, fmt::format("mkdir \"{}\"", path));
  return ok();
}

Result<void> unlink_at(int dirfd, const std::string& path, int flags) {
  return check(::unlinkat(dirfd, path.c_str(), flags), (flags & AT_REMOVEDIR) != 0 ? "rmdir" : "unlink", path);
}

Result<void> rename_at(int from_dirfd, const std::string& from, int to_dirfd, const std::string& to) {
  return check(::renameat(from_dirfd, from.c_str(), to_dirfd, to.c_str()), "rename",
               from + "\" to \"" + to);
}

Result<void> symlink_at(const std::string& target, int dirfd, const std::string& path) {
  return check(::symlinkat(target.c_str(), dirfd, path.c_str()), "symlink", path);
}

Result<std::string> read_link_at(int dirfd, const std::string& path) {
  std::array<char, 4096> buffer;
  const auto count = ::readlinkat(dirfd, path.c_str(), buffer.data(), buffer.size());
  if (count < 0) return failure("readlink", path);
  return std::string(buffer.data(), static_cast<std::size_t>(count));
}

Result<std::vector<std::string>> list_directory(int dirfd) {
  // A descriptor of its own: fdopendir would own and move the caller's.
  const int fd = retry([&] { return ::openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC); });
  if (fd < 0) return failure("open directory");
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(::fdopendir(fd), &::closedir);
  if (!directory) {
    const UniqueFd closes(fd);
    return failure("fdopendir");
  }
  std::vector<std::string> names;
  while (true) {
    errno = 0;
    const dirent* entry = ::readdir(directory.get());
    if (entry == nullptr) break;
    const std::string_view name(entry->d_name);
    if (name != "." && name != "..") names.emplace_back(name);
  }
  if (errno != 0) return failure("readdir");
  return names;
}

Result<struct stat> stat_fd(int fd) {
  struct stat facts {};
  if (::fstat(fd, &facts) < 0) return failure("fstat");
  return facts;
}

Result<struct stat> stat_at(int dirfd, const std::string& path) {
  struct stat facts {};
  if (::fstatat(dirfd, path.c_str(), &facts, AT_SYMLINK_NOFOLLOW) < 0) return failure("stat", path);
  return facts;
}

Result<struct statfs> stat_file_system(int fd) {
  struct statfs facts {};
  if (retry([&] { return ::fstatfs(fd, &facts); }) < 0) return failure("fstatfs");
  return facts;
}

Result<bool> exists_at(int dirfd, const std::string& path) {
  struct stat facts {};
  if (::fstatat(dirfd, path.c_str(), &facts, AT_SYMLINK_NOFOLLOW) == 0) return true;
  if (errno == ENOENT || errno == ENOTDIR) return false;
  return failure("stat", path);
}

Result<void> fsync(int fd) {
  return check(retry([&] { return ::fsync(fd); }), "fsync");
}
Result<void> fdatasync(int fd) {
  return check(retry([&] { return ::fdatasync(fd); }), "fdatasync");
}
Result<void> truncate(int fd, off_t size) {
  return check(retry([&] { return ::ftruncate(fd, size); }), "ftruncate");
}
Result<void> change_owner(int fd, uid_t uid, gid_t gid) {
  return check(::fchownat(fd, "", uid, gid, AT_EMPTY_PATH), "chown");
}
Result<void> change_mode(int fd, mode_t mode) { return check(::fchmod(fd, mode), "chmod"); }

Result<UniqueFd> duplicate(int fd, int at_least) {
  const int copy = ::fcntl(fd, F_DUPFD_CLOEXEC, at_least);
  if (copy < 0) return failure("dup");
  return UniqueFd(copy);
}

Result<void> lock_exclusive(int fd) {
  return check(retry([&] { return ::flock(fd, LOCK_EX | LOCK_NB); }), "flock");
}

Result<void> make_non_blocking(int fd) {
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags < 0) return failure("fcntl F_GETFL");
  return check(::fcntl(fd, F_SETFL, flags | O_NONBLOCK), "fcntl F_SETFL");
}

Result<Pipe> make_pipe(int flags) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), flags | O_CLOEXEC) < 0) return failure("pipe2");
  return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

Result<std::pair<UniqueFd, UniqueFd>> make_socket_pair(int type) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends.data()) < 0) return failure("socketpair");
  return std::pair(UniqueFd(ends[0]), UniqueFd(ends[1]));
}

Result<UniqueFd> make_event_fd(unsigned initial, int flags) {
  const int fd = ::eventfd(initial, flags | EFD_CLOEXEC);
  if (fd < 0) return failure("eventfd");
  return UniqueFd(fd);
}

Result<UniqueFd> make_memfd(const std::string& name) {
  const int fd = ::memfd_create(name.c_str(), MFD_CLOEXEC);
  if (fd < 0) return failure("memfd_create", name);
  return UniqueFd(fd);
}

Result<UniqueFd> make_sealed_memfd(const std::string& name, std::string_view bytes, bool is_executable) {
  const unsigned base = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  int fd = ::memfd_create(name.c_str(), base | (is_executable ? MFD_EXEC : MFD_NOEXEC_SEAL));
  // Before Linux 6.3 the kernel knows neither word and every memfd is executable.
  if (fd < 0 && errno == EINVAL) fd = ::memfd_create(name.c_str(), base);
  if (fd < 0) return failure("memfd_create", name);
  UniqueFd file(fd);
  TEPUI_TRY(write_all(fd, bytes), fmt::format("fill memfd \"{}\"", name));
  if (::fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) < 0) {
    return failure("seal", name);
  }
  return file;
}

Result<ReceivedMessage> receive_message(int socket, std::size_t limit, std::size_t fd_limit, int flags) {
  ReceivedMessage message;
  message.bytes.resize(limit);
  std::string control(CMSG_SPACE(sizeof(int) * (fd_limit + 1)), '\0');
  iovec part{message.bytes.data(), message.bytes.size()};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  const auto count = retry([&] { return ::recvmsg(socket, &header, flags | MSG_CMSG_CLOEXEC); });
  if (count < 0) return failure("recvmsg");
  for (cmsghdr* c = CMSG_FIRSTHDR(&header); c != nullptr; c = CMSG_NXTHDR(&header, c)) {
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t fds = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < fds; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof fd);
      message.fds.emplace_back(fd);
    }
  }
  if ((header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0 || message.fds.size() > fd_limit) {
    return Error(ErrorCode::DataLoss, fmt::format("recvmsg: longer than {} bytes or more than {} descriptors", limit,
                                                  fd_limit));
  }
  message.bytes.resize(static_cast<std::size_t>(count));
  return message;
}

Result<void> send_message(int socket, std::string_view bytes, std::span<const int> fds) {
  std::string control(CMSG_SPACE(fds.size_bytes()), '\0');
  iovec part{const_cast<char*>(bytes.data()), bytes.size()};  // sendmsg does not write to it
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  if (!fds.empty()) {
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    cmsghdr* c = CMSG_FIRSTHDR(&header);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(fds.size_bytes());
    std::memcpy(CMSG_DATA(c), fds.data(), fds.size_bytes());
  }
  const auto count = retry([&] { return ::sendmsg(socket, &header, MSG_NOSIGNAL); });
  if (count < 0) return failure("sendmsg");
  if (static_cast<std::size_t>(count) != bytes.size()) {
    return Error(ErrorCode::DataLoss, fmt::format("sendmsg: {} of {} bytes", count, bytes.size()));
  }
  return ok();
}

Result<void> wait_readable(int fd, std::chrono::milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd entry{fd, POLLIN, 0};
    const int outcome = ::poll(&entry, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
    if (outcome > 0) return ok();
    if (outcome == 0) return Error(ErrorCode::DeadlineExceeded, fmt::format("wait {} ms", timeout.count()));
    if (errno != EINTR) return failure("poll");
  }
}

}  // namespace tepui::sys

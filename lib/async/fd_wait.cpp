// Each wait duplicates the descriptor: epoll takes an open file only once per number, and the owner may close its own.
#include "lib/async/fd_wait.hpp"

#include <fcntl.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "lib/base/unique_fd.hpp"

namespace tepui {

namespace asio = boost::asio;

namespace {

Async<void> wait_for(int fd, asio::posix::stream_descriptor::wait_type kind, const char* what) {
  const bool is_late = co_await is_cancelled();
  if (is_late) co_return cancelled(what);
  UniqueFd copy(::fcntl(fd, F_DUPFD_CLOEXEC, 0));
  if (!copy) co_return Error::from_errno(errno, what);
  auto executor = co_await asio::this_coro::executor;
  asio::posix::stream_descriptor descriptor(executor);
  boost::system::error_code code;
  descriptor.assign(copy.borrow(), code);
  if (code) co_return error_of_asio(code, what);
  static_cast<void>(copy.release());
  auto [failed] = co_await descriptor.async_wait(kind, asio::as_tuple(asio::use_awaitable));
  if (failed) co_return error_of_asio(failed, what);
  co_return ok();
}

}  // namespace

Async<void> wait_readable(int fd) {
  return wait_for(fd, asio::posix::stream_descriptor::wait_read, "wait until a descriptor can be read");
}

Async<void> wait_writable(int fd) {
  return wait_for(fd, asio::posix::stream_descriptor::wait_write, "wait until a descriptor can be written");
}

Async<void> wait_process_end(int pidfd) {
  return wait_for(pidfd, asio::posix::stream_descriptor::wait_read, "wait for the end of a process");
}

}  // namespace tepui

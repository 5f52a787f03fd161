#include "lib/base/unique_fd.hpp"

#include <unistd.h>

#include <cassert>
#include <cerrno>
#include <utility>

namespace tepui {

UniqueFd& UniqueFd::operator=(UniqueFd&& other) noexcept {
  if (this != &other) {
    reset();
    fd_ = other.release();
  }
  return *this;
}

int UniqueFd::release() noexcept { return std::exchange(fd_, -1); }

void UniqueFd::reset() noexcept {
  if (fd_ < 0) return;
  // Linux frees the descriptor even when close reports EINTR, so there is no retry (man 2 close).
  const int outcome = ::close(std::exchange(fd_, -1));
  assert(outcome == 0 || errno != EBADF);
  static_cast<void>(outcome);
}

}  // namespace tepui

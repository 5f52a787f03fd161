// UniqueFd: owns one file descriptor.
#pragma once

namespace tepui {

/// Owner of a file descriptor; closes it at its end. Empty when default-made or moved from.
/// A raw `int fd` parameter anywhere in the tree is borrowed.
class UniqueFd {
 public:
  UniqueFd() = default;
  /// Takes `fd`; a negative value means empty.
  explicit UniqueFd(int fd) : fd_(fd < 0 ? -1 : fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(other.release()) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept;
  UniqueFd(const UniqueFd&) = delete;
  UniqueFd& operator=(const UniqueFd&) = delete;
  ~UniqueFd() { reset(); }

  /// -1 when empty.
  [[nodiscard]] int borrow() const { return fd_; }
  [[nodiscard]] explicit operator bool() const { return fd_ >= 0; }
  /// Gives the descriptor to the caller and becomes empty.
  [[nodiscard]] int release() noexcept;
  /// Closes now. A descriptor that somebody else closed (EBADF) is a bug and aborts in debug builds.
  void reset() noexcept;

 private:
  int fd_ = -1;
};

}  // namespace tepui

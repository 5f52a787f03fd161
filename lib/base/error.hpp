// Error: the one failure value of the tree. A small shared handle to what was attempted, on what, why, and the cause.
// Not here: Result and its macros (result.hpp, try.hpp).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <boost/assert/source_location.hpp>

#include "lib/base/source_location.hpp"
#include "tepui/abi/draft/status.h"

namespace tepui {

/// Canonical codes. The numbers are those of `tepui_status`, so a code crosses the module door unchanged.
enum class ErrorCode : std::int32_t {
  Cancelled = TEPUI_CANCELLED,
  InvalidArgument = TEPUI_INVALID_ARGUMENT,
  DeadlineExceeded = TEPUI_DEADLINE_EXCEEDED,
  NotFound = TEPUI_NOT_FOUND,
  AlreadyExists = TEPUI_ALREADY_EXISTS,
  PermissionDenied = TEPUI_PERMISSION_DENIED,
  ResourceExhausted = TEPUI_RESOURCE_EXHAUSTED,
  FailedPrecondition = TEPUI_FAILED_PRECONDITION,
  Aborted = TEPUI_ABORTED,
  Unimplemented = TEPUI_UNIMPLEMENTED,
  Internal = TEPUI_INTERNAL,
  Unavailable = TEPUI_UNAVAILABLE,
  DataLoss = TEPUI_DATA_LOSS,
};

/// "invalid argument", "not found"… for people.
std::string_view error_code_name(ErrorCode code);

/// The HTTP status a server answers for `code`: 400, 404, 409, 503…
int http_status_of(ErrorCode code);

/// The code that fits an errno of a syscall (ENOENT -> NotFound, EACCES -> PermissionDenied; otherwise Internal).
ErrorCode error_code_of_errno(int sys_errno);

/// A failure. Copying shares; comparing is not offered: look at `code()`.
/// Messages are verb + object, lower case, no final period, quotes round values: `open "/etc/x"`.
/// `sys_errno` says why, so a message never repeats strerror.
class Error {
 public:
  /// Only because boost::system::result::error() of a success needs a value to return: Internal, "no error".
  Error();
  /// sys_errno 0 means that no syscall failed.
  Error(ErrorCode code, std::string message, int sys_errno = 0, SourceLocation where = SourceLocation::current());

  /// A failed syscall: code from errno, `message` is call and object.
  static Error from_errno(int sys_errno, std::string message, SourceLocation where = SourceLocation::current());

  /// The same failure seen one step further out: `launch container 'c1'` wraps this as its cause. The code is kept.
  [[nodiscard]] Error wrap(std::string context, SourceLocation where = SourceLocation::current()) const;

  /// The same failure with a cure for people ("run as root, or pass --cgroups-root").
  [[nodiscard]] Error with_hint(std::string hint) const;

  [[nodiscard]] ErrorCode code() const;
  /// errno of this error or of the nearest cause that has one; 0 if none.
  [[nodiscard]] int sys_errno() const;
  /// This step's message alone, without causes.
  [[nodiscard]] const std::string& message() const;
  [[nodiscard]] const SourceLocation& where() const;
  /// nullptr at the innermost step.
  [[nodiscard]] const Error* cause() const;

  /// One line, from the outside in: `launch container 'c1': write "cpu.max": Invalid argument (EINVAL)`.
  [[nodiscard]] std::string to_string() const;

 private:
  struct Detail;
  explicit Error(std::shared_ptr<const Detail> detail);
  std::shared_ptr<const Detail> detail_;
};

/// `Invalid argument (EINVAL)`.
std::string describe_errno(int sys_errno);

/// Lets boost::system::result throw for a value() on a failure: only tests reach it.
[[noreturn]] void throw_exception_from_error(const Error& error, const boost::source_location& where);

}  // namespace tepui

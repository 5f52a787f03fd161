#include "lib/base/error.hpp"

#include <cerrno>
#include <cstring>
#include <stdexcept>

#include <fmt/format.h>

namespace tepui {

struct Error::Detail {
  ErrorCode code;
  int sys_errno;
  std::string message;
  std::string hint;
  SourceLocation where;
  std::shared_ptr<const Error> cause;
};

std::string_view error_code_name(ErrorCode code) {
  switch (code) {
    case ErrorCode::Cancelled: return "cancelled";
    case ErrorCode::InvalidArgument: return "invalid argument";
    case ErrorCode::DeadlineExceeded: return "deadline exceeded";
    case ErrorCode::NotFound: return "not found";
    case ErrorCode::AlreadyExists: return "already exists";
    case ErrorCode::PermissionDenied: return "permission denied";
    case ErrorCode::ResourceExhausted: return "resource exhausted";
    case ErrorCode::FailedPrecondition: return "failed precondition";
    case ErrorCode::Aborted: return "aborted";
    case ErrorCode::Unimplemented: return "unimplemented";
    case ErrorCode::Internal: return "internal";
    case ErrorCode::Unavailable: return "unavailable";
    case ErrorCode::DataLoss: return "data loss";
  }
  return "unknown";
}

int http_status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::InvalidArgument: return 400;
    case ErrorCode::PermissionDenied: return 403;
    case ErrorCode::NotFound: return 404;
    case ErrorCode::AlreadyExists:
    case ErrorCode::Aborted:
    case ErrorCode::FailedPrecondition: return 409;
    case ErrorCode::ResourceExhausted: return 413;
    case ErrorCode::Unimplemented: return 501;
    case ErrorCode::Cancelled:
    case ErrorCode::DeadlineExceeded:
    case ErrorCode::Unavailable: return 503;
    case ErrorCode::Internal:
    case ErrorCode::DataLoss: return 500;
  }
  return 500;
}

ErrorCode error_code_of_errno(int sys_errno) {
  switch (sys_errno) {
    case EINVAL:
    case ENAMETOOLONG:
    case ENOTDIR:
    case EISDIR:
    case ELOOP: return ErrorCode::InvalidArgument;
    case ENOENT:
    case ENODEV:
    case ENXIO:
    case ESRCH: return ErrorCode::NotFound;
    case EEXIST: return ErrorCode::AlreadyExists;
    case EACCES:
    case EPERM:
    case EROFS: return ErrorCode::PermissionDenied;
    case ENOSPC:
    case EDQUOT:
    case EMFILE:
    case ENFILE:
    case ENOMEM: return ErrorCode::ResourceExhausted;
    case EBUSY:
    case ENOTEMPTY: return ErrorCode::FailedPrecondition;
    case ENOSYS:
    case EOPNOTSUPP: return ErrorCode::Unimplemented;
    case EAGAIN:
    case ECONNREFUSED:
    case ECONNRESET:
    case EPIPE: return ErrorCode::Unavailable;
    case ETIMEDOUT: return ErrorCode::DeadlineExceeded;
    case ECANCELED: return ErrorCode::Cancelled;
    default: return ErrorCode::Internal;
  }
}

std::string describe_errno(int sys_errno) {
  const char* name = ::strerrorname_np(sys_errno);
  const char* text = ::strerrordesc_np(sys_errno);
  if (name == nullptr || text == nullptr) return fmt::format("errno {}", sys_errno);
  return fmt::format("{} ({})", text, name);
}

Error::Error() : Error(ErrorCode::Internal, "no error") {}

Error::Error(std::shared_ptr<const Detail> detail) : detail_(std::move(detail)) {}

Error::Error(ErrorCode code, std::string message, int sys_errno, SourceLocation where)
    : detail_(std::make_shared<const Detail>(Detail{code, sys_errno, std::move(message), {}, where, nullptr})) {}

Error Error::from_errno(int sys_errno, std::string message, SourceLocation where) {
  return {error_code_of_errno(sys_errno), std::move(message), sys_errno, where};
}

Error Error::wrap(std::string context, SourceLocation where) const {
  return Error(std::make_shared<const Detail>(
      Detail{code(), 0, std::move(context), {}, where, std::make_shared<const Error>(*this)}));
}

Error Error::with_hint(std::string hint) const {
  auto detail = std::make_shared<Detail>(*detail_);
  detail->hint = std::move(hint);
  return Error(std::shared_ptr<const Detail>(std::move(detail)));
}

ErrorCode Error::code() const { return detail_->code; }

int Error::sys_errno() const {
  for (const Error* error = this; error != nullptr; error = error->cause()) {
    if (error->detail_->sys_errno != 0) return error->detail_->sys_errno;
  }
  return 0;
}

const std::string& Error::message() const { return detail_->message; }
const SourceLocation& Error::where() const { return detail_->where; }
const Error* Error::cause() const { return detail_->cause.get(); }

std::string Error::to_string() const {
  std::string line;
  std::string hints;
  for (const Error* error = this; error != nullptr; error = error->cause()) {
    if (!line.empty()) line += ": ";
    line += error->message();
    if (error->detail_->sys_errno != 0) line += ": " + describe_errno(error->detail_->sys_errno);
    if (!error->detail_->hint.empty()) hints += fmt::format(" (hint: {})", error->detail_->hint);
  }
  return line + hints;
}

void throw_exception_from_error(const Error& error, const boost::source_location&) {
  throw std::runtime_error(error.to_string());
}

}  // namespace tepui

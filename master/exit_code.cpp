#include "master/exit_code.hpp"

#include <sysexits.h>

#include <cerrno>

namespace tepui::master {

int exit_code_of(const Error& error) {
  switch (error.sys_errno()) {
    case ENOSPC:
    case EDQUOT:
    case EIO: return EX_IOERR;
    case EROFS:
    case ENOTDIR:
    case ENOENT:
    case EEXIST:
    case ENAMETOOLONG: return EX_CANTCREAT;
    case EACCES:
    case EPERM: return EX_NOPERM;
    case EADDRINUSE:
    case EADDRNOTAVAIL: return EX_UNAVAILABLE;
    default: break;
  }
  switch (error.code()) {
    case ErrorCode::InvalidArgument: return EX_USAGE;
    case ErrorCode::DataLoss: return EX_DATAERR;
    case ErrorCode::PermissionDenied: return EX_NOPERM;
    case ErrorCode::AlreadyExists:
    case ErrorCode::FailedPrecondition:
    case ErrorCode::NotFound:
    case ErrorCode::Unavailable: return EX_UNAVAILABLE;
    case ErrorCode::ResourceExhausted: return EX_OSERR;
    default: return EX_SOFTWARE;
  }
}

}  // namespace tepui::master

// How a daemon that cannot go on ends: the codes of sysexits.h, as docs/operating.md lists them.
#pragma once

#include "lib/base/error.hpp"

namespace tepui::master {

/// The nearest of sysexits.h: errno first (a full disk is EX_IOERR), then the error's code.
int exit_code_of(const Error& error);

}  // namespace tepui::master

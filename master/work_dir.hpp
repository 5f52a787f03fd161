// The master's work directory: whose it must be, and the file in it that tells where the master listens.
#pragma once

#include <string>

#include "lib/base/result.hpp"

namespace tepui::master {

/// Makes `path` (mode 0755) where it is missing and checks that it belongs to this process's user and that nobody else may
/// write to it. Errors: PermissionDenied (another owner, writable for all), those of mkdir, naming the path.
Result<void> prepare_work_dir(const std::string& path);

/// Writes `<work_dir>/master.address` ("127.0.0.1:5050" and a newline) whole or not at all; readers never see a part.
/// Errors: of the file system, naming the file.
Result<void> write_address_file(const std::string& work_dir, const std::string& address);

/// Does nothing where there is none.
void remove_address_file(const std::string& work_dir);

}  // namespace tepui::master

#include "master/work_dir.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>

#include <fmt/format.h>

#include "lib/base/try.hpp"

namespace tepui::master {
namespace {

namespace fs = std::filesystem;

fs::path address_file(const std::string& work_dir) { return fs::path(work_dir) / "master.address"; }

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

Result<void> write_file(const fs::path& path, const std::string& text) {
  const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "we"));
  if (!file) return Error::from_errno(errno, fmt::format("open \"{}\"", path.string()));
  if (std::fwrite(text.data(), 1, text.size(), file.get()) != text.size() || std::fflush(file.get()) != 0) {
    return Error::from_errno(errno, fmt::format("write \"{}\"", path.string()));
  }
  return ok();
}

}  // namespace

Result<void> prepare_work_dir(const std::string& path) {
  std::error_code failure;
  fs::create_directories(path, failure);
  if (failure) return Error::from_errno(failure.value(), fmt::format("make work directory \"{}\"", path));
  struct stat facts {};
  if (::stat(path.c_str(), &facts) != 0) return Error::from_errno(errno, fmt::format("stat work directory \"{}\"", path));
  if (!S_ISDIR(facts.st_mode)) return Error::from_errno(ENOTDIR, fmt::format("use work directory \"{}\"", path));
  if (facts.st_uid != ::geteuid()) {
    return Error(ErrorCode::PermissionDenied, fmt::format("use work directory \"{}\": it belongs to user {}, this process is user {}",
                                                          path, facts.st_uid, ::geteuid()))
        .with_hint("run as its owner, or choose another --work-dir");
  }
  if ((facts.st_mode & S_IWOTH) != 0 && (facts.st_mode & S_ISVTX) == 0) {
    return Error(ErrorCode::PermissionDenied, fmt::format("use work directory \"{}\": everybody may write to it", path))
        .with_hint(fmt::format("chmod o-w {}", path));
  }
  return ok();
}

Result<void> write_address_file(const std::string& work_dir, const std::string& address) {
  const fs::path file = address_file(work_dir);
  fs::path temporary = file;
  temporary += ".new";
  TEPUI_TRY(write_file(temporary, address + "\n"));
  std::error_code failure;
  fs::rename(temporary, file, failure);
  if (failure) return Error::from_errno(failure.value(), fmt::format("rename \"{}\"", temporary.string()));
  return ok();
}

void remove_address_file(const std::string& work_dir) {
  std::error_code ignored;
  fs::remove(address_file(work_dir), ignored);
}

}  // namespace tepui::master

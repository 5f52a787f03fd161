// SandboxFiles: reads what tasks wrote into their sandboxes, for /files/*. Tasks shape these trees, so every path is
// resolved below the work directory without following a symlink, and only regular files are read.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.hpp"
#include "lib/base/unique_fd.hpp"

namespace tepui::agent {

/// As GET /files/browse tells it. Source: Mesos FileInfo (behaviour).
struct SandboxEntry {
  std::string path;  // the virtual path
  std::string mode;  // "-rw-r--r--"
  std::string user;
  std::string group;
  std::uint64_t size = 0;
  std::uint64_t links = 0;
  double modified = 0;  // seconds since the epoch
};

struct SandboxChunk {
  std::string data;
  std::uint64_t offset = 0;
};

/// Any thread; every call blocks. The work directory is borrowed.
class SandboxFiles {
 public:
  SandboxFiles(int work_directory, std::string work_directory_path)
      : work_directory_(work_directory), work_directory_path_(std::move(work_directory_path)) {}

  /// `path`: the absolute path of a file in a sandbox, as /state shows sandboxes; or, as Mesos has it, one that begins
  /// /frameworks/ID/executors/ID/runs/. `latest` stands for the newest run. offset -1: no data, the size as offset.
  /// length: at most kChunkLimit is read. A chunk ends before a UTF-8 character that it would cut.
  /// Errors: InvalidArgument (outside every sandbox, a symlink on the way, not a regular file), NotFound.
  [[nodiscard]] Result<SandboxChunk> read(std::string_view path, std::int64_t offset, std::uint64_t length) const;

  /// Opens a regular file for a download. Errors: as read().
  [[nodiscard]] Result<UniqueFd> open(std::string_view path) const;

  /// The entries of a directory, by name; at most kEntryLimit.
  /// Errors: InvalidArgument, NotFound.
  [[nodiscard]] Result<std::vector<SandboxEntry>> browse(std::string_view path) const;

  static constexpr std::uint64_t kChunkLimit = 16 * 65536;
  static constexpr std::size_t kEntryLimit = 10000;

 private:
  [[nodiscard]] Result<std::string> path_in_work_directory(std::string_view path) const;
  [[nodiscard]] Result<std::string> newest_in(const std::string& folder, std::string_view path) const;

  int work_directory_;
  std::string work_directory_path_;
};

/// Drops a UTF-8 character that the end of `data` cuts, and puts U+FFFD for every byte that is no UTF-8: JSON text.
std::string text_of_bytes(std::string_view data);

}  // namespace tepui::agent

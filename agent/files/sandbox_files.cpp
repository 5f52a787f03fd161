#include "agent/files/sandbox_files.hpp"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <map>

#include "lib/base/ids.hpp"
#include "lib/base/try.hpp"
#include "lib/linux/sys.hpp"

namespace tepui::agent {
namespace {

// openat2(2): RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH.
constexpr std::uint64_t kNoTricks = 0x02 | 0x04 | 0x08;
// <work dir>/slaves/ID/frameworks/ID/executors/ID/runs/ID: everything above a sandbox is the agent's own.
constexpr std::size_t kSandboxDepth = 8;

Error bad_path(std::string_view path, const std::string& why) {
  return Error(ErrorCode::InvalidArgument, "open '" + std::string(path) + "': " + why);
}

/// A task's trickery is a bad request, not a failure of the agent.
Error as_bad_request(const Error& error, std::string_view path) {
  switch (error.sys_errno()) {
    case ELOOP: return bad_path(path, "it leads over a symlink");
    case EXDEV: return bad_path(path, "it leads out of the sandbox");
    case ENOENT:
    case ENOTDIR: return Error(ErrorCode::NotFound, "open '" + std::string(path) + "': no such file or directory");
    case ENXIO:
    case ENODEV: return bad_path(path, "it is not a regular file");
    default: return error;
  }
}

std::string format_mode(mode_t mode) {
  std::string text = "----------";
  text[0] = S_ISDIR(mode)    ? 'd'
            : S_ISLNK(mode)  ? 'l'
            : S_ISFIFO(mode) ? 'p'
            : S_ISSOCK(mode) ? 's'
            : S_ISCHR(mode)  ? 'c'
            : S_ISBLK(mode)  ? 'b'
                             : '-';
  constexpr std::string_view kLetters = "rwxrwxrwx";
  for (std::size_t i = 0; i < kLetters.size(); ++i) {
    if ((mode & (0400U >> i)) != 0) text[i + 1] = kLetters[i];
  }
  return text;
}

std::string user_name(uid_t uid) {
  std::array<char, 16384> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr) return found->pw_name;
  return std::to_string(uid);
}

std::string group_name(gid_t gid) {
  std::array<char, 16384> buffer{};
  group entry{};
  group* found = nullptr;
  if (::getgrgid_r(gid, &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr) return found->gr_name;
  return std::to_string(gid);
}

/// Length of the UTF-8 character at the start of `text`; 0: no character; more than text.size(): cut.
std::size_t character_length(std::string_view text) {
  const auto byte = [&text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xc2 && first < 0xe0 ? 2 : first >= 0xe0 && first < 0xf0 ? 3 : first >= 0xf0 && first < 0xf5 ? 4 : 0;
  if (length == 0) return 0;
  for (std::size_t i = 1; i < std::min(length, text.size()); ++i) {
    unsigned char low = 0x80;
    unsigned char high = 0xbf;
    if (i == 1 && first == 0xe0) low = 0xa0;
    if (i == 1 && first == 0xed) high = 0x9f;  // surrogates
    if (i == 1 && first == 0xf0) low = 0x90;
    if (i == 1 && first == 0xf4) high = 0x8f;
    if (byte(i) < low || byte(i) > high) return 0;
  }
  return length;
}

}  // namespace

std::string text_of_bytes(std::string_view data) {
  std::string text;
  text.reserve(data.size());
  while (!data.empty()) {
    const std::size_t length = character_length(data);
    if (length > data.size()) break;
    text += length == 0 ? std::string_view("\xef\xbf\xbd") : data.substr(0, length);
    data.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return text;
}

/// What `latest` points to in a folder of the agent's own, where no task can have put it.
Result<std::string> SandboxFiles::newest_in(const std::string& folder, std::string_view path) const {
  auto opened = sys::open_resolved(work_directory_, folder, O_RDONLY | O_DIRECTORY, 0, kNoTricks);
  if (!opened) return as_bad_request(opened.error(), path);
  auto target = sys::read_link_at(opened->borrow(), "latest");
  if (!target) return as_bad_request(target.error(), path);
  TEPUI_TRY(check_id("folder", *target));
  return *target;
}

Result<std::string> SandboxFiles::path_in_work_directory(std::string_view path) const {
  const Error foreign(ErrorCode::NotFound, "open '" + std::string(path) + "': it lies in no sandbox of this agent");
  if (path.find('\0') != std::string_view::npos) return bad_path(path.substr(0, path.find('\0')), "it holds a NUL byte");
  const std::string_view root = work_directory_path_;
  std::string longer;
  if (path.starts_with("/frameworks/")) {
    longer = "/slaves/latest" + std::string(path);
  } else if (path.starts_with(root) && path.substr(root.size()).starts_with("/slaves/")) {
    longer = path.substr(root.size());
  } else {
    return foreign;
  }
  std::string inside;
  std::size_t depth = 0;
  for (std::string_view rest = longer; !rest.empty();) {
    const auto end = std::min(rest.find('/'), rest.size());
    std::string name(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (name.empty() || name == ".") continue;
    if (name == "..") return bad_path(path, "'..' is not allowed");
    if (name == "latest" && (depth == 1 || depth == kSandboxDepth - 1)) {
      TEPUI_ASSIGN(name, newest_in(inside, path));
    }
    if (!inside.empty()) inside += '/';
    inside += name;
    ++depth;
  }
  if (depth < kSandboxDepth) return foreign;
  return inside;
}

Result<UniqueFd> SandboxFiles::open(std::string_view path) const {
  TEPUI_ASSIGN(const std::string inside, path_in_work_directory(path));
  // O_NONBLOCK: a task may have put a FIFO there, which a plain open would wait for.
  const int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY;
  auto file = sys::open_resolved(work_directory_, inside, flags, 0, kNoTricks);
  if (!file) return as_bad_request(file.error(), path);
  TEPUI_ASSIGN(const struct stat facts, sys::stat_fd(file->borrow()));
  if (!S_ISREG(facts.st_mode)) return bad_path(path, "it is not a regular file");
  return std::move(*file);
}

Result<SandboxChunk> SandboxFiles::read(std::string_view path, std::int64_t offset, std::uint64_t length) const {
  TEPUI_ASSIGN(const UniqueFd file, open(path));
  TEPUI_ASSIGN(const struct stat facts, sys::stat_fd(file.borrow()));
  const auto size = static_cast<std::uint64_t>(facts.st_size);
  SandboxChunk chunk;
  if (offset < 0) {
    chunk.offset = size;
    return chunk;
  }
  chunk.offset = static_cast<std::uint64_t>(offset);
  if (chunk.offset >= size) return chunk;
  chunk.data.resize(std::min({length, kChunkLimit, size - chunk.offset}));
  std::size_t filled = 0;
  while (filled < chunk.data.size()) {
    TEPUI_ASSIGN(const std::size_t count,
                 sys::pread_some(file.borrow(), std::span<char>(chunk.data).subspan(filled),
                                 static_cast<off_t>(chunk.offset + filled)));
    if (count == 0) break;  // it became shorter
    filled += count;
  }
  chunk.data.resize(filled);
  return chunk;
}

Result<std::vector<SandboxEntry>> SandboxFiles::browse(std::string_view path) const {
  TEPUI_ASSIGN(const std::string inside, path_in_work_directory(path));
  auto directory = sys::open_resolved(work_directory_, inside, O_RDONLY | O_DIRECTORY, 0, kNoTricks);
  if (!directory) return as_bad_request(directory.error(), path);
  TEPUI_ASSIGN(std::vector<std::string> names, sys::list_directory(directory->borrow()));
  std::sort(names.begin(), names.end());
  if (names.size() > kEntryLimit) names.resize(kEntryLimit);
  std::string start(path);
  while (start.ends_with('/')) start.pop_back();
  std::map<uid_t, std::string> users;
  std::map<gid_t, std::string> groups;
  std::vector<SandboxEntry> entries;
  for (const auto& name : names) {
    const auto facts = sys::stat_at(directory->borrow(), name);
    if (!facts) continue;  // removed meanwhile
    auto& user = users.try_emplace(facts->st_uid).first->second;
    if (user.empty()) user = user_name(facts->st_uid);
    auto& group = groups.try_emplace(facts->st_gid).first->second;
    if (group.empty()) group = group_name(facts->st_gid);
    entries.push_back({start + "/" + name, format_mode(facts->st_mode), user, group,
                       static_cast<std::uint64_t>(facts->st_size), static_cast<std::uint64_t>(facts->st_nlink),
                       static_cast<double>(facts->st_mtim.tv_sec)});
  }
  return entries;
}

}  // namespace tepui::agent

#include "lib/linux/remove_tree.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>

#include <optional>
#include <vector>

#include <fmt/format.h>

#include "lib/base/try.hpp"
#include "lib/base/unique_fd.hpp"
#include "lib/linux/sys.hpp"

namespace tepui::sys {
namespace {

bool is_gone(const Error& error) { return error.sys_errno() == ENOENT; }

/// Opens a subdirectory without leaving the mount: RESOLVE_NO_XDEV also sees bind mounts, which st_dev does not.
Result<UniqueFd> open_child(int directory, const std::string& name) {
  return open_resolved(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0,
                       RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV);
}

/// One directory on the way down: kept open, so that no component is ever looked up twice.
struct Level {
  UniqueFd directory;
  std::vector<std::string> names;
  std::string own_name;
};

Result<Level> enter(UniqueFd directory, std::string own_name) {
  TEPUI_ASSIGN(std::vector<std::string> names, list_directory(directory.borrow()));
  return Level{std::move(directory), std::move(names), std::move(own_name)};
}

/// Deeper than this is refused rather than running out of descriptors.
constexpr std::size_t kMaxDepth = 512;

/// Empties the first level. Remembers the first failure and goes on: as much as possible goes.
class Remover {
 public:
  explicit Remover(Level first) { levels_.push_back(std::move(first)); }

  Result<void> run() {
    while (!levels_.empty()) {
      if (levels_.back().names.empty()) {
        leave();
      } else {
        step();
      }
    }
    if (failure_) return *failure_;
    return ok();
  }

 private:
  void note(const Error& error) {
    if (!failure_) failure_ = error;
  }

  void leave() {
    const std::string name = std::move(levels_.back().own_name);
    levels_.pop_back();
    if (levels_.empty()) return;
    auto removed = unlink_at(levels_.back().directory.borrow(), name, AT_REMOVEDIR);
    if (!removed && !is_gone(removed.error())) note(removed.error());
  }

  void step() {
    Level& level = levels_.back();
    std::string name = std::move(level.names.back());
    level.names.pop_back();
    auto unlinked = unlink_at(level.directory.borrow(), name);
    if (unlinked || is_gone(unlinked.error())) return;
    const int reason = unlinked.error().sys_errno();
    if (reason == EBUSY) {
      note(Error(ErrorCode::FailedPrecondition, fmt::format("remove \"{}\": it is a mount point", name), EBUSY));
      return;
    }
    if (reason != EISDIR) return note(unlinked.error());
    descend(level.directory.borrow(), std::move(name));
  }

  void descend(int directory, std::string name) {
    if (levels_.size() >= kMaxDepth) {
      return note(Error(ErrorCode::ResourceExhausted, fmt::format("remove \"{}\": too deep", name)));
    }
    auto child = open_child(directory, name);
    if (!child && is_gone(child.error())) return;
    if (!child && child.error().sys_errno() == EXDEV) {
      return note(Error(ErrorCode::FailedPrecondition, fmt::format("remove \"{}\": it is a mount point", name), EBUSY));
    }
    if (!child) return note(child.error());
    auto level = enter(std::move(*child), std::move(name));
    if (!level) return note(level.error());
    levels_.push_back(std::move(*level));
  }

  std::vector<Level> levels_;
  std::optional<Error> failure_;
};

}  // namespace

Result<void> remove_contents(int directory) {
  TEPUI_ASSIGN(UniqueFd own, open_directory_at(directory, "."));
  TEPUI_ASSIGN(Level level, enter(std::move(own), ""));
  return Remover(std::move(level)).run();
}

Result<void> remove_tree_at(int parent, const std::string& name) {
  if (name.empty() || name == "." || name == ".." || name.find('/') != std::string::npos) {
    return Error(ErrorCode::InvalidArgument, fmt::format("remove tree \"{}\": not a single name", name));
  }
  auto unlinked = unlink_at(parent, name);
  if (unlinked || is_gone(unlinked.error())) return ok();
  if (unlinked.error().sys_errno() != EISDIR) return unlinked;
  auto directory = open_child(parent, name);
  if (!directory && is_gone(directory.error())) return ok();
  if (!directory) return directory.error().wrap(fmt::format("remove tree \"{}\"", name));
  TEPUI_TRY(remove_contents(directory->borrow()), fmt::format("remove tree \"{}\"", name));
  auto removed = unlink_at(parent, name, AT_REMOVEDIR);
  if (!removed && !is_gone(removed.error())) return removed;
  return ok();
}

Result<std::uint64_t> measure_tree(int directory) {
  std::uint64_t bytes = 0;
  std::vector<Level> levels;
  TEPUI_ASSIGN(UniqueFd own, open_directory_at(directory, "."));
  TEPUI_ASSIGN(Level first, enter(std::move(own), ""));
  levels.push_back(std::move(first));
  while (!levels.empty()) {
    Level& level = levels.back();
    if (level.names.empty()) {
      levels.pop_back();
      continue;
    }
    std::string name = std::move(level.names.back());
    level.names.pop_back();
    auto facts = stat_at(level.directory.borrow(), name);
    if (!facts) continue;  // it went away beside us
    if (S_ISREG(facts->st_mode)) bytes += static_cast<std::uint64_t>(facts->st_blocks) * 512U;
    if (!S_ISDIR(facts->st_mode) || levels.size() >= kMaxDepth) continue;
    auto child = open_child(level.directory.borrow(), name);
    if (!child) continue;
    auto next = enter(std::move(*child), std::move(name));
    if (next) levels.push_back(std::move(*next));
  }
  return bytes;
}

}  // namespace tepui::sys

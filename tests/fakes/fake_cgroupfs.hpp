// FakeCgroupfs: a folder tree that stands for one container's cgroups; reading and writing are plain files.
#pragma once

#include <fcntl.h>

#include <map>
#include <stdexcept>
#include <string>

#include "lib/base/unique_fd.hpp"
#include "lib/linux/sys.hpp"
#include "tests/fakes/temp_dir.hpp"

namespace tepui {

/// Files that an isolator writes must exist, as they do in the kernel's: set them first.
class FakeCgroupfs {
 public:
  /// Makes (or replaces) a file of the controller's cgroup.
  void set(const std::string& controller, const std::string& file, const std::string& text) {
    root_.write(controller + "/" + file, text);
  }
  [[nodiscard]] std::string text(const std::string& controller, const std::string& file) const {
    return root_.read(controller + "/" + file);
  }
  /// A directory fd, owned by this, valid for its life.
  int directory(const std::string& controller) {
    UniqueFd& fd = directories_[controller];
    if (!fd) {
      auto opened = sys::open_directory_at(AT_FDCWD, (root_ / controller).string());
      if (!opened) throw std::runtime_error(opened.error().to_string());
      fd = std::move(*opened);
    }
    return fd.borrow();
  }

 private:
  TempDir root_;
  std::map<std::string, UniqueFd> directories_;
};

}  // namespace tepui

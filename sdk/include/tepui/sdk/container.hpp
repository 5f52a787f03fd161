// Container and Resources: what an isolator sees of a container, as C++ views. Valid for the call; copy what you keep.
#pragma once

#include <algorithm>
#include <cstring>
#include <string_view>

#include "tepui/abi/draft/types.h"
#include "tepui/sdk/status.hpp"

namespace tepui::sdk {

/// Copies what the other side has of a struct that grows at its end; the rest is zero.
template <class T>
T copy_sized(const T* source) {
  T copy = {};
  if (source != nullptr) std::memcpy(&copy, source, std::min<std::size_t>(sizeof copy, source->struct_size));
  return copy;
}

/// An amount of every resource; 0: none given. As limits: 0 "as requested", TEPUI_UNLIMITED no limit.
class Resources {
 public:
  explicit Resources(const tepui_resources* raw) : raw_(copy_sized(raw)) {}
  [[nodiscard]] std::int64_t cpus_milli() const { return raw_.cpus_milli; }
  [[nodiscard]] std::int64_t mem_bytes() const { return raw_.mem_bytes; }
  [[nodiscard]] std::int64_t disk_bytes() const { return raw_.disk_bytes; }
  [[nodiscard]] std::int64_t gpus_milli() const { return raw_.gpus_milli; }
  [[nodiscard]] const tepui_resources& raw() const { return raw_; }

 private:
  tepui_resources raw_;
};

class Container {
 public:
  explicit Container(const tepui_container* raw) : raw_(copy_sized(raw)), requests_(raw_.requests), limits_(raw_.limits) {}
  [[nodiscard]] std::string_view id() const { return view(raw_.id); }
  [[nodiscard]] std::string_view parent_id() const { return view(raw_.parent_id); }
  [[nodiscard]] bool is_debug() const { return raw_.container_class == TEPUI_CONTAINER_DEBUG; }
  [[nodiscard]] std::string_view task_id() const { return view(raw_.task_id); }
  [[nodiscard]] std::string_view executor_id() const { return view(raw_.executor_id); }
  [[nodiscard]] std::string_view framework_id() const { return view(raw_.framework_id); }
  [[nodiscard]] std::string_view user() const { return view(raw_.user); }
  [[nodiscard]] std::uint32_t uid() const { return raw_.uid; }
  [[nodiscard]] std::uint32_t gid() const { return raw_.gid; }
  [[nodiscard]] std::string_view sandbox() const { return view(raw_.sandbox); }
  [[nodiscard]] std::string_view rootfs() const { return view(raw_.rootfs); }
  [[nodiscard]] int sandbox_fd() const { return raw_.sandbox_fd; }
  [[nodiscard]] int rootfs_fd() const { return raw_.rootfs_fd; }
  /// 0 before the first process exists; in recover: the container has ended.
  [[nodiscard]] int pid() const { return raw_.pid; }
  [[nodiscard]] const Resources& requests() const { return requests_; }
  [[nodiscard]] const Resources& limits() const { return limits_; }
  /// Everything else: labels, networks, volumes…
  [[nodiscard]] const tepui_container& raw() const { return raw_; }

 private:
  tepui_container raw_;
  Resources requests_;
  Resources limits_;
};

}  // namespace tepui::sdk

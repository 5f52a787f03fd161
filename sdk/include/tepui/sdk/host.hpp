// Host: what the host offers an isolator, as C++; FdWatch and Timer end with their owner.
#pragma once

#include <functional>
#include <initializer_list>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "tepui/abi/draft/host.h"
#include "tepui/sdk/status.hpp"

namespace tepui::sdk {

/// Copyable, borrowed: valid for the life of the isolator.
class Host {
 public:
  explicit Host(const tepui_host* raw) : raw_(raw) {}
  /// 1 or 2; 0: the host uses no cgroups.
  [[nodiscard]] unsigned cgroup_version() const { return raw_->cgroup_version; }

  void log(std::uint32_t level, std::string_view message,
           std::initializer_list<std::pair<std::string_view, std::string_view>> fields = {}) const {
    std::vector<tepui_label> labels;
    labels.reserve(fields.size());
    for (const auto& [key, value] : fields) labels.push_back({str(key), str(value)});
    raw_->log(raw_, level, str(message), labels.data(), labels.size());
  }

  /// reason: the wire's name, "REASON_CONTAINER_LIMITATION_MEMORY".
  Status report_limitation(std::string_view container_id, std::string_view reason, std::string_view message) const {
    tepui_limitation limitation = {};
    limitation.struct_size = sizeof limitation;
    limitation.reason = str(reason);
    limitation.message = str(message);
    tepui_error error = empty_error();
    const std::int32_t code = raw_->report_limitation(raw_, str(container_id), &limitation, &error);
    return code == TEPUI_OK ? Status() : Status(code, error);
  }

  /// Sets `fd` to the host's own descriptor of the container's cgroup directory: never close it.
  Status borrow_cgroup(std::string_view container_id, std::string_view controller, int& fd) const {
    tepui_error error = empty_error();
    const std::int32_t code = raw_->borrow_cgroup(raw_, str(container_id), str(controller), &fd, &error);
    return code == TEPUI_OK ? Status() : Status(code, error);
  }

  [[nodiscard]] const void* find_interface(const char* id) const { return raw_->get_interface(raw_, id); }
  [[nodiscard]] const tepui_host* raw() const { return raw_; }

 private:
  const tepui_host* raw_;
};

namespace detail {
/// A tepui_callback over a std::function.
inline void call_function(void* user_data) noexcept {
  try {
    // A copy, because the callback may end its own watch or timer.
    auto callback = *static_cast<std::function<void()>*>(user_data);
    callback();
  } catch (...) {  // nobody to tell: a callback that can fail reports through the host
  }
}
}  // namespace detail

/// Calls `callback` on the module strand while the descriptor is ready. The descriptor must stay open as long as this.
class FdWatch {
 public:
  FdWatch() = default;
  FdWatch(FdWatch&& other) noexcept { swap(other); }
  FdWatch& operator=(FdWatch&& other) noexcept {
    if (this != &other) {
      reset();
      swap(other);
    }
    return *this;
  }
  FdWatch(const FdWatch&) = delete;
  FdWatch& operator=(const FdWatch&) = delete;
  ~FdWatch() { reset(); }

  /// events: TEPUI_WATCH_READ, TEPUI_WATCH_PRIORITY. Errors: Unimplemented (the host offers no watching).
  Status start(Host host, int fd, std::uint32_t events, std::function<void()> callback) {
    reset();
    const auto* door = static_cast<const tepui_host_watch_fd_v1*>(host.find_interface(TEPUI_HOST_WATCH_FD_1));
    if (door == nullptr) return {TEPUI_UNIMPLEMENTED, "watch a descriptor: this host does not offer it"};
    auto shared = std::make_unique<std::function<void()>>(std::move(callback));
    tepui_error error = empty_error();
    const std::int32_t code = door->watch(host.raw(), fd, events, &detail::call_function, shared.get(), &id_, &error);
    if (code != TEPUI_OK) return {code, error};
    door_ = door;
    host_ = host.raw();
    callback_ = std::move(shared);
    return {};
  }
  void reset() noexcept {
    if (door_ != nullptr) door_->unwatch(host_, id_);
    door_ = nullptr;
    callback_.reset();
  }

 private:
  void swap(FdWatch& other) noexcept {
    std::swap(door_, other.door_);
    std::swap(host_, other.host_);
    std::swap(id_, other.id_);
    std::swap(callback_, other.callback_);
  }

  const tepui_host_watch_fd_v1* door_ = nullptr;
  const tepui_host* host_ = nullptr;
  std::uint64_t id_ = 0;
  std::unique_ptr<std::function<void()>> callback_;
};

/// Calls `callback` on the module strand after a delay, and then every period.
class Timer {
 public:
  Timer() = default;
  Timer(Timer&& other) noexcept { swap(other); }
  Timer& operator=(Timer&& other) noexcept {
    if (this != &other) {
      reset();
      swap(other);
    }
    return *this;
  }
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  ~Timer() { reset(); }

  /// period_ms: 0 for once, otherwise 10 or more. Errors: Unimplemented (the host offers no timers).
  Status start(Host host, std::uint32_t delay_ms, std::uint32_t period_ms, std::function<void()> callback) {
    reset();
    const auto* door = static_cast<const tepui_host_timer_v1*>(host.find_interface(TEPUI_HOST_TIMER_1));
    if (door == nullptr) return {TEPUI_UNIMPLEMENTED, "start a timer: this host does not offer it"};
    auto shared = std::make_unique<std::function<void()>>(std::move(callback));
    tepui_error error = empty_error();
    const std::int32_t code =
        door->start(host.raw(), delay_ms, period_ms, &detail::call_function, shared.get(), &id_, &error);
    if (code != TEPUI_OK) return {code, error};
    door_ = door;
    host_ = host.raw();
    callback_ = std::move(shared);
    return {};
  }
  void reset() noexcept {
    if (door_ != nullptr) door_->cancel(host_, id_);
    door_ = nullptr;
    callback_.reset();
  }

 private:
  void swap(Timer& other) noexcept {
    std::swap(door_, other.door_);
    std::swap(host_, other.host_);
    std::swap(id_, other.id_);
    std::swap(callback_, other.callback_);
  }

  const tepui_host_timer_v1* door_ = nullptr;
  const tepui_host* host_ = nullptr;
  std::uint64_t id_ = 0;
  std::unique_ptr<std::function<void()>> callback_;
};

}  // namespace tepui::sdk

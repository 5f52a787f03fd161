// The C functions of the host's table; each finds its InlineHost through `context`.
#include "lib/modules/inline_host.hpp"

#include <algorithm>
#include <cstring>

#include "lib/base/log.hpp"
#include "lib/base/try.hpp"
#include "lib/modules/abi_error.hpp"
#include "tepui/sdk/container.hpp"
#include "tepui/sdk/status.hpp"

namespace tepui::modules {
namespace {

constexpr std::size_t kMaxLogFields = 16;
constexpr std::size_t kMaxLogText = 4096;

}  // namespace

Result<std::uint64_t> HostServices::watch_fd(int, std::uint32_t, std::function<void()>) {
  return Error(ErrorCode::Unimplemented, "watch a descriptor");
}

Result<std::uint64_t> HostServices::start_timer(std::chrono::milliseconds, std::chrono::milliseconds,
                                                std::function<void()>) {
  return Error(ErrorCode::Unimplemented, "start a timer");
}

/// The functions of the table.
struct HostVerbs {
  static InlineHost& self(const tepui_host* raw) { return *static_cast<InlineHost*>(raw->context); }

  template <class Body>
  static std::int32_t run(tepui_error* error, Body&& body) noexcept {
    return sdk::guard(error, [&]() -> sdk::Status {
      Result<void> result = body();
      return result ? sdk::Status() : sdk::Status(result.error());
    });
  }

  static void log(const tepui_host* raw, std::uint32_t level, tepui_str message, const tepui_label* fields,
                  std::size_t count) noexcept {
    try {
      // The module's fields become one text: log::Field needs constant keys, and a module's are not ours.
      std::string text;
      for (std::size_t i = 0; i < std::min(count, kMaxLogFields); ++i) {
        if (!text.empty()) text += ' ';
        text.append(sdk::view(fields[i].key)).append("=").append(sdk::view(fields[i].value));
      }
      const std::string event(sdk::view(message).substr(0, kMaxLogText));
      text.resize(std::min(text.size(), kMaxLogText));
      const std::string& isolator = self(raw).isolator_;
      switch (level) {
        case TEPUI_LOG_DEBUG: log::debug("isolator reported", {{"isolator", isolator}, {"event", event}, {"fields", text}}); break;
        case TEPUI_LOG_INFO: log::info("isolator reported", {{"isolator", isolator}, {"event", event}, {"fields", text}}); break;
        case TEPUI_LOG_WARN: log::warn("isolator reported", {{"isolator", isolator}, {"event", event}, {"fields", text}}); break;
        default: log::error("isolator reported", {{"isolator", isolator}, {"event", event}, {"fields", text}}); break;
      }
    } catch (...) {  // a line of the log is not worth a crash
    }
  }

  static std::int32_t report_limitation(const tepui_host* raw, tepui_str id, const tepui_limitation* limitation,
                                        tepui_error* error) noexcept {
    return run(error, [&]() -> Result<void> {
      const tepui_limitation copy = sdk::copy_sized(limitation);
      InlineHost& host = self(raw);
      host.services_.report_limitation({std::string(sdk::view(id)), host.isolator_, std::string(sdk::view(copy.reason)),
                                        std::string(sdk::view(copy.message))});
      return ok();
    });
  }

  static std::int32_t borrow_cgroup(const tepui_host* raw, tepui_str id, tepui_str controller, std::int32_t* fd,
                                    tepui_error* error) noexcept {
    return run(error, [&]() -> Result<void> {
      TEPUI_ASSIGN(*fd, self(raw).services_.borrow_cgroup(sdk::view(id), sdk::view(controller)));
      return ok();
    });
  }

  static std::int32_t watch(const tepui_host* raw, std::int32_t fd, std::uint32_t events, tepui_callback callback,
                            void* user_data, std::uint64_t* id, tepui_error* error) noexcept {
    return run(error, [&]() -> Result<void> {
      if (fd < 0 || callback == nullptr || (events & (TEPUI_WATCH_READ | TEPUI_WATCH_PRIORITY)) == 0) {
        return Error(ErrorCode::InvalidArgument, "watch a descriptor: no descriptor, event or callback");
      }
      TEPUI_ASSIGN(*id, self(raw).services_.watch_fd(fd, events, [callback, user_data] { callback(user_data); }));
      return ok();
    });
  }
  static void unwatch(const tepui_host* raw, std::uint64_t id) noexcept { self(raw).services_.unwatch_fd(id); }

  static std::int32_t start(const tepui_host* raw, std::uint32_t delay_ms, std::uint32_t period_ms,
                            tepui_callback callback, void* user_data, std::uint64_t* id, tepui_error* error) noexcept {
    return run(error, [&]() -> Result<void> {
      if (callback == nullptr || (period_ms != 0 && period_ms < 10)) {
        return Error(ErrorCode::InvalidArgument, "start a timer: no callback, or a period under 10 ms");
      }
      TEPUI_ASSIGN(*id, self(raw).services_.start_timer(std::chrono::milliseconds(delay_ms),
                                                        std::chrono::milliseconds(period_ms),
                                                        [callback, user_data] { callback(user_data); }));
      return ok();
    });
  }
  static void cancel(const tepui_host* raw, std::uint64_t id) noexcept { self(raw).services_.cancel_timer(id); }

  /// Checkpoints are not offered yet: NULL, as for any id this host does not know.
  static const void* find_interface(const tepui_host*, const char* id) noexcept {
    static const tepui_host_watch_fd_v1 watching = {sizeof watching, 0, &HostVerbs::watch, &HostVerbs::unwatch};
    static const tepui_host_timer_v1 timing = {sizeof timing, 0, &HostVerbs::start, &HostVerbs::cancel};
    if (id == nullptr) return nullptr;
    if (std::strcmp(id, TEPUI_HOST_WATCH_FD_1) == 0) return &watching;
    if (std::strcmp(id, TEPUI_HOST_TIMER_1) == 0) return &timing;
    return nullptr;
  }
};

InlineHost::InlineHost(std::string isolator, unsigned cgroup_version, HostServices& services)
    : isolator_(std::move(isolator)), services_(services) {
  raw_ = {sizeof raw_,           cgroup_version,
          this,                  &HostVerbs::log,
          &HostVerbs::report_limitation, &HostVerbs::borrow_cgroup,
          &HostVerbs::find_interface};
}

}  // namespace tepui::modules

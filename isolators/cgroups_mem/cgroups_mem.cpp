// cgroups/mem on cgroup v1: a container's memory limit, what it used, and word of it when the kernel kills for it.
// An OOM is seen twice over: at once by an eventfd on memory.oom_control, and by its counter in every usage and at cleanup,
// because a container whose only process was killed may be gone before the eventfd is looked at.
#include <algorithm>
#include <array>
#include <map>
#include <string>

#include <fmt/format.h>

#include "lib/base/try.hpp"
#include "lib/linux/cgroup.hpp"
#include "lib/linux/sys.hpp"
#include "tepui/sdk/isolator.hpp"

namespace tepui::isolators {
namespace {

using sdk::Container;
using sdk::Resources;
using sdk::Status;

constexpr std::int64_t kMinBytes = 32LL << 20U;
constexpr double kBytesPerMebibyte = 1 << 20U;
constexpr std::string_view kReason = "REASON_CONTAINER_LIMITATION_MEMORY";

struct MemorySettings {
  std::int64_t soft_bytes = kMinBytes;
  std::int64_t hard_bytes = -1;  // -1: none
};

/// soft: what is requested. hard: the limit where one is given, else the request. Both 32 MiB or more.
MemorySettings compute_settings(const Resources& requests, const Resources& limits) {
  MemorySettings settings;
  settings.soft_bytes = std::max(kMinBytes, requests.mem_bytes());
  const std::int64_t limit = limits.mem_bytes() != 0 ? limits.mem_bytes() : requests.mem_bytes();
  if (limit != TEPUI_UNLIMITED) settings.hard_bytes = std::max(kMinBytes, limit);
  return settings;
}

class CgroupsMem final : public sdk::Isolator {
 public:
  static Status create(sdk::Host host, const sdk::Config& config, std::unique_ptr<Isolator>& out) {
    bool is_swap_limited = false;
    if (Status s = config.allow_only({"limit_swap"}); !s.ok()) return s;
    if (Status s = config.read_flag("limit_swap", is_swap_limited); !s.ok()) return s;
    if (host.cgroup_version() != 1) {
      return {TEPUI_UNIMPLEMENTED, fmt::format("limit memory on cgroup version {}: only version 1 is offered so far",
                                               host.cgroup_version())};
    }
    out = std::make_unique<CgroupsMem>(host, is_swap_limited);
    return {};
  }
  CgroupsMem(sdk::Host host, bool is_swap_limited) : host_(host), is_swap_limited_(is_swap_limited) {}

  Status recover(std::span<const Container> live) override {
    for (const Container& container : live) watch(std::string(container.id()));
    return {};
  }

  Status prepare(const Container& container, sdk::LaunchPlan& plan) override {
    const MemorySettings settings = compute_settings(container.requests(), container.limits());
    const std::string hard = std::to_string(settings.hard_bytes);
    if (Status s = plan.add_to_cgroup("memory", "memory.soft_limit_in_bytes", std::to_string(settings.soft_bytes));
        !s.ok()) {
      return s;
    }
    if (Status s = plan.add_to_cgroup("memory", "memory.limit_in_bytes", hard); !s.ok()) return s;
    // Memory and swap together may not be limited below memory alone: after it.
    return is_swap_limited_ ? plan.add_to_cgroup("memory", "memory.memsw.limit_in_bytes", hard) : Status();
  }

  Status isolate(const Container& container, int /*pidfd*/) override {
    watch(std::string(container.id()));
    return {};
  }

  Status update(std::string_view id, const Resources& requests, const Resources& limits) override {
    auto memory = borrow(id);
    if (!memory) return memory.error();
    if (auto written = write_limits(*memory, compute_settings(requests, limits)); !written) return written.error();
    return {};
  }

  Status usage(std::string_view id, sdk::UsageSink& sink) override {
    auto memory = borrow(id);
    if (!memory) return memory.error();
    if (auto read = read_usage(*memory, sink); !read) return read.error();
    report_kills(std::string(id), *memory);
    return {};
  }

  Status cleanup(std::string_view id) override {
    if (auto memory = borrow(id)) report_kills(std::string(id), *memory);
    watched_.erase(std::string(id));
    return {};
  }

 private:
  struct Watched {
    UniqueFd event;
    sdk::FdWatch watch;  // after `event`: ends first
    bool is_reported = false;
  };

  Result<sys::Cgroup> borrow(std::string_view id) const {
    int fd = -1;
    if (Status s = host_.borrow_cgroup(id, "memory", fd); !s.ok()) {
      return Error(static_cast<ErrorCode>(s.code()), s.message(), s.sys_errno());
    }
    TEPUI_ASSIGN(UniqueFd copy, sys::duplicate(fd));
    return sys::Cgroup(sys::CgroupVersion::V1, std::move(copy), "memory");
  }

  /// Raising goes from the outer limit to the inner, lowering the other way: the kernel refuses memory above memory and swap.
  Result<void> write_limits(const sys::Cgroup& memory, const MemorySettings& settings) const {
    const std::string hard = std::to_string(settings.hard_bytes);
    TEPUI_TRY(memory.write("memory.soft_limit_in_bytes", std::to_string(settings.soft_bytes)));
    if (!is_swap_limited_) return memory.write("memory.limit_in_bytes", hard);
    TEPUI_ASSIGN(const std::uint64_t current, memory.read_number("memory.memsw.limit_in_bytes"));
    const bool is_raised = settings.hard_bytes < 0 || static_cast<std::uint64_t>(settings.hard_bytes) > current;
    TEPUI_TRY(memory.write(is_raised ? "memory.memsw.limit_in_bytes" : "memory.limit_in_bytes", hard));
    return memory.write(is_raised ? "memory.limit_in_bytes" : "memory.memsw.limit_in_bytes", hard);
  }

  /// Begins to watch for OOM and reports what happened before. Without an eventfd the counter still tells, later.
  void watch(const std::string& id) {
    Watched& entry = watched_[id];
    auto memory = borrow(id);
    if (!memory) return;  // ended, and its cgroup removed
    if (auto armed = arm(id, *memory, entry); !armed) {
      host_.log(TEPUI_LOG_WARN, "oom watch was not armed", {{"container", id}, {"error", armed.error().to_string()}});
    }
    report_kills(id, *memory);
  }

  /// Source: cgroup-v1/memory.rst "OOM Control", cgroups.rst "cgroup.event_control".
  Result<void> arm(const std::string& id, const sys::Cgroup& memory, Watched& entry) {
    TEPUI_ASSIGN(entry.event, sys::make_event_fd(0, O_NONBLOCK));
    TEPUI_ASSIGN(UniqueFd control, sys::open_at(memory.directory(), "memory.oom_control", O_RDONLY));
    TEPUI_TRY(memory.write("cgroup.event_control", fmt::format("{} {}", entry.event.borrow(), control.borrow())));
    Status status = entry.watch.start(host_, entry.event.borrow(), TEPUI_WATCH_READ, [this, id] { on_event(id); });
    if (!status.ok()) return Error(static_cast<ErrorCode>(status.code()), status.message(), status.sys_errno());
    return ok();
  }

  /// The eventfd also tells of the cgroup's removal; then nothing can be borrowed any more.
  void on_event(const std::string& id) {
    auto found = watched_.find(id);
    if (found == watched_.end()) return;
    std::array<char, 8> count{};
    static_cast<void>(sys::read_some(found->second.event.borrow(), count));
    if (auto memory = borrow(id)) report(id, *memory);
  }

  void report_kills(const std::string& id, const sys::Cgroup& memory) {
    auto control = memory.read_keyed("memory.oom_control");
    if (control && (*control)["oom_kill"] > 0) report(id, memory);
  }

  void report(const std::string& id, const sys::Cgroup& memory) {
    Watched& entry = watched_[id];
    if (entry.is_reported) return;
    const auto limit = memory.read_number("memory.limit_in_bytes");
    const auto peak = memory.read_number("memory.max_usage_in_bytes");
    if (!limit || !peak) return;  // the cgroup is going away
    const std::string message =
        fmt::format("memory limit exceeded: limit {} MiB, peak {:.1f} MiB (memory.max_usage_in_bytes)",
                    *limit >> 20U, static_cast<double>(*peak) / kBytesPerMebibyte);
    entry.is_reported = host_.report_limitation(id, kReason, message).ok();
  }

  static Result<void> read_usage(const sys::Cgroup& memory, sdk::UsageSink& sink) {
    TEPUI_ASSIGN(auto stat, memory.read_keyed("memory.stat"));
    const auto copy = [&](std::string_view name, const char* key) {
      if (auto found = stat.find(key); found != stat.end()) sink.set_number(name, static_cast<double>(found->second));
    };
    copy("mem_rss_bytes", "total_rss");
    copy("mem_anon_bytes", "total_rss");
    copy("mem_cache_bytes", "total_cache");
    copy("mem_file_bytes", "total_cache");
    copy("mem_mapped_file_bytes", "total_mapped_file");
    copy("mem_swap_bytes", "total_swap");
    copy("mem_unevictable_bytes", "total_unevictable");
    for (const auto& [name, file] : {std::pair{"mem_total_bytes", "memory.usage_in_bytes"},
                                     std::pair{"mem_max_usage_bytes", "memory.max_usage_in_bytes"},
                                     std::pair{"mem_soft_limit_bytes", "memory.soft_limit_in_bytes"},
                                     std::pair{"mem_limit_bytes", "memory.limit_in_bytes"}}) {
      TEPUI_ASSIGN(const std::uint64_t bytes, memory.read_number(file));
      sink.set_number(name, static_cast<double>(bytes));
    }
    return ok();
  }

  sdk::Host host_;
  bool is_swap_limited_;
  std::map<std::string, Watched> watched_;
};

}  // namespace
}  // namespace tepui::isolators

TEPUI_ISOLATOR_MODULE(tepui::isolators::CgroupsMem, "cgroups/mem", "0.1.0",
                      "limits memory and reports when the kernel kills for it (cgroup v1: memory)")

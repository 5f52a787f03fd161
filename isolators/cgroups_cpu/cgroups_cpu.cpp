// cgroups/cpu on cgroup v1: a container's share of busy cpus (cpu.shares), its ceiling (CFS quota), and what it used.
// Stateless: everything is in the plan or in the container's cgroup, so there is nothing to recover and nothing to clean up.
#include <algorithm>
#include <cstdlib>
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

constexpr std::int64_t kSharesPerCpu = 1024;
constexpr std::int64_t kMinShares = 2;         // MIN_SHARES of kernel/sched/sched.h
constexpr std::int64_t kMinQuotaUsec = 1000;   // min_cfs_quota_period of kernel/sched/core.c
constexpr std::int64_t kUsecPerMsec = 1000;
constexpr double kNanosecondsPerSecond = 1e9;

struct CpuOptions {
  std::int64_t period_ms = 100;
  bool is_quota_on = true;
};

struct CpuSettings {
  std::int64_t shares = kMinShares;
  std::int64_t quota_usec = -1;  // -1: none
};

/// shares: 1024 per cpu requested, 2 or more. quota: the limit where one is given, else what is requested; 1 ms or more.
CpuSettings compute_settings(const CpuOptions& options, const Resources& requests, const Resources& limits) {
  CpuSettings settings;
  settings.shares = std::max(kMinShares, requests.cpus_milli() * kSharesPerCpu / 1000);
  const std::int64_t limit_milli = limits.cpus_milli() != 0 ? limits.cpus_milli() : requests.cpus_milli();
  if (options.is_quota_on && limit_milli != TEPUI_UNLIMITED) {
    settings.quota_usec = std::max(kMinQuotaUsec, options.period_ms * kUsecPerMsec * limit_milli / 1000);
  }
  return settings;
}

class CgroupsCpu final : public sdk::Isolator {
 public:
  static Status create(sdk::Host host, const sdk::Config& config, std::unique_ptr<Isolator>& out) {
    CpuOptions options;
    if (Status s = config.allow_only({"period_ms", "cfs_quota"}); !s.ok()) return s;
    if (Status s = config.read_number("period_ms", 1, 1000, options.period_ms); !s.ok()) return s;
    if (Status s = config.read_flag("cfs_quota", options.is_quota_on); !s.ok()) return s;
    if (host.cgroup_version() != 1) {
      return {TEPUI_UNIMPLEMENTED, fmt::format("limit cpus on cgroup version {}: only version 1 is offered so far",
                                               host.cgroup_version())};
    }
    out = std::make_unique<CgroupsCpu>(host, options);
    return {};
  }
  CgroupsCpu(sdk::Host host, CpuOptions options) : host_(host), options_(options) {}

  Status prepare(const Container& container, sdk::LaunchPlan& plan) override {
    const CpuSettings settings = compute_settings(options_, container.requests(), container.limits());
    if (Status s = plan.add_to_cgroup("cpu", "cpu.shares", std::to_string(settings.shares)); !s.ok()) return s;
    const std::int64_t period_usec = options_.period_ms * kUsecPerMsec;
    if (Status s = plan.add_to_cgroup("cpu", "cpu.cfs_period_us", std::to_string(period_usec)); !s.ok()) return s;
    if (Status s = plan.add_to_cgroup("cpu", "cpu.cfs_quota_us", std::to_string(settings.quota_usec)); !s.ok()) return s;
    return plan.add_to_cgroup("cpuacct");
  }

  Status update(std::string_view id, const Resources& requests, const Resources& limits) override {
    const CpuSettings settings = compute_settings(options_, requests, limits);
    auto cpu = borrow(id, "cpu");
    if (!cpu) return cpu.error();
    if (auto w = cpu->write("cpu.shares", std::to_string(settings.shares)); !w) return w.error();
    if (auto w = cpu->write("cpu.cfs_quota_us", std::to_string(settings.quota_usec)); !w) return w.error();
    return {};
  }

  Status usage(std::string_view id, sdk::UsageSink& sink) override {
    if (auto read = read_times(id, sink); !read) return read.error();
    if (auto read = read_throttling(id, sink); !read) return read.error();
    return {};
  }

 private:
  /// A handle of our own on the host's directory.
  Result<sys::Cgroup> borrow(std::string_view id, const char* controller) const {
    int fd = -1;
    if (Status s = host_.borrow_cgroup(id, controller, fd); !s.ok()) {
      return Error(static_cast<ErrorCode>(s.code()), s.message(), s.sys_errno());
    }
    TEPUI_ASSIGN(UniqueFd copy, sys::duplicate(fd));
    return sys::Cgroup(sys::CgroupVersion::V1, std::move(copy), controller);
  }

  /// cpuacct.usage is exact; cpuacct.stat (USER_HZ) only says how it divides.
  Result<void> read_times(std::string_view id, sdk::UsageSink& sink) const {
    TEPUI_ASSIGN(sys::Cgroup cpuacct, borrow(id, "cpuacct"));
    TEPUI_ASSIGN(const std::uint64_t total_ns, cpuacct.read_number("cpuacct.usage"));
    TEPUI_ASSIGN(auto ticks, cpuacct.read_keyed("cpuacct.stat"));
    const auto user = static_cast<double>(ticks["user"]);
    const auto system = static_cast<double>(ticks["system"]);
    const double total = static_cast<double>(total_ns) / kNanosecondsPerSecond;
    const double user_part = user + system > 0 ? user / (user + system) : 1;
    sink.set_number("cpus_user_time_secs", total * user_part);
    sink.set_number("cpus_system_time_secs", total * (1 - user_part));
    return ok();
  }

  Result<void> read_throttling(std::string_view id, sdk::UsageSink& sink) const {
    TEPUI_ASSIGN(sys::Cgroup cpu, borrow(id, "cpu"));
    TEPUI_ASSIGN(const std::uint64_t shares, cpu.read_number("cpu.shares"));
    TEPUI_ASSIGN(const std::uint64_t period_usec, cpu.read_number("cpu.cfs_period_us"));
    TEPUI_ASSIGN(const std::string quota_text, cpu.read("cpu.cfs_quota_us"));
    const double request = static_cast<double>(shares) / kSharesPerCpu;
    const bool has_quota = !quota_text.starts_with('-') && period_usec > 0;
    sink.set_number("cpus_soft_limit", request);
    // Without a quota the wire's one required limit is the share.
    sink.set_number("cpus_limit", has_quota ? std::strtod(quota_text.c_str(), nullptr) / static_cast<double>(period_usec) : request);
    TEPUI_ASSIGN(auto stat, cpu.read_keyed("cpu.stat"));
    sink.set_number("cpus_nr_periods", static_cast<double>(stat["nr_periods"]));
    sink.set_number("cpus_nr_throttled", static_cast<double>(stat["nr_throttled"]));
    sink.set_number("cpus_throttled_time_secs", static_cast<double>(stat["throttled_time"]) / kNanosecondsPerSecond);
    return ok();
  }

  sdk::Host host_;
  CpuOptions options_;
};

}  // namespace
}  // namespace tepui::isolators

TEPUI_ISOLATOR_MODULE(tepui::isolators::CgroupsCpu, "cgroups/cpu", "0.1.0",
                      "shares and limits cpu time (cgroup v1: cpu, cpuacct)")

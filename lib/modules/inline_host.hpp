// InlineHost: the host's C table for one instance of a module that runs inside this process.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "lib/base/result.hpp"
#include "tepui/abi/draft/host.h"

namespace tepui::modules {

/// An isolator's report that a container went past a limit.
struct LimitationReport {
  std::string container_id;
  std::string isolator;
  std::string reason;  // the wire's name, "REASON_CONTAINER_LIMITATION_MEMORY"
  std::string message;
};

/// What stands behind the table: IsolatorSet in the agent, a fake in tests.
class HostServices {
 public:
  HostServices() = default;
  HostServices(const HostServices&) = delete;
  HostServices& operator=(const HostServices&) = delete;
  virtual ~HostServices() = default;
  /// [any-thread] Returns at once.
  virtual void report_limitation(LimitationReport report) = 0;
  /// [module-strand] The descriptor stays the host's. Errors: NotFound, FailedPrecondition.
  virtual Result<int> borrow_cgroup(std::string_view container_id, std::string_view controller) = 0;
  /// [module-strand] `on_ready` is called on the module strand. Default: Unimplemented.
  virtual Result<std::uint64_t> watch_fd(int fd, std::uint32_t events, std::function<void()> on_ready);
  virtual void unwatch_fd(std::uint64_t /*id*/) {}
  /// [module-strand] A period of 0: once. Default: Unimplemented.
  virtual Result<std::uint64_t> start_timer(std::chrono::milliseconds delay, std::chrono::milliseconds period,
                                            std::function<void()> on_time);
  virtual void cancel_timer(std::uint64_t /*id*/) {}
};

/// Valid from before `create` until after `destroy` of the instance. Neither copied nor moved.
class InlineHost {
 public:
  /// cgroup_version: 0, 1 or 2. `services` must outlive it.
  InlineHost(std::string isolator, unsigned cgroup_version, HostServices& services);
  InlineHost(const InlineHost&) = delete;
  InlineHost& operator=(const InlineHost&) = delete;
  ~InlineHost() = default;
  [[nodiscard]] const tepui_host* raw() const { return &raw_; }

 private:
  friend struct HostVerbs;
  tepui_host raw_ = {};
  std::string isolator_;
  HostServices& services_;
};

}  // namespace tepui::modules

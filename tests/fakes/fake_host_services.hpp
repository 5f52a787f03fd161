// FakeHostServices: what an isolator under test sees of a host: directories as cgroups, reports kept, events fired by hand.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/modules/inline_host.hpp"

namespace tepui {

/// One thread: the test's.
class FakeHostServices final : public modules::HostServices {
 public:
  /// (container, controller) -> directory fd, borrowed. What is missing is NotFound.
  std::map<std::pair<std::string, std::string>, int> cgroups;
  std::vector<modules::LimitationReport> reports;
  struct Event {
    int fd = -1;  // -1: a timer
    std::chrono::milliseconds delay{0};
    std::chrono::milliseconds period{0};
    std::function<void()> callback;
  };
  std::map<std::uint64_t, Event> events;

  /// Calls back every event there is, as the host would on the module strand.
  void fire_events() {
    const auto copy = events;
    for (const auto& [id, event] : copy) {
      if (events.contains(id)) event.callback();
    }
  }

  void report_limitation(modules::LimitationReport report) override { reports.push_back(std::move(report)); }
  Result<int> borrow_cgroup(std::string_view container_id, std::string_view controller) override {
    auto found = cgroups.find({std::string(container_id), std::string(controller)});
    if (found == cgroups.end()) return Error(ErrorCode::NotFound, "borrow a cgroup that the test did not give");
    return found->second;
  }
  Result<std::uint64_t> watch_fd(int fd, std::uint32_t, std::function<void()> on_ready) override {
    events[++last_id_] = {fd, {}, {}, std::move(on_ready)};
    return last_id_;
  }
  void unwatch_fd(std::uint64_t id) override { events.erase(id); }
  Result<std::uint64_t> start_timer(std::chrono::milliseconds delay, std::chrono::milliseconds period,
                                    std::function<void()> on_time) override {
    events[++last_id_] = {-1, delay, period, std::move(on_time)};
    return last_id_;
  }
  void cancel_timer(std::uint64_t id) override { events.erase(id); }

 private:
  std::uint64_t last_id_ = 0;
};

}  // namespace tepui

// FakeContainerizer: containers that run and end when a test says so, and what was asked of them.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agent/containerizer/containerizer.hpp"
#include "lib/async/condition.hpp"

namespace tepui::agent {

class FakeContainerizer final : public Containerizer {
 public:
  explicit FakeContainerizer(Executor executor) : changed_(executor) {}

  Async<RecoveryReport> recover(std::vector<ContainerRecord>) override { co_return RecoveryReport{}; }

  Async<ContainerStarted> launch(ContainerConfig config) override {
    const std::string id = config.container_id;
    configs.push_back(std::move(config));
    if (refusal) {
      const Error error = *refusal;
      ContainerTermination end;
      end.launch_failure = LaunchFailure{error.to_string(), "execve", "x", 0};
      ends_[id] = end;
      co_return error;
    }
    co_return ContainerStarted{id, {4711, 1, "boot"}, "/sandbox", {}};
  }

  Result<void> kill(const std::string& id, std::optional<std::chrono::nanoseconds> grace) override {
    kills.emplace_back(id, grace.value_or(std::chrono::nanoseconds(-1)));
    return ok();
  }
  Async<void> destroy(std::string id) override {
    destroyed.push_back(id);
    co_return ok();
  }
  Async<ContainerTermination> wait(std::string id) override {
    while (!ends_.contains(id)) {
      auto waited = co_await changed_.wait();
      if (!waited) co_return waited.error();
    }
    co_return ends_.at(id);
  }
  Async<void> forget(std::string id) override {
    forgotten.push_back(id);
    co_return ok();
  }
  Async<ContainerUsage> usage(std::string) override { co_return ContainerUsage{}; }
  [[nodiscard]] std::vector<ContainerSummary> list() const override { return {}; }
  [[nodiscard]] std::optional<ContainerSummary> find(const std::string&) const override { return std::nullopt; }
  Async<void> close() override { co_return ok(); }

  void end(const std::string& id, ContainerTermination termination) {
    ends_[id] = std::move(termination);
    changed_.notify_all();
  }

  std::optional<Error> refusal;  // of launch
  std::vector<ContainerConfig> configs;
  std::vector<std::pair<std::string, std::chrono::nanoseconds>> kills;
  std::vector<std::string> destroyed;
  std::vector<std::string> forgotten;

 private:
  std::map<std::string, ContainerTermination> ends_;
  Condition changed_;
};

}  // namespace tepui::agent

// LinuxContainerizer: the Containerizer over isolator modules, tepui-shim and cgroups. Keeps the containers; the life of
// one is in container.cpp, recovery in recovery.cpp.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "agent/containerizer/container.hpp"
#include "agent/containerizer/container_host.hpp"
#include "agent/containerizer/containerizer.hpp"
#include "lib/async/task_group.hpp"
#include "lib/modules/isolator_set.hpp"

namespace tepui::agent {

/// What the agent lends; all of it outlives the containerizer.
struct ContainerizerParts {
  Executor loop;
  BlockingPool& pool;
  const Clock& clock;
  ContainerCheckpoints& checkpoints;
  /// Makes the isolators. Of the options the containerizer fills in loop, cgroup_version and on_limitation.
  ///   [selection](modules::IsolatorSetOptions options) { return modules::IsolatorSet::load(selection, options); }
  std::function<Result<std::unique_ptr<modules::IsolatorSet>>(modules::IsolatorSetOptions)> load_isolators;
  modules::IsolatorSetOptions isolator_options;
};

class LinuxContainerizer final : public Containerizer {
 public:
  /// How many ended containers list() still tells, beside those that the agent has not told to forget.
  static constexpr std::size_t kEndedLimit = 1000;

  /// Makes the runtime directory and the cgroup root and takes its lock, loads the isolators. Blocks: before the loop runs.
  /// Errors: Unavailable (another agent uses the cgroup root or the runtime directory), NotFound (no cgroups, no shim),
  /// PermissionDenied, those of the isolators; each names the object and has a cure where there is one.
  static Result<std::unique_ptr<LinuxContainerizer>> create(ContainerizerOptions options, ContainerizerParts parts);
  ~LinuxContainerizer() override;

  Async<RecoveryReport> recover(std::vector<ContainerRecord> records) override;
  Async<ContainerStarted> launch(ContainerConfig config) override;
  Result<void> kill(const std::string& container_id, std::optional<std::chrono::nanoseconds> grace) override;
  Async<void> destroy(std::string container_id) override;
  Async<ContainerTermination> wait(std::string container_id) override;
  Async<void> forget(std::string container_id) override;
  Async<ContainerUsage> usage(std::string container_id) override;
  [[nodiscard]] std::vector<ContainerSummary> list() const override;
  [[nodiscard]] std::optional<ContainerSummary> find(const std::string& container_id) const override;
  /// Besides: where no container is left, removes the cgroup root and the runtime directory, if they are empty.
  Async<void> close() override;

  [[nodiscard]] std::vector<std::string> isolator_names() const;
  [[nodiscard]] sys::CgroupVersion cgroup_version() const;

 private:
  struct Fixtures;
  LinuxContainerizer(Fixtures fixtures, ContainerizerParts parts);
  static Result<void> make_root(Fixtures& fixtures, const sys::CgroupLayout& layout, const std::string& name);
  [[nodiscard]] std::shared_ptr<Container> find_live(const std::string& container_id) const;
  static Async<void> run(LinuxContainerizer* self, std::shared_ptr<Container> container);
  static Async<void> run_on(LinuxContainerizer* self, std::shared_ptr<Container> container, launcher::Adopted adopted,
                            std::string why_lost);
  void retire(const std::shared_ptr<Container>& container);
  void trim_ended();
  void on_limitation(const modules::LimitationReport& report);

  // recovery.cpp
  struct Found;
  Async<std::shared_ptr<Found>> adopt(ContainerRecord record);
  Async<std::set<std::string>> find_orphans();
  Async<void> remove_orphan(std::string container_id);

  std::shared_ptr<LinuxContainerizer*> slot_;  // empty once this is gone: the set's reports go through it
  std::unique_ptr<modules::IsolatorSet> isolators_;
  UniqueFd root_lock_;
  bool is_runtime_dir_ours_ = false;
  TaskGroup watchers_;
  TaskGroup lives_;
  ContainerHost host_;
  std::map<std::string, std::shared_ptr<Container>> live_;
  std::deque<ContainerSummary> ended_;  // oldest first
  std::set<std::string> not_forgotten_;  // of ended_
  bool is_closed_ = false;
};

}  // namespace tepui::agent

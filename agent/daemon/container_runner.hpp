// ContainerRunner: performs the core's wishes about containers and tells it how they went.
#pragma once

#include <chrono>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "agent/containerizer/containerizer.hpp"
#include "agent/containerizer/task_user.hpp"
#include "agent/core/effect.hpp"
#include "agent/core/task.hpp"
#include "lib/async/blocking_pool.hpp"
#include "lib/async/task_group.hpp"

namespace tepui::agent {

/// What the runner tells; each goes to the AgentCore method of that name.
struct ContainerNews {
  std::function<void(const std::string& container_id, int pid)> running;
  std::function<void(const std::string& container_id, const FailedLaunch& failure)> launch_failed;
  std::function<void(const std::string& container_id, const ContainerEnd& end)> terminated;
};

struct ContainerRunnerOptions {
  TaskUserPolicy users;
  std::string agent_endpoint;
};

/// [loop] Borrows containerizer and pool; close() before they end.
class ContainerRunner {
 public:
  ContainerRunner(Executor executor, Containerizer& containerizer, BlockingPool& pool, ContainerRunnerOptions options,
                  ContainerNews news);

  /// Tells the end of a container that recovery found.
  void watch(const std::string& container_id);

  void launch(LaunchContainer wish);
  void kill(const KillContainer& wish);
  void destroy(const DestroyContainer& wish);
  void forget(const ForgetContainer& wish);

  /// Nothing is told any more: what ends from now on the next start tells.
  void mute();
  /// Containers are left as they are.
  Async<void> close();

 private:
  Async<void> run(LaunchContainer wish);
  Async<void> tell_end(std::string container_id);
  Async<void> destroy_and_log(std::string container_id);
  Async<void> forget_and_log(std::string container_id);

  Containerizer& containerizer_;
  BlockingPool& pool_;
  ContainerRunnerOptions options_;
  ContainerNews news_;
  std::set<std::string> not_launched_yet_;  // between the wish and Containerizer::launch
  std::set<std::string> killed_early_;      // of those
  TaskGroup tasks_;
};

/// The containerizer's termination in the core's words.
ContainerEnd end_of(const ContainerTermination& termination);

}  // namespace tepui::agent

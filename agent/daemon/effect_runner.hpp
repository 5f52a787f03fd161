// EffectRunner: performs the core's effects in order, and nothing before what stands in front of it is durable.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "agent/checkpoint/checkpoint_log.hpp"
#include "agent/containerizer/container_checkpoints.hpp"
#include "agent/core/effect.hpp"
#include "agent/daemon/container_runner.hpp"
#include "lib/async/blocking_pool.hpp"
#include "lib/async/condition.hpp"
#include "lib/async/task_group.hpp"

namespace tepui::agent {

/// Where the effects that are not about containers or records go.
struct EffectTargets {
  std::function<void(const tepui::v1::AgentCall&)> send;
  std::function<void()> resubscribe;
  std::function<void(const std::string& message)> terminate;
};

/// [loop] Records of everything that waits are written with one fdatasync (group commit), then the other effects are
/// performed. While the disk refuses (full, say) the commit is tried again every second and the effects behind it wait,
/// except kills; containers cannot be launched meanwhile. Owns the log; borrows the pool and the containers.
class EffectRunner final : public ContainerCheckpoints {
 public:
  EffectRunner(Executor executor, CheckpointLog log, BlockingPool& pool, EffectTargets targets);

  /// Once, before perform(): the containerizer needs the checkpoints and the runner of containers needs it.
  void set_containers(ContainerRunner& containers) { containers_ = &containers; }

  void perform(const Effects& effects);

  /// ContainerCheckpoints. Errors: those of the disk.
  Async<void> store(ContainerRecord record) override;
  Async<void> erase(std::string container_id) override;

  /// What the log said at the start.
  [[nodiscard]] const CheckpointState& recovered_state() const { return log_->state(); }
  [[nodiscard]] std::uint64_t torn_bytes() const { return log_->torn_bytes(); }
  /// The last commit failed: nothing is acknowledged.
  [[nodiscard]] bool is_stalled() const { return is_stalled_; }

  /// Makes durable what waits (for at most a second), then ends. Effects behind are performed.
  Async<void> close();

 private:
  struct Request {  // of the containerizer
    CheckpointRecord record;
    std::optional<Result<void>> result;
    Notification done;
  };
  using Item = std::variant<Effect, std::shared_ptr<Request>>;

  Async<void> run();
  Async<void> commit_all(std::vector<Item>& batch);
  void fail_requests(std::vector<Item>& batch, const Error& error);
  void perform_kills(std::vector<Item>& batch);
  void perform_now(const Effect& effect);
  Async<void> submit(CheckpointRecord record);

  Executor executor_;
  std::shared_ptr<CheckpointLog> log_;
  BlockingPool& pool_;
  EffectTargets targets_;
  ContainerRunner* containers_ = nullptr;
  std::vector<Item> queue_;
  Condition changed_;
  bool is_closing_ = false;
  bool is_stalled_ = false;
  TaskGroup tasks_;
};

}  // namespace tepui::agent

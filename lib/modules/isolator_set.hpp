// IsolatorSet: the isolators that --isolation names, in its order, as the containerizer calls them from the loop.
// Each call hops to a blocking thread, one at a time per isolator, and has a deadline. Blocking form: loaded_isolator.hpp.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "lib/async/async.hpp"
#include "lib/modules/claim_table.hpp"
#include "lib/modules/container_view.hpp"
#include "lib/modules/inline_host.hpp"
#include "lib/modules/module_config.hpp"
#include "lib/modules/module_library.hpp"
#include "lib/modules/plan_sink.hpp"

namespace tepui::modules {

struct IsolatorSetState;  // isolator_strand.hpp

/// Controller -> directory fd, borrowed; the containerizer keeps them open until cleanup of the container has resolved.
using CgroupDirectories = std::map<std::string, int>;

/// Where the set runs and what it reports to. The set makes one thread per isolator, the module's strand.
struct IsolatorSetOptions {
  Executor loop;
  /// 1 or 2: the hierarchy in use; 0: none.
  unsigned cgroup_version = 1;
  /// A call past `soft_deadline` is logged as slow; past `hard_deadline` it fails with DeadlineExceeded, though the module
  /// goes on and its later calls wait for it.
  std::chrono::milliseconds soft_deadline{2000};
  std::chrono::milliseconds hard_deadline{30000};
  /// [loop] Called for every report, any number per container. Never after close() has begun.
  std::function<void(LimitationReport)> on_limitation;
};

/// [loop] Owned by the containerizer. One per agent.
/// Life of a container: for each i: prepare(i); make cgroups, set_cgroups; start; for each i: isolate(i); …;
/// in reverse for each i that prepare was called for: cleanup(i); forget_cgroups.
/// Cancelling a coroutine that awaits a call leaves the call running; what comes after it on the same isolator waits for it.
class IsolatorSet {
 public:
  /// Blocking, for start-up (and best before the program has threads: the probe forks): checks, probes and loads each module
  /// that `selection.isolation` names and creates its instance.
  /// Errors: names the module's file or the isolator (unknown name: lists what there is, and the nearest as a hint).
  static Result<std::unique_ptr<IsolatorSet>> load(const ModuleSelection& selection, IsolatorSetOptions options);
  /// The same from modules that are linked into this program, without parameters: tests.
  static Result<std::unique_ptr<IsolatorSet>> from_libraries(std::vector<ModuleLibrary> libraries,
                                                             IsolatorSetOptions options);
  IsolatorSet(const IsolatorSet&) = delete;
  IsolatorSet& operator=(const IsolatorSet&) = delete;
  ~IsolatorSet();

  /// Number of isolators; the index of the calls below.
  [[nodiscard]] std::size_t size() const;
  /// "cgroups/cpu"
  [[nodiscard]] const std::string& name(std::size_t index) const;
  [[nodiscard]] std::vector<std::string> names() const;

  /// Once, before any other call, with the live containers; set_cgroups for each of them comes before it.
  Async<void> recover(std::vector<ContainerView> containers);
  /// Errors: the module's, wrapped as `isolator 'x': …`; AlreadyExists for a conflict of claims; Unavailable: not ready.
  /// `plan` and `claims` are shared because a call past its hard deadline may still use them.
  Async<void> prepare(std::size_t index, ContainerView container, std::shared_ptr<PlanSink> plan,
                      std::shared_ptr<ClaimTable> claims);
  /// `pidfd` is borrowed; the set dups it for the call.
  Async<void> isolate(std::size_t index, ContainerView container, int pidfd);
  /// Every isolator in order; the first error ends it.
  Async<void> update(std::string container_id, ResourceAmounts requests, ResourceAmounts limits);
  /// Numbers of every isolator in one map, keyed by the wire's names. An isolator that fails is left out and logged.
  Async<std::map<std::string, double>> usage(std::string container_id);
  Async<std::map<std::string, std::string>> status(std::string container_id);
  /// Idempotent.
  Async<void> cleanup(std::size_t index, std::string container_id);

  /// What borrow_cgroup answers for this container from now on.
  void set_cgroups(const std::string& container_id, CgroupDirectories directories);
  void forget_cgroups(const std::string& container_id);

  /// Destroys the instances (their containers go on). Waits for calls in progress up to the hard deadline; a module that
  /// does not come back is left behind with its thread. Needed before the loop ends.
  Async<void> close();

 private:
  explicit IsolatorSet(std::shared_ptr<IsolatorSetState> state);
  std::shared_ptr<IsolatorSetState> state_;
};

}  // namespace tepui::modules

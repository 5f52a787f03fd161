// MasterCore: what is true in the cluster and what follows from each message. No I/O, no timers, no threads:
// messages in, effects out. The daemon around it (master/) performs the effects; tests/sim drives it on a virtual clock.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "lib/base/clock.hpp"
#include "lib/base/random.hpp"
#include "master/core/cluster.hpp"
#include "master/core/effects.hpp"
#include "master/core/master_config.hpp"

namespace tepui::master {

/// Deterministic: the same config, clock, random source, registry and calls give the same effects.
/// Owner: the daemon (or a test). Thread: the loop. Every call may return effects; the shell performs the effects of
/// all calls in one queue, in order (see StoreInRegistry), and answers a call only after its effects are performed.
///
///   MasterCore core(config, clock, random, registry.read());
///   perform(core.start());
///   CallResult result = core.scheduler_call(call, stream_id);   // from POST /api/v1/scheduler
///   perform(result.effects); answer(result.status, result.message);
///   …wait until core.next_deadline(), then perform(core.tick());
class MasterCore {
 public:
  /// `clock` and `random` outlive the core. `registry` is what was durable at start; entries that do not parse are
  /// skipped and counted (`bad_registry_entries`).
  MasterCore(MasterConfig config, const Clock& clock, RandomSource& random, const RegistryContents& registry);
  MasterCore(const MasterCore&) = delete;
  MasterCore& operator=(const MasterCore&) = delete;
  ~MasterCore();

  /// Once, before anything else.
  Effects start();

  /// Why this call is malformed (HTTP 400), or no value: missing sub-message, missing framework_id, ids that differ, bad uuid.
  /// Needs no state; the shell asks before it looks at Accept and Mesos-Stream-Id (mesos.md §1.1, checks 7 to 9).
  static std::optional<std::string> call_error(const mesos::v1::scheduler::Call& call);
  static std::optional<std::string> call_error(const tepui::v1::AgentCall& call);

  /// A scheduler's call of good shape. SUBSCRIBE: `stream` is the id of the stream the shell opens for it; the result is
  /// always 200, and a refused subscription is an ERROR event and CloseStream. Other calls: `stream` is the Mesos-Stream-Id
  /// header ("" if missing); 202, or 400/403/501 by checks 11 to 16 of mesos.md §1.1.
  CallResult scheduler_call(const mesos::v1::scheduler::Call& call, const StreamId& stream);

  /// An agent's call of good shape, as above. A refused SUBSCRIBE is an AgentEvent ERROR and CloseStream. Other calls: 202,
  /// 404 for an agent that is unknown, 403 for a stream that is not its current one (it subscribes again).
  CallResult agent_call(const tepui::v1::AgentCall& call, const StreamId& stream);

  /// The peer or the shell ended this stream. Unknown streams are ignored.
  Effects stream_closed(const StreamId& stream);

  /// Does everything whose time has come. Idempotent.
  Effects tick();
  /// When tick() is wanted next; MonotonicTime::max() for never.
  [[nodiscard]] MonotonicTime next_deadline() const;

  /// An operator's kill by ids (POST /tepui/v1/tasks/kill): 202, or 404 naming the task or framework.
  CallResult kill_task(std::string_view framework_id, std::string_view task_id);

  /// Everything there is, for /state, /metrics and the command line: cluster().frameworks, .agents, .tasks, .offers, .metrics.
  /// Valid until the next call.
  [[nodiscard]] const Cluster& cluster() const;
  /// Name to value, Mesos's names ("master/tasks_running"), for /metrics/snapshot.
  [[nodiscard]] std::map<std::string, double> metrics() const;
  [[nodiscard]] const std::string& master_id() const;
  [[nodiscard]] mesos::v1::MasterInfo master_info() const;

  /// Describes the first broken invariant (offered + used + free = total on every agent, …); no value when all hold.
  /// Called after every event in builds without NDEBUG, where a broken one aborts.
  [[nodiscard]] std::optional<std::string> broken_invariant() const;

 private:
  Effects finish();
  CallResult finish(int status, std::string message = {});
  std::unique_ptr<Cluster> cluster_;
};

}  // namespace tepui::master

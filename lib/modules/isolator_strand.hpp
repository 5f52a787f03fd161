// IsolatorStrand: one isolator with its thread, and the host services that its module sees. Internal to IsolatorSet.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "lib/async/async.hpp"
#include "lib/async/blocking_pool.hpp"
#include "lib/async/condition.hpp"
#include "lib/async/deadline.hpp"
#include "lib/async/task_group.hpp"
#include "lib/base/try.hpp"
#include "lib/base/unique_fd.hpp"
#include "lib/modules/isolator_set.hpp"
#include "lib/modules/loaded_isolator.hpp"

namespace tepui::modules {

/// Container -> controller -> directory fd. Replaced, never changed, so that a strand may read the one it was given.
using CgroupMap = std::map<std::string, CgroupDirectories, std::less<>>;

/// A watched descriptor or a timer of a module's. `is_active` belongs to the strand, the rest to the loop.
struct ModuleEvent {
  ModuleEvent(Executor loop, std::function<void()> function)
      : callback(std::move(function)), group(std::move(loop), "module event", {}) {}
  std::function<void()> callback;
  bool is_active = true;
  UniqueFd fd;  // empty: a timer
  std::chrono::milliseconds delay{0};
  std::chrono::milliseconds period{0};
  TaskGroup group;
};

/// Held by the set and by every coroutine that works for it.
class IsolatorStrand final : public HostServices, public std::enable_shared_from_this<IsolatorStrand> {
 public:
  explicit IsolatorStrand(std::shared_ptr<const IsolatorSetOptions> options);

  /// Blocking; before the loop runs.
  Result<void> create(const ModuleLibrary& library, const std::map<std::string, std::string>& parameters);
  [[nodiscard]] const std::string& name() const { return name_; }

  /// [loop] Runs `work` on the strand. `verb` names the call in errors. See IsolatorSet for deadlines and cancellation.
  template <class T>
  Async<T> call(std::string verb, std::function<Result<T>(LoadedIsolator&)> work) {
    auto outcome = std::make_shared<Outcome<T>>(options_->loop);
    auto started = tasks_.spawn(verb, run<T>(shared_from_this(), verb, std::move(work), outcome));
    if (!started) co_return started.error().wrap(context(verb));
    auto waited = co_await with_deadline(outcome->done.wait(), options_->hard_deadline, context(verb));
    if (outcome->result) co_return std::move(*outcome->result);
    if (waited) co_return Error(ErrorCode::Cancelled, context(verb));
    co_return waited.error();
  }

  /// [loop] What borrow_cgroup answers from the next call on.
  void set_cgroups(std::shared_ptr<const CgroupMap> cgroups) { next_cgroups_ = std::move(cgroups); }

  /// [loop] Destroys the instance. False: the module did not come back in time and everything of it must be left behind.
  boost::asio::awaitable<bool> close();

  // HostServices
  void report_limitation(LimitationReport report) override;
  Result<int> borrow_cgroup(std::string_view container_id, std::string_view controller) override;
  Result<std::uint64_t> watch_fd(int fd, std::uint32_t events, std::function<void()> on_ready) override;
  void unwatch_fd(std::uint64_t id) override { end_event(id); }
  Result<std::uint64_t> start_timer(std::chrono::milliseconds delay, std::chrono::milliseconds period,
                                    std::function<void()> on_time) override;
  void cancel_timer(std::uint64_t id) override { end_event(id); }

 private:
  template <class T>
  struct Outcome {
    explicit Outcome(Executor loop) : done(std::move(loop)) {}
    std::optional<Result<T>> result;
    Notification done;
  };

  template <class T>
  static Async<void> run(std::shared_ptr<IsolatorStrand> self, std::string verb,
                         std::function<Result<T>(LoadedIsolator&)> work, std::shared_ptr<Outcome<T>> outcome) {
    const auto begin = std::chrono::steady_clock::now();
    std::function<Result<T>()> bound = self->bind<T>(std::move(work));
    Result<T> result = co_await self->pool_->run(self->context(verb), std::move(bound));
    self->note_duration(verb, std::chrono::steady_clock::now() - begin);
    outcome->result.emplace(std::move(result));
    outcome->done.notify();
    co_return ok();
  }

  /// The work as the strand runs it: with the cgroups as they are on the loop now.
  template <class T>
  std::function<Result<T>()> bind(std::function<Result<T>(LoadedIsolator&)> work) {
    return [self = shared_from_this(), cgroups = next_cgroups_, work = std::move(work)]() -> Result<T> {
      self->cgroups_ = cgroups;
      if (!self->isolator_) return Error(ErrorCode::FailedPrecondition, "call an isolator that was destroyed");
      return work(*self->isolator_);
    };
  }

  [[nodiscard]] std::string context(const std::string& verb) const;
  void note_duration(const std::string& verb, std::chrono::nanoseconds took) const;
  std::uint64_t begin_event(std::shared_ptr<ModuleEvent> event);
  void end_event(std::uint64_t id);
  static Async<void> run_event(std::shared_ptr<IsolatorStrand> self, std::shared_ptr<ModuleEvent> event);

  std::shared_ptr<const IsolatorSetOptions> options_;
  std::string name_;
  TaskGroup tasks_;                                 // loop
  std::shared_ptr<const CgroupMap> next_cgroups_;   // loop
  bool is_closing_ = false;                         // loop
  std::shared_ptr<const CgroupMap> cgroups_;        // strand
  std::map<std::uint64_t, std::shared_ptr<ModuleEvent>> events_;  // strand
  std::uint64_t next_event_ = 1;                    // strand
  std::unique_ptr<LoadedIsolator> isolator_;        // strand
  std::unique_ptr<BlockingPool> pool_;              // last: joined first
};

/// What an IsolatorSet is made of.
struct IsolatorSetState {
  std::shared_ptr<const IsolatorSetOptions> options;
  std::vector<std::shared_ptr<IsolatorStrand>> strands;
  std::shared_ptr<const CgroupMap> cgroups = std::make_shared<const CgroupMap>();
  bool is_closed = false;
};

}  // namespace tepui::modules

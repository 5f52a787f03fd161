// SchedulerDriver: keeps a framework subscribed to the leading master and carries its calls there.
// Not here: what the framework does with the events (scheduler.hpp).
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "drivers/scheduler.hpp"
#include "lib/async/async.hpp"
#include "lib/base/random.hpp"

namespace tepui::drivers {

struct SchedulerDriverOptions {
  /// HOST:PORT of any master; the leader is found by its redirects.
  std::string master;
  /// `user` and `name` are required; `id` when an earlier run of the framework is to be continued.
  mesos::v1::FrameworkInfo framework;
  /// false: the framework calls acknowledge() itself.
  bool is_acknowledging = true;
  std::chrono::milliseconds first_backoff{250};
  std::chrono::milliseconds backoff_cap{15000};
  /// 0: for ever. Otherwise run() ends with Unavailable when that much time has passed without a subscription.
  std::chrono::nanoseconds give_up_after{0};
};

/// [loop] One subscription of one framework.
///
///   SchedulerDriver driver(executor, options, scheduler, random);
///   auto ended = co_await driver.run();        // until stop(), or an ERROR event
class SchedulerDriver {
 public:
  /// `scheduler` and `random` are borrowed and must outlive the driver.
  SchedulerDriver(Executor executor, SchedulerDriverOptions options, Scheduler& scheduler, RandomSource& random);
  SchedulerDriver(const SchedulerDriver&) = delete;
  SchedulerDriver& operator=(const SchedulerDriver&) = delete;
  ~SchedulerDriver();

  /// Subscribes and stays subscribed, with back-off between attempts and the same framework id, until stop().
  /// Errors: FailedPrecondition (the master sent ERROR, or refused the subscription: another attempt would end the same),
  /// InvalidArgument (`master` is no HOST:PORT), Unavailable (see give_up_after), Cancelled.
  Async<void> run();

  /// Makes run() return once the calls already made have been sent (2 s at most). The framework stays registered for its
  /// failover_timeout; teardown() before it ends it.
  void stop();

  /// Each queues a call; calls reach the master in order. Errors: Unavailable (not subscribed: nothing is kept for later),
  /// ResourceExhausted (1,000 calls wait already).
  Result<void> accept(const std::vector<mesos::v1::OfferID>& offers, const std::vector<mesos::v1::Offer::Operation>& operations,
                      const mesos::v1::Filters& filters = {});
  Result<void> launch(const mesos::v1::Offer& offer, const std::vector<mesos::v1::TaskInfo>& tasks,
                      const mesos::v1::Filters& filters = {});
  Result<void> decline(const std::vector<mesos::v1::OfferID>& offers, const mesos::v1::Filters& filters = {});
  Result<void> revive();
  Result<void> suppress();
  Result<void> kill(const mesos::v1::TaskID& task, const mesos::v1::AgentID* agent = nullptr);
  Result<void> acknowledge(const mesos::v1::TaskStatus& status);
  /// Empty: every task the master knows of this framework.
  Result<void> reconcile(const std::vector<mesos::v1::TaskStatus>& statuses);
  Result<void> send_message(const mesos::v1::AgentID& agent, const mesos::v1::ExecutorID& executor, const std::string& data);
  /// Ends the framework and every task of it; run() then ends by itself.
  Result<void> teardown();

  /// Empty until the first subscription.
  [[nodiscard]] const mesos::v1::FrameworkID& framework_id() const;
  [[nodiscard]] bool is_subscribed() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace tepui::drivers

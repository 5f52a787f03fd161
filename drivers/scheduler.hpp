// Scheduler: what a framework implements. SchedulerDriver calls it.
#pragma once

#include <string>
#include <vector>

#include "lib/base/error.hpp"
#include "mesos/v1/mesos.pb.h"
#include "mesos/v1/scheduler/scheduler.pb.h"

namespace tepui::drivers {

/// Every method is called on the loop, in the order in which the master sent the events, and should return soon.
class Scheduler {
 public:
  Scheduler() = default;
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;
  virtual ~Scheduler() = default;

  /// At the first subscription and after every reconnection; reconcile here what you believe to run.
  virtual void on_subscribed(const mesos::v1::scheduler::Event::Subscribed& subscribed) = 0;
  /// Accept or decline each, or it stays with you.
  virtual void on_offers(const std::vector<mesos::v1::Offer>& offers) = 0;
  /// The offer is no more.
  virtual void on_rescinded(const mesos::v1::OfferID& offer_id) { static_cast<void>(offer_id); }
  /// A task changed. When this returns the driver acknowledges it (unless told otherwise in its options), so make durable
  /// here what must not be lost. The same update may come again.
  virtual void on_update(const mesos::v1::TaskStatus& status) = 0;
  virtual void on_message(const mesos::v1::scheduler::Event::Message& message) { static_cast<void>(message); }
  /// An agent or an executor is gone.
  virtual void on_failure(const mesos::v1::scheduler::Event::Failure& failure) { static_cast<void>(failure); }
  /// The stream was lost; the driver is reconnecting. Calls made meanwhile are refused.
  virtual void on_disconnected(const Error& reason) { static_cast<void>(reason); }
  /// The master answered a call with something else than "accepted".
  virtual void on_call_refused(const mesos::v1::scheduler::Call& call, const Error& reason) {
    static_cast<void>(call);
    static_cast<void>(reason);
  }
};

}  // namespace tepui::drivers

// Scheduler calls: who may say what, and which rule it is for.
#pragma once

#include <string>

#include "master/core/cluster.hpp"

namespace tepui::master {

/// Status and body of the answer; the effects are in the outbox.
struct Answer {
  int status = 202;
  std::string message;
};

/// Any call but SUBSCRIBE, of good shape. 400: the framework cannot be found, the stream id is missing or not the current one;
/// 403: the framework is not subscribed; 501: the call is not offered.
Answer run_scheduler_call(Cluster& cluster, const mesos::v1::scheduler::Call& call, const StreamId& stream);

}  // namespace tepui::master

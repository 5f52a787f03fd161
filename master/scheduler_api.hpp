// POST /api/v1/scheduler: the HTTP edge of the scheduler API. What calls mean is the core's.
#pragma once

#include "lib/http/router.hpp"
#include "master/core_runner.hpp"

namespace tepui::master {

/// Statuses, their order and the stream-id rules: mesos.md §1.1. Outlives the server whose router it was added to. [loop]
class SchedulerApi {
 public:
  explicit SchedulerApi(CoreRunner& runner) : runner_(runner) {}
  SchedulerApi(const SchedulerApi&) = delete;
  SchedulerApi& operator=(const SchedulerApi&) = delete;

  Async<http::Response> call(http::Request request);

 private:
  Async<http::Response> subscribe(http::Request request, mesos::v1::scheduler::Call call);
  CoreRunner& runner_;
};

}  // namespace tepui::master

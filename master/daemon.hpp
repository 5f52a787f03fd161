// The master as a whole: registry, core, HTTP server, signals; from start to stop.
#pragma once

#include <memory>
#include <optional>

#include "lib/async/condition.hpp"
#include "lib/async/event_loop.hpp"
#include "lib/base/clock.hpp"
#include "lib/base/random.hpp"
#include "lib/http/server.hpp"
#include "master/agent_api.hpp"
#include "master/core_runner.hpp"
#include "master/flags.hpp"
#include "master/operator_api.hpp"
#include "master/registry.hpp"
#include "master/scheduler_api.hpp"

namespace tepui::master {

/// Owner: main(), or a test. [loop]
///
///   EventLoop loop;
///   Daemon daemon(loop.executor(), flags);
///   TEPUI_CO_ASSIGN(auto address, daemon.start());   // serving from here on
///   …                                                // co_await daemon.wait_failure()
///   co_await daemon.stop();
class Daemon {
 public:
  Daemon(Executor executor, MasterFlags flags);
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;
  ~Daemon();

  /// Opens the work directory and the registry (blocking: nothing is served before), listens, and writes the address file.
  /// Errors: each of these steps'; nothing is left running or written then.
  Result<http::Endpoint> start();
  /// Never succeeds: fails when it is impossible to go on, with the reason. Errors: that, Cancelled.
  Async<void> wait_failure();
  /// Ends streams without taking their end for their peers', waits for what is being written, removes the address file.
  Async<void> stop();

  [[nodiscard]] const MasterCore& core() const { return runner_->core(); }

 private:
  http::Router make_router();

  Executor executor_;
  MasterFlags flags_;
  SystemClock clock_;
  SystemRandom random_;
  Notification failed_;
  std::optional<Error> failure_;
  std::unique_ptr<Registry> registry_;
  std::unique_ptr<CoreRunner> runner_;
  std::unique_ptr<SchedulerApi> schedulers_;
  std::unique_ptr<AgentApi> agents_;
  OperatorApi operators_;
  std::unique_ptr<http::Server> server_;
};

}  // namespace tepui::master

// What operators and tools ask of the master: /health, /version, /redirect, /state and its aliases, /metrics/snapshot,
// lists of agents, frameworks and tasks; and ours: POST /tepui/v1/tasks/kill.
#pragma once

#include "lib/http/router.hpp"
#include "lib/http/server.hpp"
#include "master/core_runner.hpp"

namespace tepui::master {

/// Views are read from the core on the loop. Outlives the server whose router it was added to. [loop]
class OperatorApi {
 public:
  OperatorApi() = default;
  OperatorApi(const OperatorApi&) = delete;
  OperatorApi& operator=(const OperatorApi&) = delete;

  /// Every Mesos route also under "/master".
  void add_to(http::Router& router);
  /// Before the first request: whom to ask. Both outlive it.
  void attach(CoreRunner& runner, const http::Server& server) {
    runner_ = &runner;
    server_ = &server;
  }

 private:
  Async<http::Response> health(http::Request request);
  Async<http::Response> version(http::Request request);
  Async<http::Response> redirect(http::Request request);
  Async<http::Response> state(http::Request request);
  Async<http::Response> agents(http::Request request);
  Async<http::Response> frameworks(http::Request request);
  Async<http::Response> tasks(http::Request request);
  Async<http::Response> metrics(http::Request request);
  Async<http::Response> kill(http::Request request);

  CoreRunner* runner_ = nullptr;
  const http::Server* server_ = nullptr;
};

}  // namespace tepui::master

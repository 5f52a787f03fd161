// POST /api/v1/agent: the HTTP edge of the agent link (api/tepui/v1/agent_link.proto). What calls mean is the core's.
#pragma once

#include "lib/http/router.hpp"
#include "master/core_runner.hpp"

namespace tepui::master {

/// The same transport rules as the scheduler API. Outlives the server whose router it was added to. [loop]
class AgentApi {
 public:
  explicit AgentApi(CoreRunner& runner) : runner_(runner) {}
  AgentApi(const AgentApi&) = delete;
  AgentApi& operator=(const AgentApi&) = delete;

  Async<http::Response> call(http::Request request);

 private:
  Async<http::Response> subscribe(http::Request request, tepui::v1::AgentCall call);
  CoreRunner& runner_;
};

}  // namespace tepui::master

// AgentView: what the agent's HTTP API may look at. Borrowed parts of the daemon; [loop].
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "agent/containerizer/containerizer.hpp"
#include "agent/core/agent_core.hpp"
#include "agent/files/sandbox_files.hpp"
#include "lib/async/blocking_pool.hpp"
#include "lib/base/clock.hpp"
#include "lib/http/endpoint.hpp"
#include "lib/http/server.hpp"

namespace tepui::agent {

/// The version of the Mesos API that is spoken; clients parse it and refuse what is below 1.0.0 (wire-quirks.md 18).
inline constexpr const char* kMesosVersion = "1.11.0";

struct AgentView {
  const AgentCore& core;
  Containerizer& containerizer;
  SandboxFiles files;
  BlockingPool& pool;
  const Clock& clock;
  WallTime started{};
  std::map<std::string, std::string> flags;
  http::Endpoint address{};
  /// The master of the present subscription.
  std::function<std::optional<http::HostPort>()> master;
  /// Whether checkpoints cannot be written.
  std::function<bool()> is_stalled;
};

}  // namespace tepui::agent

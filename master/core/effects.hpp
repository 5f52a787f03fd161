// What the pure core asks its shell to do. Plain data; the shell performs it, in order, and decides nothing.
#pragma once

#include <map>
#include <string>
#include <variant>
#include <vector>

#include "mesos/v1/scheduler/scheduler.pb.h"
#include "tepui/v1/agent_link.pb.h"

namespace tepui::master {

/// The Mesos-Stream-Id of one event stream. The shell makes it (a random UUID's text) before it hands a SUBSCRIBE to the core.
using StreamId = std::string;

/// Write one event to a scheduler's stream. A stream that is closed meanwhile swallows it.
struct SendToScheduler {
  std::string framework_id;  // for the log; empty for a refused subscription
  StreamId stream;
  mesos::v1::scheduler::Event event;
};

/// Write one event to an agent's stream. A stream that is closed meanwhile swallows it.
struct SendToAgent {
  std::string agent_id;
  StreamId stream;
  tepui::v1::AgentEvent event;
};

/// End the stream after everything sent to it before. The core has forgotten it: no `stream_closed` is expected, one is harmless.
struct CloseStream {
  StreamId stream;
  std::string reason;
};

/// Change the registry in one transaction: all of `puts`, then all of `erases`. Must be durable before any later effect
/// (of this call or a later one) is performed and before the call that caused it is answered. A registry that cannot be written ends the daemon.
struct StoreInRegistry {
  std::map<std::string, std::string> puts;
  std::vector<std::string> erases;
};

using Effect = std::variant<SendToScheduler, SendToAgent, CloseStream, StoreInRegistry>;
using Effects = std::vector<Effect>;

/// What the registry holds: keys like "agents/<id>" with protobuf bytes of tepui.v1 (api/tepui/v1/registry.proto).
using RegistryContents = std::map<std::string, std::string>;

/// How a call is answered over HTTP, after its effects are performed.
struct CallResult {
  int status = 202;     // 200 opens the stream of a SUBSCRIBE; 202 has an empty body; otherwise `message` is the body
  std::string message;  // text/plain
  Effects effects;
};

}  // namespace tepui::master

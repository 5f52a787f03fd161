// Outbox: the effects of the event at hand, in order.
#pragma once

#include <string>
#include <utility>

#include "master/core/agent.hpp"
#include "master/core/effects.hpp"
#include "master/core/framework.hpp"

namespace tepui::master {

class Outbox {
 public:
  /// Nothing while the framework is disconnected: what it missed it learns by reconciling, or the agent sends it again.
  void send(const Framework& framework, mesos::v1::scheduler::Event event);
  /// Nothing while the agent is not connected: its next subscription says what it missed.
  void send(const Agent& agent, tepui::v1::AgentEvent event);
  /// To a stream that belongs to nobody: a refused subscription.
  void refuse_scheduler(const StreamId& stream, std::string message);
  void refuse_agent(const StreamId& stream, std::string message, bool is_removed);
  void close(const StreamId& stream, std::string reason);
  void store(StoreInRegistry change);
  Effects take() { return std::exchange(effects_, {}); }

 private:
  Effects effects_;
};

}  // namespace tepui::master

// Agent: one node, as the master knows it, with the ledger of its resources.
#pragma once

#include <cstdint>
#include <string>

#include "lib/model/agent_lifecycle.hpp"
#include "lib/model/resources.hpp"
#include "master/core/effects.hpp"
#include "mesos/v1/mesos.pb.h"

namespace tepui::master {

struct Agent {
  std::string id;
  mesos::v1::AgentInfo info;
  AgentState state = AgentState::Recovered;
  std::string version;
  std::string ip;
  std::uint16_t port = 0;

  /// Its event stream; empty unless it is Registered.
  StreamId stream;
  double registered_time = 0;    // seconds since the epoch
  double reregistered_time = 0;  // 0 if never
  double unreachable_time = 0;   // 0 unless Unreachable

  /// offered + used + free = total, amounts without allocation roles; `free` of an agent that is not Registered is not offered.
  Resources total;
  Resources held;  // offered + used
  Resources free;  // total - held; stops at zero for an agent that came back smaller than what runs on it

  [[nodiscard]] bool is_registered() const { return state == AgentState::Registered; }
};

}  // namespace tepui::master

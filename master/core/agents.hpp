// Agents: all agents by id and by stream, whatever state they are in.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "master/core/agent.hpp"

namespace tepui::master {

class Agents {
 public:
  /// nullptr if there is none.
  [[nodiscard]] Agent* find(std::string_view id);
  [[nodiscard]] const Agent* find(std::string_view id) const;
  [[nodiscard]] Agent* find_by_stream(std::string_view stream);
  [[nodiscard]] const std::map<std::string, Agent, std::less<>>& all() const { return agents_; }
  [[nodiscard]] std::map<std::string, Agent, std::less<>>& all() { return agents_; }
  [[nodiscard]] std::vector<std::string> registered_ids() const;

  /// `agent.id` is new.
  Agent& add(Agent agent);
  /// An empty `stream` means none.
  void set_stream(Agent& agent, StreamId stream);
  void remove(std::string_view id);

 private:
  std::map<std::string, Agent, std::less<>> agents_;
  std::map<std::string, std::string, std::less<>> id_by_stream_;
};

}  // namespace tepui::master

#include "master/core/agents.hpp"

namespace tepui::master {

Agent* Agents::find(std::string_view id) {
  const auto found = agents_.find(id);
  return found == agents_.end() ? nullptr : &found->second;
}

const Agent* Agents::find(std::string_view id) const {
  const auto found = agents_.find(id);
  return found == agents_.end() ? nullptr : &found->second;
}

Agent* Agents::find_by_stream(std::string_view stream) {
  const auto found = id_by_stream_.find(stream);
  return found == id_by_stream_.end() ? nullptr : find(found->second);
}

std::vector<std::string> Agents::registered_ids() const {
  std::vector<std::string> ids;
  for (const auto& [id, agent] : agents_) {
    if (agent.is_registered()) ids.push_back(id);
  }
  return ids;
}

Agent& Agents::add(Agent agent) {
  std::string id = agent.id;
  return agents_.emplace(std::move(id), std::move(agent)).first->second;
}

void Agents::set_stream(Agent& agent, StreamId stream) {
  if (!agent.stream.empty()) id_by_stream_.erase(agent.stream);
  agent.stream = std::move(stream);
  if (!agent.stream.empty()) id_by_stream_[agent.stream] = agent.id;
}

void Agents::remove(std::string_view id) {
  const auto found = agents_.find(id);
  if (found == agents_.end()) return;
  set_stream(found->second, {});
  agents_.erase(found);
}

}  // namespace tepui::master

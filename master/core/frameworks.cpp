#include "master/core/frameworks.hpp"

#include <algorithm>

namespace tepui::master {

bool Framework::has_capability(mesos::v1::FrameworkInfo::Capability::Type type) const {
  return std::any_of(info.capabilities().begin(), info.capabilities().end(),
                     [type](const auto& capability) { return capability.type() == type; });
}

Framework* Frameworks::find(std::string_view id) {
  const auto found = frameworks_.find(id);
  return found == frameworks_.end() ? nullptr : &found->second;
}

const Framework* Frameworks::find(std::string_view id) const {
  const auto found = frameworks_.find(id);
  return found == frameworks_.end() ? nullptr : &found->second;
}

Framework* Frameworks::find_by_stream(std::string_view stream) {
  const auto found = id_by_stream_.find(stream);
  return found == id_by_stream_.end() ? nullptr : find(found->second);
}

Framework& Frameworks::add(Framework framework) {
  std::string id = framework.id;
  return frameworks_.emplace(std::move(id), std::move(framework)).first->second;
}

void Frameworks::set_stream(Framework& framework, StreamId stream) {
  if (!framework.stream.empty()) id_by_stream_.erase(framework.stream);
  framework.stream = std::move(stream);
  if (!framework.stream.empty()) id_by_stream_[framework.stream] = framework.id;
}

std::vector<std::string> Frameworks::complete(std::string_view id) {
  std::vector<std::string> forgotten;
  const auto found = frameworks_.find(id);
  if (found == frameworks_.end()) return forgotten;
  set_stream(found->second, {});
  add_completed(std::move(found->second));
  frameworks_.erase(found);
  while (completed_.size() > max_completed_) {
    forgotten.push_back(completed_.front().id);
    completed_.pop_front();
  }
  return forgotten;
}

void Frameworks::add_completed(Framework framework) { completed_.push_back(std::move(framework)); }

bool Frameworks::is_completed(std::string_view id) const {
  return std::any_of(completed_.begin(), completed_.end(), [id](const Framework& framework) { return framework.id == id; });
}

}  // namespace tepui::master

#include "master/core/tasks.hpp"

namespace tepui::master {
namespace {

template <class Pointer, class Map>
std::vector<Pointer> list_of_framework(Map& tasks, const std::string& framework_id) {
  std::vector<Pointer> list;
  for (auto entry = tasks.lower_bound({framework_id, {}}); entry != tasks.end() && entry->first.first == framework_id; ++entry) {
    list.push_back(&entry->second);
  }
  return list;
}

}  // namespace

Task* Tasks::find(const std::string& framework_id, const std::string& task_id) {
  const auto found = tasks_.find({framework_id, task_id});
  return found == tasks_.end() ? nullptr : &found->second;
}

const Task* Tasks::find(const std::string& framework_id, const std::string& task_id) const {
  const auto found = tasks_.find({framework_id, task_id});
  return found == tasks_.end() ? nullptr : &found->second;
}

std::vector<Task*> Tasks::of_framework(const std::string& framework_id) {
  return list_of_framework<Task*>(tasks_, framework_id);
}

std::vector<const Task*> Tasks::of_framework(const std::string& framework_id) const {
  return list_of_framework<const Task*>(tasks_, framework_id);
}

std::vector<Task*> Tasks::on_agent(const std::string& agent_id) {
  std::vector<Task*> list;
  const auto keys = keys_by_agent_.find(agent_id);
  if (keys == keys_by_agent_.end()) return list;
  for (const TaskKey& key : keys->second) list.push_back(&tasks_.at(key));
  return list;
}

std::vector<const Task*> Tasks::on_agent(const std::string& agent_id) const {
  std::vector<const Task*> list;
  const auto keys = keys_by_agent_.find(agent_id);
  if (keys == keys_by_agent_.end()) return list;
  for (const TaskKey& key : keys->second) list.push_back(&tasks_.at(key));
  return list;
}

Task& Tasks::add(Task task) {
  const TaskKey key{task.framework_id, task.id};
  keys_by_agent_[task.agent_id].insert(key);
  return tasks_.emplace(key, std::move(task)).first->second;
}

void Tasks::remove(const std::string& framework_id, const std::string& task_id) {
  const auto found = tasks_.find({framework_id, task_id});
  if (found == tasks_.end()) return;
  const auto keys = keys_by_agent_.find(found->second.agent_id);
  keys->second.erase(found->first);
  if (keys->second.empty()) keys_by_agent_.erase(keys);
  tasks_.erase(found);
}

}  // namespace tepui::master

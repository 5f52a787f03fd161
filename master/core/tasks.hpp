// Tasks: all tasks by framework and id, and by agent.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "master/core/task.hpp"

namespace tepui::master {

/// (framework id, task id)
using TaskKey = std::pair<std::string, std::string>;

class Tasks {
 public:
  /// nullptr if there is none.
  [[nodiscard]] Task* find(const std::string& framework_id, const std::string& task_id);
  [[nodiscard]] const Task* find(const std::string& framework_id, const std::string& task_id) const;
  [[nodiscard]] const std::map<TaskKey, Task>& all() const { return tasks_; }
  /// Ordered by id; pointers are valid until a task is added or removed.
  [[nodiscard]] std::vector<Task*> of_framework(const std::string& framework_id);
  [[nodiscard]] std::vector<const Task*> of_framework(const std::string& framework_id) const;
  [[nodiscard]] std::vector<Task*> on_agent(const std::string& agent_id);
  [[nodiscard]] std::vector<const Task*> on_agent(const std::string& agent_id) const;

  /// Its key is new.
  Task& add(Task task);
  void remove(const std::string& framework_id, const std::string& task_id);

 private:
  std::map<TaskKey, Task> tasks_;
  std::map<std::string, std::set<TaskKey>> keys_by_agent_;
};

}  // namespace tepui::master

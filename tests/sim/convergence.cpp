// What must hold when the storm is long over: the views of frameworks, master and agents are one.
#include <fmt/format.h>

#include "tests/sim/simulation.hpp"

namespace tepui::sim {
namespace {

using mesos::v1::TaskState_Name;

struct Executed {
  int starts = 0;
  bool is_running = false;
  std::string agent;
  std::optional<int> wait_status;
};

Executed executed(const Cluster& cluster, const agent::TaskKey& key) {
  Executed sum;
  for (const auto& agent : cluster.agents) {
    const auto found = agent->executions().find(key);
    if (found == agent->executions().end()) continue;
    sum.starts += found->second.starts;
    sum.is_running = sum.is_running || found->second.is_running;
    sum.agent = agent->name();
    sum.wait_status = found->second.wait_status;
  }
  return sum;
}

/// A task that is over for its framework: it is over everywhere, and ended the way the framework heard.
std::string check_ended(const LaunchedTask& task, const Executed& run) {
  if (run.is_running) return fmt::format("{} is {} to its framework and runs on {}", task.id, TaskState_Name(task.state), run.agent);
  if (task.terminal_uuids.size() > 1) return fmt::format("{} ended {} times", task.id, task.terminal_uuids.size());
  if (!run.wait_status) return {};
  const bool is_success = *run.wait_status == 0;
  const bool is_told_success = task.state == mesos::v1::TASK_FINISHED;
  if (is_success == is_told_success) return {};
  return fmt::format("{} ended with {} and its framework heard {}", task.id, *run.wait_status, TaskState_Name(task.state));
}

/// A task that lives: everybody knows, and knows the same.
std::string check_living(const Cluster& cluster, const SimulatedFramework& framework, const LaunchedTask& task,
                         const Executed& run) {
  const master::Task* known = cluster.master.core()->cluster().tasks.find(framework.id(), task.id);
  if (task.state != mesos::v1::TASK_RUNNING && task.state != mesos::v1::TASK_LOST) {
    return fmt::format("{} is still {} to its framework", task.id, TaskState_Name(task.state));
  }
  if (task.state == mesos::v1::TASK_LOST) {
    if (known != nullptr || run.is_running) return fmt::format("{} is lost to its framework and lives", task.id);
    return {};
  }
  if (!run.is_running) return fmt::format("{} is running to its framework and does not run", task.id);
  if (known == nullptr) return fmt::format("{} runs and the master does not know", task.id);
  if (known->state != TaskState::Running) return fmt::format("{} runs and is {} to the master", task.id, TaskState_Name(known->status.state()));
  for (const auto& agent : cluster.agents) {
    if (agent->name() != run.agent) continue;
    if (known->agent_id != agent->core()->agent_id()->value()) return fmt::format("{} runs elsewhere than the master believes", task.id);
    const auto held = agent->core()->tasks().find({framework.id(), task.id});
    if (held == agent->core()->tasks().end()) return fmt::format("{} runs and its agent does not know", task.id);
    if (held->second.latest.state() != mesos::v1::TASK_RUNNING) return fmt::format("{} runs and its agent says otherwise", task.id);
  }
  return {};
}

std::string check_framework(const Cluster& cluster, const SimulatedFramework& framework) {
  for (const auto& [id, task] : framework.tasks()) {
    const Executed run = executed(cluster, {framework.id(), id});
    if (run.starts > 1) return fmt::format("{} was executed {} times", id, run.starts);
    if (framework.script().is_torn_down) {
      if (run.is_running) return fmt::format("{} runs and its framework is torn down", id);
      continue;
    }
    const std::string wrong = task.is_over ? check_ended(task, run) : check_living(cluster, framework, task, run);
    if (!wrong.empty()) return wrong;
  }
  if (framework.script().is_torn_down) {
    if (!cluster.master.core()->cluster().frameworks.is_completed(framework.id())) return framework.script().name + " is not torn down";
    return {};
  }
  if (cluster.master.core()->cluster().frameworks.find(framework.id()) == nullptr) {
    return framework.script().name + " is not known to the master";
  }
  return {};
}

/// Nobody holds a task that no framework thinks alive.
std::string check_leftovers(const Cluster& cluster) {
  const auto lives = [&cluster](const agent::TaskKey& key) {
    for (const auto& framework : cluster.frameworks) {
      if (framework->id() != key.first || framework->script().is_torn_down) continue;
      const auto task = framework->tasks().find(key.second);
      return task != framework->tasks().end() && !task->second.is_over;
    }
    return false;
  };
  for (const auto& [key, task] : cluster.master.core()->cluster().tasks.all()) {
    if (!lives(key)) return fmt::format("the master still holds {}, {}", key.second, TaskState_Name(task.status.state()));
  }
  for (const auto& agent : cluster.agents) {
    for (const auto& key : agent->contained()) {
      if (!lives(key)) return fmt::format("{} still has a container of {}", agent->name(), key.second);
    }
    for (const auto& [key, task] : agent->core()->tasks()) {
      if (!lives(key)) return fmt::format("{} still holds {}, {}", agent->name(), key.second, TaskState_Name(task.latest.state()));
      if (!task.unacknowledged.empty()) return fmt::format("{} waits for an acknowledgement of {}", agent->name(), key.second);
    }
  }
  return {};
}

std::string check_agents(const Cluster& cluster) {
  for (const auto& agent : cluster.agents) {
    if (!agent->core()->is_subscribed()) return agent->name() + " is not subscribed";
    const master::Agent* known = cluster.master.core()->cluster().agents.find(agent->core()->agent_id()->value());
    if (known == nullptr || !known->is_registered()) return agent->name() + " is not registered";
  }
  return {};
}

}  // namespace

std::string difference_of_views(const Cluster& cluster) {
  if (std::string wrong = check_agents(cluster); !wrong.empty()) return wrong;
  for (const auto& framework : cluster.frameworks) {
    if (std::string wrong = check_framework(cluster, *framework); !wrong.empty()) return wrong;
  }
  return check_leftovers(cluster);
}

}  // namespace tepui::sim

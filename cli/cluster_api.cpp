#include "cli/cluster_api.hpp"

#include <algorithm>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>
#include <fmt/format.h>

#include "cli/json_request.hpp"
#include "lib/base/try.hpp"

namespace tepui::cli {
namespace {

namespace json = boost::json;

std::string text_of(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr) return {};
  if (value->is_string()) return std::string(value->get_string());
  return json::serialize(*value);
}

double number_of(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr || !value->is_number()) return 0;
  return value->to_number<double>();
}

bool flag_of(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_bool() && value->get_bool();
}

const json::object& object_of(const json::object& object, std::string_view key) {
  static const json::object kEmpty;
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_object() ? value->get_object() : kEmpty;
}

const json::array& array_of(const json::object& object, std::string_view key) {
  static const json::array kEmpty;
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_array() ? value->get_array() : kEmpty;
}

AgentView to_agent(const json::object& object) {
  AgentView agent;
  agent.id = text_of(object, "id");
  agent.hostname = text_of(object, "hostname");
  const std::string pid = text_of(object, "pid");  // slave(1)@IP:PORT
  agent.address = pid.substr(pid.find('@') == std::string::npos ? 0 : pid.find('@') + 1);
  agent.is_active = flag_of(object, "active");
  const auto& total = object_of(object, "resources");
  const auto& used = object_of(object, "used_resources");
  agent.cpus = number_of(total, "cpus");
  agent.mem_mebibytes = number_of(total, "mem");
  agent.used_cpus = number_of(used, "cpus");
  agent.used_mem_mebibytes = number_of(used, "mem");
  for (const auto& [key, value] : object_of(object, "attributes")) {
    if (!agent.attributes.empty()) agent.attributes += ';';
    agent.attributes += std::string(key) + ':' +
                        (value.is_string() ? std::string(value.get_string()) : json::serialize(value));
  }
  return agent;
}

TaskView to_task(const json::object& object) {
  TaskView task;
  task.id = text_of(object, "id");
  task.name = text_of(object, "name");
  task.framework_id = text_of(object, "framework_id");
  task.agent_id = text_of(object, "slave_id");
  task.state = text_of(object, "state");
  const auto& resources = object_of(object, "resources");
  task.cpus = number_of(resources, "cpus");
  task.mem_mebibytes = number_of(resources, "mem");
  const auto& statuses = array_of(object, "statuses");
  if (!statuses.empty() && statuses.back().is_object()) task.message = text_of(statuses.back().get_object(), "message");
  task.raw = object;
  return task;
}

FrameworkView to_framework(const json::object& object, bool is_completed) {
  FrameworkView framework;
  framework.id = text_of(object, "id");
  framework.name = text_of(object, "name");
  framework.user = text_of(object, "user");
  for (const auto& role : array_of(object, "roles")) {
    if (!role.is_string()) continue;
    if (!framework.roles.empty()) framework.roles += ',';
    framework.roles += std::string_view(role.get_string());
  }
  if (framework.roles.empty()) framework.roles = text_of(object, "role");
  framework.state = is_completed ? "completed" : flag_of(object, "active") ? "active" : "disconnected";
  framework.running_task_count = array_of(object, "tasks").size();
  framework.completed_task_count = array_of(object, "completed_tasks").size();
  return framework;
}

void add_tasks(const json::object& framework, std::string_view key, std::vector<TaskView>& tasks) {
  for (const auto& task : array_of(framework, key)) {
    if (task.is_object()) tasks.push_back(to_task(task.get_object()));
  }
}

ClusterView to_cluster(const json::object& state) {
  ClusterView cluster;
  for (const auto& agent : array_of(state, "slaves")) {
    if (agent.is_object()) cluster.agents.push_back(to_agent(agent.get_object()));
  }
  std::vector<TaskView> ended;
  for (const std::string_view list : {"frameworks", "completed_frameworks"}) {
    for (const auto& framework : array_of(state, list)) {
      if (!framework.is_object()) continue;
      const auto& object = framework.get_object();
      cluster.frameworks.push_back(to_framework(object, list == "completed_frameworks"));
      add_tasks(object, "tasks", cluster.tasks);
      add_tasks(object, "completed_tasks", ended);
    }
  }
  cluster.tasks.insert(cluster.tasks.end(), ended.begin(), ended.end());
  return cluster;
}

std::string encoded(const std::string& text) { return boost::urls::encode(text, boost::urls::unreserved_chars); }

}  // namespace

const AgentView* ClusterView::find_agent(const std::string& id) const {
  const auto found = std::find_if(agents.begin(), agents.end(), [&](const AgentView& agent) { return agent.id == id; });
  return found == agents.end() ? nullptr : &*found;
}

Async<ClusterView> fetch_cluster(std::string master) {
  TEPUI_CO_ASSIGN(json::object state, co_await fetch_json(master, "/state"),
                  fmt::format("ask master {} for its state", master));
  co_return to_cluster(state);
}

Result<TaskView> find_task(const ClusterView& cluster, const std::string& task_id, const std::string& framework_id) {
  std::vector<const TaskView*> found;
  for (const TaskView& task : cluster.tasks) {
    if (task.id == task_id && (framework_id.empty() || task.framework_id == framework_id)) found.push_back(&task);
  }
  if (found.empty()) return Error(ErrorCode::NotFound, fmt::format("find task '{}': the master knows none", task_id));
  if (found.size() == 1) return *found.front();
  std::string frameworks;
  for (const TaskView* task : found) frameworks += (frameworks.empty() ? "" : ", ") + task->framework_id;
  return Error(ErrorCode::FailedPrecondition, fmt::format("find task '{}': several frameworks have one", task_id))
      .with_hint(fmt::format("choose with --framework: {}", frameworks));
}

Async<json::object> fetch_container(std::string agent_address, std::string framework_id, std::string task_id) {
  TEPUI_CO_ASSIGN(json::object answer, co_await fetch_json(agent_address, "/tepui/v1/containers"),
                  fmt::format("ask agent {} for its containers", agent_address));
  for (const auto& container : array_of(answer, "containers")) {
    if (!container.is_object()) continue;
    const auto& object = container.get_object();
    if (text_of(object, "framework_id") == framework_id && text_of(object, "task_id") == task_id) co_return object;
  }
  co_return Error(ErrorCode::NotFound, fmt::format("find container of task '{}' on agent {}", task_id, agent_address));
}

Async<std::string> read_sandbox_file(std::string agent_address, std::string path, std::uint64_t offset) {
  const std::string target = fmt::format("/files/read?path={}&offset={}", encoded(path), offset);
  TEPUI_CO_ASSIGN(json::object answer, co_await fetch_json(agent_address, target),
                  fmt::format("read \"{}\" from agent {}", path, agent_address));
  co_return text_of(answer, "data");
}

Async<void> kill_task(std::string master, std::string framework_id, std::string task_id) {
  const json::object body = {{"framework_id", framework_id}, {"task_id", task_id}};
  TEPUI_CO_TRY(co_await post_json(master, "/tepui/v1/tasks/kill", body), fmt::format("kill task '{}'", task_id));
  co_return ok();
}

}  // namespace tepui::cli

#include <boost/json/array.hpp>

#include "agent/api/json_models.hpp"
#include "api/resources_convert.hpp"
#include "lib/model/attributes.hpp"
#include "lib/model/resources_text.hpp"

namespace tepui::agent {
namespace {

namespace json = boost::json;

/// A task of the core, alive or forgotten, in one shape.
struct TaskRow {
  const TaskKey& key;
  const mesos::v1::TaskInfo& info;
  const std::string& container_id;
  const mesos::v1::TaskStatus& latest;
  bool is_completed;
};

json::array labels_json(const mesos::v1::Labels& labels) {
  json::array array;
  for (const auto& label : labels.labels()) array.push_back(json::object{{"key", label.key()}, {"value", label.value()}});
  return array;
}

json::object status_json(const mesos::v1::TaskStatus& status) {
  json::object object{{"state", mesos::v1::TaskState_Name(status.state())}, {"timestamp", status.timestamp()}};
  json::object container{{"container_id", {{"value", status.container_status().container_id().value()}}}};
  json::array networks;
  for (const auto& network : status.container_status().network_infos()) {
    json::array addresses;
    for (const auto& address : network.ip_addresses()) {
      addresses.push_back(json::object{{"ip_address", address.ip_address()}});
    }
    networks.push_back(json::object{{"ip_addresses", std::move(addresses)}});
  }
  container["network_infos"] = std::move(networks);
  object["container_status"] = std::move(container);
  return object;
}

json::object task_json(const TaskRow& row) {
  json::object object{
      {"id", row.key.second},
      {"name", row.info.name()},
      {"framework_id", row.key.first},
      {"executor_id", ""},  // as Mesos writes command tasks
      {"slave_id", row.info.agent_id().value()},
      {"state", mesos::v1::TaskState_Name(row.latest.state())},
      {"resources", resources_json(row.info.resources())},
      {"statuses", json::array{status_json(row.latest)}},
  };
  if (row.info.has_labels()) object["labels"] = labels_json(row.info.labels());
  return object;
}

json::object executor_json(const TaskRow& row, const AgentView& view) {
  json::array tasks;
  json::array completed;
  (row.is_completed ? completed : tasks).push_back(task_json(row));
  const auto container = view.containerizer.find(row.container_id);
  return {
      {"id", row.key.second},
      {"name", "Command Executor (Task: " + row.key.second + ")"},
      {"source", row.key.second},
      {"container", row.container_id},
      {"directory", container ? container->sandbox : std::string()},
      {"type", ""},
      {"resources", resources_json(row.info.resources())},
      {"tasks", std::move(tasks)},
      {"queued_tasks", json::array()},
      {"completed_tasks", std::move(completed)},
  };
}

json::object framework_json(const std::string& id, const mesos::v1::FrameworkInfo* info) {
  json::object object{{"id", id}, {"executors", json::array()}, {"completed_executors", json::array()}};
  if (info == nullptr) return object;
  object["name"] = info->name();
  object["user"] = info->user();
  object["hostname"] = info->hostname();
  object["checkpoint"] = info->checkpoint();
  object["failover_timeout"] = info->failover_timeout();
  // One or the other, as the framework itself said it.
  if (info->roles().empty()) {
    object["role"] = info->role();
  } else {
    json::array roles;
    for (const auto& role : info->roles()) roles.emplace_back(role);
    object["roles"] = std::move(roles);
  }
  return object;
}

/// Frameworks with a task here, and those of which only forgotten tasks are left.
void add_frameworks(const AgentView& view, json::object& state) {
  std::map<std::string, json::object> live;
  std::map<std::string, json::object> gone;
  const auto& frameworks = view.core.frameworks();
  for (const auto& [id, framework] : frameworks) live.emplace(id, framework_json(id, &framework.info));
  const auto add = [&](const TaskRow& row) {
    const bool is_live = live.contains(row.key.first);
    auto& framework = (is_live ? live : gone).try_emplace(row.key.first, framework_json(row.key.first, nullptr)).first->second;
    framework[row.is_completed ? "completed_executors" : "executors"].as_array().push_back(executor_json(row, view));
  };
  for (const auto& [key, task] : view.core.tasks()) {
    if (task.is_ghost) continue;
    add({key, task.info, task.container_id, task.latest, task.phase == TaskPhase::Ended});
  }
  for (const auto& task : view.core.completed_tasks()) {
    if (live.contains(task.key.first)) {
      add({task.key, task.info, task.container_id, task.latest, true});
    } else {
      auto& framework = gone.try_emplace(task.key.first, framework_json(task.key.first, &task.framework)).first->second;
      framework["completed_executors"].as_array().push_back(
          executor_json({task.key, task.info, task.container_id, task.latest, true}, view));
    }
  }
  json::array live_array;
  for (auto& [id, framework] : live) live_array.push_back(std::move(framework));
  json::array gone_array;
  for (auto& [id, framework] : gone) gone_array.push_back(std::move(framework));
  state["frameworks"] = std::move(live_array);
  state["completed_frameworks"] = std::move(gone_array);
}

json::object attributes_json(const mesos::v1::AgentInfo& info) {
  json::object object;
  const auto attributes = api::attributes_from_proto(info.attributes());
  if (!attributes) return object;
  for (const auto& attribute : *attributes) {
    if (const auto* scalar = std::get_if<Scalar>(&attribute.value)) {
      object[attribute.name] = scalar->value();
      continue;
    }
    const std::string text = format_attributes({attribute});
    object[attribute.name] = text.substr(std::min(text.size(), attribute.name.size() + 1));
  }
  return object;
}

}  // namespace

json::object resources_json(const google::protobuf::RepeatedPtrField<mesos::v1::Resource>& list) {
  json::object object{{"cpus", 0.0}, {"mem", 0.0}, {"disk", 0.0}, {"gpus", 0.0}};
  const auto resources = api::resources_from_proto(list);
  if (!resources) return object;
  for (const auto& [name, amount] : resources->scalar_quantities()) object[name] = amount.value();
  std::map<std::string, Resources> others;
  for (const auto& [identity, value] : resources->entries()) {
    if (kind_of(value) == ValueKind::Scalar) continue;
    Resource bare;
    bare.identity.name = identity.name;
    bare.value = value;
    others[identity.name].add(bare);
  }
  for (const auto& [name, sum] : others) object[name] = format_value(sum.entries().begin()->second);
  return object;
}

json::object state_json(const AgentView& view) {
  const auto info = view.core.agent_info();
  const auto& counters = view.core.counters();
  json::object flags;
  for (const auto& [name, value] : view.flags) flags[name] = value;
  json::object state{
      {"version", kMesosVersion},
      {"id", info.id().value()},
      {"pid", "slave(1)@" + view.address.to_string()},
      {"hostname", info.hostname()},
      {"start_time", to_epoch_seconds(view.started)},
      {"resources", resources_json(info.resources())},
      {"unreserved_resources", resources_json(info.resources())},
      {"reserved_resources", json::object()},
      {"attributes", attributes_json(info)},
      {"flags", std::move(flags)},
      {"finished_tasks", counters.tasks_finished},
      {"failed_tasks", counters.tasks_failed},
      {"killed_tasks", counters.tasks_killed},
      {"lost_tasks", counters.tasks_lost},
  };
  if (const auto master = view.master()) state["master_hostname"] = master->host;
  add_frameworks(view, state);
  return state;
}

}  // namespace tepui::agent

#include "master/state_json.hpp"

#include <fmt/format.h>

#include "api/json.hpp"
#include "api/json_text.hpp"
#include "lib/model/resources_text.hpp"
#include "master/core/wire_resources.hpp"

namespace tepui::master {
namespace {

using api::JsonText;

/// What an agent or framework holds, by use.
struct Usage {
  Resources used;
  Resources offered;
};
using UsageById = std::map<std::string, Usage, std::less<>>;

struct View {
  UsageById by_agent;
  UsageById by_framework;
  std::map<std::string, std::vector<const Task*>, std::less<>> tasks;      // by framework
  std::map<std::string, std::vector<const Offer*>, std::less<>> offers;    // by framework
};

View view_of(const Cluster& cluster) {
  View view;
  for (const auto& [key, task] : cluster.tasks.all()) {
    view.tasks[task.framework_id].push_back(&task);
    if (!task.is_holding) continue;
    view.by_agent[task.agent_id].used += task.resources.unallocated();
    view.by_framework[task.framework_id].used += task.resources.unallocated();
  }
  for (const auto& [id, offer] : cluster.offers.all()) {
    view.offers[offer.framework_id].push_back(&offer);
    view.by_agent[offer.agent_id].offered += offer.resources.unallocated();
    view.by_framework[offer.framework_id].offered += offer.resources.unallocated();
  }
  return view;
}

const Usage& usage_of(const UsageById& usages, const std::string& id) {
  static const Usage kNone;
  const auto found = usages.find(id);
  return found == usages.end() ? kNone : found->second;
}

template <class T>
const std::vector<const T*>& list_of(const std::map<std::string, std::vector<const T*>, std::less<>>& lists,
                                     const std::string& id) {
  static const std::vector<const T*> kNone;
  const auto found = lists.find(id);
  return found == lists.end() ? kNone : found->second;
}

/// {"cpus":1.0,"disk":0.0,"gpus":0.0,"mem":64.0,"ports":"[1-2]"}: the four known scalars always.
void write_resources(JsonText& json, const Resources& resources) {
  std::map<std::string, ResourceValue> by_name;
  for (const char* name : {"cpus", "disk", "gpus", "mem"}) by_name[name] = Scalar();
  for (const auto& [identity, value] : resources.entries()) {
    Resources sum;
    sum.add({{identity.name}, value});
    const auto found = by_name.find(identity.name);
    if (found == by_name.end()) {
      by_name.emplace(identity.name, value);
      continue;
    }
    sum.add({{identity.name}, found->second});
    found->second = sum.entries().begin()->second;
  }
  json.open_object();
  for (const auto& [name, value] : by_name) {
    json.key(name);
    if (const auto* scalar = std::get_if<Scalar>(&value)) {
      json.value(scalar->value());
    } else {
      json.value(format_value(value));
    }
  }
  json.close_object();
}

void write_reserved(JsonText& json, const Resources& total) {
  std::map<std::string, Resources> by_role;
  for (const auto& [identity, value] : total.entries()) {
    if (identity.reservation_role != kUnreserved) by_role[identity.reservation_role].add({identity, value});
  }
  json.open_object();
  for (const auto& [role, resources] : by_role) {
    json.key(role);
    write_resources(json, resources);
  }
  json.close_object();
}

void write_attributes(JsonText& json, const mesos::v1::AgentInfo& info) {
  json.open_object();
  for (const auto& attribute : info.attributes()) {
    json.key(attribute.name());
    switch (attribute.type()) {
      case mesos::v1::Value::SCALAR: json.value(attribute.scalar().value()); break;
      case mesos::v1::Value::TEXT: json.value(attribute.text().value()); break;
      case mesos::v1::Value::RANGES: {
        std::string text;
        for (const auto& range : attribute.ranges().range()) {
          text += fmt::format("{}{}-{}", text.empty() ? "" : ", ", range.begin(), range.end());
        }
        json.value("[" + text + "]");
        break;
      }
      case mesos::v1::Value::SET: {
        std::string text;
        for (const auto& item : attribute.set().item()) text += (text.empty() ? "" : ", ") + item;
        json.value("{" + text + "}");
        break;
      }
    }
  }
  json.close_object();
}

void write_status(JsonText& json, const mesos::v1::TaskStatus& status) {
  json.open_object().member("state", mesos::v1::TaskState_Name(status.state())).member("timestamp", status.timestamp());
  if (status.has_message()) json.member("message", status.message());
  if (status.has_reason()) json.member("reason", mesos::v1::TaskStatus::Reason_Name(status.reason()));
  if (status.has_source()) json.member("source", mesos::v1::TaskStatus::Source_Name(status.source()));
  if (status.has_healthy()) json.member("healthy", status.healthy());
  if (status.has_container_status()) json.key("container_status").raw(api::format_json(status.container_status()));
  json.close_object();
}

struct TaskFacts {
  const mesos::v1::TaskInfo& info;
  const mesos::v1::TaskStatus& status;
  const std::string& framework_id;
  mesos::v1::TaskState state;
};

void write_labels(JsonText& json, const mesos::v1::Labels& labels) {
  json.open_list();
  for (const auto& label : labels.labels()) json.raw(api::format_json(label));
  json.close_list();
}

void write_task(JsonText& json, const TaskFacts& task, const Resources& resources) {
  const auto& info = task.info;
  json.open_object()
      .member("id", info.task_id().value())
      .member("name", info.name())
      .member("framework_id", task.framework_id)
      .member("executor_id", info.has_executor() ? info.executor().executor_id().value() : std::string())
      .member("slave_id", info.agent_id().value())
      .member("state", mesos::v1::TaskState_Name(task.state));
  json.key("resources");
  write_resources(json, resources);
  if (!resources.empty() && !resources.entries().begin()->first.allocation_role.empty()) {
    json.member("role", resources.entries().begin()->first.allocation_role);
  }
  json.key("statuses").open_list();
  write_status(json, task.status);
  json.close_list();
  if (info.has_command() && info.command().has_user()) json.member("user", info.command().user());
  if (info.has_labels()) {
    json.key("labels");
    write_labels(json, info.labels());
  }
  if (info.has_discovery()) json.key("discovery").raw(api::format_json(info.discovery()));
  if (info.has_container()) json.key("container").raw(api::format_json(info.container()));
  json.close_object();
}

void write_task(JsonText& json, const Task& task) {
  write_task(json, {task.info, task.status, task.framework_id, task.status.state()}, task.resources);
}

void write_completed_task(JsonText& json, const CompletedTask& task, const std::string& framework_id) {
  // What a task was launched with was read before: it can be read again.
  const auto resources = resources_from_wire(task.info.resources());
  write_task(json, {task.info, task.status, framework_id, task.status.state()}, resources ? *resources : Resources());
}

void write_tasks(JsonText& json, const Framework& framework, const View& view) {
  for (const bool is_unreachable : {false, true}) {
    json.key(is_unreachable ? "unreachable_tasks" : "tasks").open_list();
    for (const Task* task : list_of(view.tasks, framework.id)) {
      if ((task->status.state() == mesos::v1::TASK_UNREACHABLE) == is_unreachable) write_task(json, *task);
    }
    json.close_list();
  }
  json.key("completed_tasks").open_list();
  for (const CompletedTask& task : framework.completed_tasks) write_completed_task(json, task, framework.id);
  json.close_list();
}

void write_offers(JsonText& json, const Framework& framework, const View& view) {
  json.key("offers").open_list();
  for (const Offer* offer : list_of(view.offers, framework.id)) {
    json.open_object().member("id", offer->id).member("framework_id", offer->framework_id);
    json.member("slave_id", offer->agent_id).key("allocation_info").open_object().member("role", offer->role).close_object();
    json.key("resources");
    write_resources(json, offer->resources);
    json.close_object();
  }
  json.close_list();
}

void write_framework(JsonText& json, const Framework& framework, const View& view) {
  const auto& info = framework.info;
  const bool is_multi_role = framework.has_capability(mesos::v1::FrameworkInfo::Capability::MULTI_ROLE);
  const Usage& usage = usage_of(view.by_framework, framework.id);
  json.open_object()
      .member("id", framework.id)
      .member("name", info.name())
      .member("user", info.user())
      .member("hostname", info.hostname())
      .member("webui_url", info.webui_url())
      .member("principal", info.principal())
      .member("checkpoint", info.checkpoint())
      .member("failover_timeout", info.failover_timeout())
      .member("active", framework.is_connected())
      .member("connected", framework.is_connected())
      .member("recovered", framework.is_recovered)
      .member("registered_time", framework.registered_time)
      .member("unregistered_time", framework.unregistered_time);
  if (framework.reregistered_time > 0) json.member("reregistered_time", framework.reregistered_time);
  json.key("capabilities").open_list();
  for (const auto& capability : info.capabilities()) {
    json.value(mesos::v1::FrameworkInfo::Capability::Type_Name(capability.type()));
  }
  json.close_list();
  if (is_multi_role) {
    json.key("roles").open_list();
    for (const std::string& role : framework.roles) json.value(role);
    json.close_list();
  } else {
    json.member("role", framework.roles.empty() ? std::string(kUnreserved) : *framework.roles.begin());
  }
  json.key("used_resources");
  write_resources(json, usage.used);
  json.key("offered_resources");
  write_resources(json, usage.offered);
  json.key("resources");
  write_resources(json, usage.used + usage.offered);
  if (info.has_labels()) {
    json.key("labels");
    write_labels(json, info.labels());
  }
  write_tasks(json, framework, view);
  write_offers(json, framework, view);
  json.key("executors").open_list().close_list().close_object();
}

void write_agent(JsonText& json, const Agent& agent, const View& view) {
  const Usage& usage = usage_of(view.by_agent, agent.id);
  json.open_object()
      .member("id", agent.id)
      .member("hostname", agent.info.hostname())
      .member("port", agent.port)
      .member("pid", fmt::format("slave(1)@{}:{}", agent.ip, agent.port))
      .member("active", agent.is_registered())
      .member("connected", agent.is_registered())
      .member("deactivated", false)
      .member("version", agent.version)
      .member("registered_time", agent.registered_time);
  if (agent.reregistered_time > 0) json.member("reregistered_time", agent.reregistered_time);
  json.key("attributes");
  write_attributes(json, agent.info);
  json.key("resources");
  write_resources(json, agent.total);
  json.key("used_resources");
  write_resources(json, usage.used);
  json.key("offered_resources");
  write_resources(json, usage.offered);
  json.key("reserved_resources");
  write_reserved(json, agent.total);
  json.key("unreserved_resources");
  write_resources(json, agent.total.filter([](const ResourceIdentity& id) { return id.reservation_role == kUnreserved; }));
  json.key("capabilities").open_list().close_list().close_object();
}

/// "slaves" (those that are here), and by name those that are not.
void write_agents(JsonText& json, const Cluster& cluster, const View& view) {
  json.key("slaves").open_list();
  for (const auto& [id, agent] : cluster.agents.all()) {
    if (agent.state == AgentState::Registered || agent.state == AgentState::Disconnected) write_agent(json, agent, view);
  }
  json.close_list();
  json.key("recovered_slaves").open_list();
  for (const auto& [id, agent] : cluster.agents.all()) {
    if (agent.state == AgentState::Recovered) write_agent(json, agent, view);
  }
  json.close_list();
}

void write_frameworks(JsonText& json, const Cluster& cluster, const View& view) {
  json.key("frameworks").open_list();
  for (const auto& [id, framework] : cluster.frameworks.all()) write_framework(json, framework, view);
  json.close_list();
  json.key("completed_frameworks").open_list();
  for (const Framework& framework : cluster.frameworks.completed()) write_framework(json, framework, view);
  json.close_list();
  json.key("unregistered_frameworks").open_list().close_list();
}

}  // namespace

std::string format_state(const MasterCore& core) {
  const Cluster& cluster = core.cluster();
  const View view = view_of(cluster);
  const auto& config = cluster.config;
  std::map<AgentState, std::uint64_t> agents;
  for (const auto& [id, agent] : cluster.agents.all()) ++agents[agent.state];
  const std::string pid = fmt::format("master@{}:{}", config.ip, config.port);
  JsonText json;
  json.open_object()
      .member("version", config.version)
      .member("id", core.master_id())
      .member("pid", pid)
      .member("hostname", config.hostname)
      .member("start_time", cluster.start_time)
      .member("elected_time", cluster.start_time)
      .member("leader", pid);
  json.key("leader_info").raw(api::format_json(core.master_info()));
  json.member("activated_slaves", agents[AgentState::Registered])
      .member("deactivated_slaves", agents[AgentState::Disconnected])
      .member("unreachable_slaves", agents[AgentState::Unreachable]);
  json.key("capabilities").open_list().close_list().key("flags").open_object().close_object();
  write_agents(json, cluster, view);
  write_frameworks(json, cluster, view);
  json.key("orphan_tasks").open_list().close_list().close_object();
  return json.take();
}

std::string format_agents(const MasterCore& core) {
  JsonText json;
  json.open_object();
  write_agents(json, core.cluster(), view_of(core.cluster()));
  json.close_object();
  return json.take();
}

std::string format_frameworks(const MasterCore& core) {
  JsonText json;
  json.open_object();
  write_frameworks(json, core.cluster(), view_of(core.cluster()));
  json.close_object();
  return json.take();
}

std::string format_tasks(const MasterCore& core, const TaskQuery& query) {
  std::size_t seen = 0;
  const auto is_wanted = [&](const std::string& framework_id, const std::string& task_id) {
    if (query.framework_id && *query.framework_id != framework_id) return false;
    if (query.task_id && *query.task_id != task_id) return false;
    ++seen;
    return seen > query.offset && seen - query.offset <= query.limit;
  };
  JsonText json;
  json.open_object().key("tasks").open_list();
  for (const auto& [key, task] : core.cluster().tasks.all()) {
    if (is_wanted(task.framework_id, task.id)) write_task(json, task);
  }
  const auto write_completed = [&](const Framework& framework) {
    for (const CompletedTask& task : framework.completed_tasks) {
      if (is_wanted(framework.id, task.info.task_id().value())) write_completed_task(json, task, framework.id);
    }
  };
  for (const auto& [id, framework] : core.cluster().frameworks.all()) write_completed(framework);
  for (const Framework& framework : core.cluster().frameworks.completed()) write_completed(framework);
  json.close_list().close_object();
  return json.take();
}

std::string format_metrics(const std::map<std::string, double>& metrics) {
  JsonText json;
  json.open_object();
  for (const auto& [name, value] : metrics) json.member(name, value);
  json.close_object();
  return json.take();
}

}  // namespace tepui::master

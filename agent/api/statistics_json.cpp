#include <unistd.h>

#include <cmath>
#include <cstdlib>

#include <boost/json/array.hpp>

#include "agent/api/json_models.hpp"
#include "api/resources_convert.hpp"

namespace tepui::agent {
namespace {

namespace json = boost::json;

struct TaskCounts {
  int starting = 0;
  int running = 0;
  int killing = 0;
};

TaskCounts count_tasks(const AgentCore& core) {
  TaskCounts counts;
  for (const auto& [key, task] : core.tasks()) {
    switch (task.latest.state()) {
      case mesos::v1::TASK_STAGING:
      case mesos::v1::TASK_STARTING: ++counts.starting; break;
      case mesos::v1::TASK_RUNNING: ++counts.running; break;
      case mesos::v1::TASK_KILLING: ++counts.killing; break;
      default: break;
    }
  }
  return counts;
}

void add_resource_metrics(const AgentCore& core, json::object& metrics) {
  const auto total = api::resources_from_proto(core.agent_info().resources());
  Resources used;
  for (const auto& [key, task] : core.tasks()) {
    if (task.phase == TaskPhase::Ended) continue;
    const auto resources = api::resources_from_proto(task.info.resources());
    if (resources) used += resources->unallocated();
  }
  for (const char* name : {"cpus", "gpus", "mem", "disk"}) {
    const double all = total ? total->quantity(name).value() : 0;
    const double taken = used.quantity(name).value();
    const std::string start = std::string("slave/") + name;
    metrics[start + "_total"] = all;
    metrics[start + "_used"] = taken;
    metrics[start + "_percent"] = all > 0 ? taken / all : 0;
  }
}

void add_system_metrics(json::object& metrics) {
  double loads[3] = {0, 0, 0};
  if (::getloadavg(loads, 3) == 3) {
    metrics["system/load_1min"] = loads[0];
    metrics["system/load_5min"] = loads[1];
    metrics["system/load_15min"] = loads[2];
  }
  const double page = static_cast<double>(::sysconf(_SC_PAGESIZE));
  metrics["system/cpus_total"] = static_cast<double>(::sysconf(_SC_NPROCESSORS_ONLN));
  metrics["system/mem_total_bytes"] = static_cast<double>(::sysconf(_SC_PHYS_PAGES)) * page;
  metrics["system/mem_free_bytes"] = static_cast<double>(::sysconf(_SC_AVPHYS_PAGES)) * page;
}

}  // namespace

json::object statistics_json(const ContainerUsage& usage) {
  json::object object{{"timestamp", to_epoch_seconds(usage.taken)}};
  const auto* descriptor = mesos::v1::ResourceStatistics::descriptor();
  for (const auto& [name, value] : usage.values) {
    const auto* field = descriptor->FindFieldByName(name);
    if (field == nullptr || !std::isfinite(value)) continue;
    if (field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_DOUBLE) {
      object[name] = value;
    } else {
      object[name] = static_cast<std::uint64_t>(std::max(value, 0.0));
    }
  }
  return object;
}

json::object metrics_json(const AgentView& view, const http::ServerMetrics& server) {
  const auto counts = count_tasks(view.core);
  const auto& counters = view.core.counters();
  json::object metrics{
      {"slave/uptime_secs", to_epoch_seconds(view.clock.wall()) - to_epoch_seconds(view.started)},
      {"slave/registered", view.core.is_subscribed() ? 1 : 0},
      {"slave/frameworks_active", view.core.frameworks().size()},
      {"slave/executors_running", counts.running + counts.killing},
      {"slave/executors_registering", counts.starting},
      {"slave/executors_terminating", counts.killing},
      {"slave/tasks_starting", counts.starting},
      {"slave/tasks_staging", 0},
      {"slave/tasks_running", counts.running},
      {"slave/tasks_killing", counts.killing},
      {"slave/tasks_finished", counters.tasks_finished},
      {"slave/tasks_failed", counters.tasks_failed},
      {"slave/tasks_killed", counters.tasks_killed},
      {"slave/tasks_lost", counters.tasks_lost},
      {"slave/tasks_gone", 0},
      {"slave/valid_status_updates", counters.updates_made},
      {"slave/invalid_framework_messages", counters.invalid_events},
      {"tepui_agent_status_updates_resent", counters.updates_resent},
      {"tepui_agent_subscriptions", counters.subscriptions},
      {"tepui_agent_checkpoints_stalled", view.is_stalled() ? 1 : 0},
      {"tepui_agent_http_requests", server.requests},
      {"tepui_agent_http_connections_open", server.connections_open},
  };
  std::size_t running = 0;
  for (const auto& container : view.containerizer.list()) running += container.state == "RUNNING" ? 1 : 0;
  metrics["tepui_agent_containers_running"] = running;
  add_resource_metrics(view.core, metrics);
  add_system_metrics(metrics);
  return metrics;
}

json::object container_json(const ContainerSummary& summary) {
  json::array isolators;
  for (const auto& name : summary.isolators) isolators.emplace_back(name);
  json::array spans;
  for (const auto& span : summary.spans) spans.push_back(json::object{{"step", span.step}, {"took_us", span.took.count()}});
  json::object usage;
  for (const auto& [name, value] : summary.usage.values) {
    if (std::isfinite(value)) usage[name] = value;
  }
  json::object object{
      {"container_id", summary.container_id},
      {"framework_id", summary.framework_id},
      {"executor_id", summary.executor_id},
      {"task_id", summary.task_id},
      {"state", summary.state},
      {"pid", summary.pid},
      {"user", summary.user},
      {"sandbox", summary.sandbox},
      {"started", to_epoch_seconds(summary.started)},
      {"isolators", std::move(isolators)},
      {"spans", std::move(spans)},
      {"usage", std::move(usage)},
  };
  const auto& numbers = summary.termination ? summary.termination->usage : summary.usage;
  if (const auto seconds = numbers.cpu_seconds()) object["cpu_seconds"] = *seconds;
  if (const auto peak = numbers.memory_peak()) object["memory_peak_bytes"] = peak->count();
  if (!summary.termination) return object;
  const auto& end = *summary.termination;
  json::object termination{{"message", end.message}, {"ended", to_epoch_seconds(end.ended)}, {"was_killed", end.was_killed}};
  if (end.exit) termination["wait_status"] = end.exit->wait_status();
  if (end.limitation) {
    termination["limitation"] = {{"reason", end.limitation->reason},
                                 {"message", end.limitation->message},
                                 {"isolator", end.limitation->isolator}};
  }
  if (end.launch_failure) {
    termination["launch_failure"] = {{"step", end.launch_failure->step},
                                     {"object", end.launch_failure->object},
                                     {"errno", end.launch_failure->sys_errno},
                                     {"exit_code", end.launch_failure->exit_code()},
                                     {"message", end.launch_failure->message}};
  }
  json::array errors;
  for (const auto& error : end.cleanup_errors) errors.emplace_back(error);
  termination["cleanup_errors"] = std::move(errors);
  object["termination"] = std::move(termination);
  return object;
}

}  // namespace tepui::agent

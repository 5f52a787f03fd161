#include "agent/containerizer/container_record.hpp"

#include <boost/json.hpp>

#include "lib/base/try.hpp"

namespace tepui::agent {
namespace {

namespace json = boost::json;
constexpr int kRecordVersion = 1;

std::int64_t nanoseconds_of(WallTime time) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
}

WallTime wall_time_of(const json::value& nanoseconds) {
  return WallTime(std::chrono::duration_cast<WallTime::duration>(
      std::chrono::nanoseconds(nanoseconds.to_number<std::int64_t>())));
}

json::object to_json(const ContainerResources& resources) {
  json::array ports;
  for (const auto& [begin, end] : resources.ports) ports.push_back(json::array{begin, end});
  json::object others;
  for (const auto& [name, amount] : resources.others) others[name] = amount;
  return {{"cpus", resources.cpus}, {"mem_mib", resources.mem_mib}, {"disk_mib", resources.disk_mib},
          {"gpus", resources.gpus}, {"ports", std::move(ports)},    {"others", std::move(others)}};
}

json::object to_json(const std::map<std::string, std::string>& texts) {
  json::object out;
  for (const auto& [name, value] : texts) out[name] = value;
  return out;
}

json::value to_json(const std::optional<ProcessIdentity>& process) {
  if (!process) return nullptr;
  return json::object{{"pid", process->pid}, {"start_time", process->start_time_ticks}, {"boot_id", process->boot_id}};
}

json::object to_json(const ContainerConfig& config) {
  json::array arguments;
  for (const auto& argument : config.command.arguments) arguments.emplace_back(argument);
  return {{"container_id", config.container_id},
          {"agent_id", config.agent_id},
          {"framework_id", config.framework_id},
          {"executor_id", config.executor_id},
          {"task_id", config.task_id},
          {"task_name", config.task_name},
          {"shell", config.command.shell},
          {"value", config.command.value},
          {"arguments", std::move(arguments)},
          {"environment", to_json(config.environment)},
          {"user", config.user},
          {"resources", to_json(config.resources)},
          {"limits", to_json(config.limits)},
          {"labels", to_json(config.labels)},
          {"kill_grace_ns", config.kill_grace.count()},
          {"agent_endpoint", config.agent_endpoint},
          {"allocation_role", config.allocation_role},
          {"checkpoint", config.checkpoint}};
}

json::value to_json(const std::optional<ContainerTermination>& end) {
  if (!end) return nullptr;
  json::object usage;
  for (const auto& [name, value] : end->usage.values) usage[name] = value;
  json::object out{{"was_killed", end->was_killed},
                   {"message", end->message},
                   {"ended_ns", nanoseconds_of(end->ended)},
                   {"usage", std::move(usage)},
                   {"usage_ns", nanoseconds_of(end->usage.taken)}};
  if (end->exit) out["wait_status"] = end->exit->wait_status();
  if (end->limitation) {
    out["limitation"] = json::object{{"reason", end->limitation->reason},
                                     {"message", end->limitation->message},
                                     {"isolator", end->limitation->isolator}};
  }
  if (end->launch_failure) {
    out["launch_failure"] = json::object{{"message", end->launch_failure->message},
                                         {"step", end->launch_failure->step},
                                         {"object", end->launch_failure->object},
                                         {"errno", end->launch_failure->sys_errno}};
  }
  return out;
}

// Boost.JSON's value_to and at() throw; records come from our own disk, so one catch in parse_container_record turns
// every shape error into DataLoss.
std::string text(const json::object& in, const char* name) { return json::value_to<std::string>(in.at(name)); }

std::map<std::string, std::string> texts(const json::value& in) {
  std::map<std::string, std::string> out;
  for (const auto& member : in.as_object()) out[member.key()] = json::value_to<std::string>(member.value());
  return out;
}

ContainerResources resources_of(const json::object& in) {
  ContainerResources out;
  out.cpus = in.at("cpus").to_number<double>();
  out.mem_mib = in.at("mem_mib").to_number<double>();
  out.disk_mib = in.at("disk_mib").to_number<double>();
  out.gpus = in.at("gpus").to_number<double>();
  for (const auto& range : in.at("ports").as_array()) {
    out.ports.emplace_back(range.as_array().at(0).to_number<std::uint64_t>(),
                           range.as_array().at(1).to_number<std::uint64_t>());
  }
  for (const auto& member : in.at("others").as_object()) out.others[member.key()] = member.value().to_number<double>();
  return out;
}

std::optional<ProcessIdentity> identity_of(const json::value& in) {
  if (in.is_null()) return std::nullopt;
  const auto& object = in.as_object();
  return ProcessIdentity{object.at("pid").to_number<int>(), object.at("start_time").to_number<std::uint64_t>(),
                         text(object, "boot_id")};
}

ContainerConfig config_of(const json::object& in) {
  ContainerConfig out;
  out.container_id = text(in, "container_id");
  out.agent_id = text(in, "agent_id");
  out.framework_id = text(in, "framework_id");
  out.executor_id = text(in, "executor_id");
  out.task_id = text(in, "task_id");
  out.task_name = text(in, "task_name");
  out.command.shell = in.at("shell").as_bool();
  out.command.value = text(in, "value");
  out.command.arguments = json::value_to<std::vector<std::string>>(in.at("arguments"));
  out.environment = texts(in.at("environment"));
  out.user = text(in, "user");
  out.resources = resources_of(in.at("resources").as_object());
  out.limits = resources_of(in.at("limits").as_object());
  out.labels = texts(in.at("labels"));
  out.kill_grace = std::chrono::nanoseconds(in.at("kill_grace_ns").to_number<std::int64_t>());
  out.agent_endpoint = text(in, "agent_endpoint");
  out.allocation_role = text(in, "allocation_role");
  out.checkpoint = in.at("checkpoint").as_bool();
  return out;
}

std::optional<ContainerTermination> termination_of(const json::value& value, const std::string& container_id) {
  if (value.is_null()) return std::nullopt;
  const auto& in = value.as_object();
  ContainerTermination out;
  out.container_id = container_id;
  out.was_killed = in.at("was_killed").as_bool();
  out.message = text(in, "message");
  out.ended = wall_time_of(in.at("ended_ns"));
  for (const auto& member : in.at("usage").as_object()) {
    out.usage.values[member.key()] = member.value().to_number<double>();
  }
  out.usage.taken = wall_time_of(in.at("usage_ns"));
  if (const auto* status = in.if_contains("wait_status")) {
    out.exit = ExitStatus::of_wait_status(status->to_number<int>());
  }
  if (const auto* limitation = in.if_contains("limitation")) {
    const auto& from = limitation->as_object();
    out.limitation = ContainerLimitation{text(from, "reason"), text(from, "message"), text(from, "isolator")};
  }
  if (const auto* failure = in.if_contains("launch_failure")) {
    const auto& from = failure->as_object();
    out.launch_failure = LaunchFailure{text(from, "message"), text(from, "step"), text(from, "object"),
                                       from.at("errno").to_number<int>()};
  }
  return out;
}

}  // namespace

std::string format_container_record(const StoredContainer& stored) {
  json::array controllers;
  for (const auto& controller : stored.cgroup_controllers) controllers.emplace_back(controller);
  return json::serialize(json::object{{"version", kRecordVersion},
                                      {"config", to_json(stored.config)},
                                      {"plan", stored.plan},
                                      {"cgroup_controllers", std::move(controllers)},
                                      {"shim", to_json(stored.shim)},
                                      {"process", to_json(stored.process)},
                                      {"has_init", stored.has_init},
                                      {"created_ns", nanoseconds_of(stored.created)},
                                      {"termination", to_json(stored.termination)}});
}

Result<StoredContainer> parse_container_record(const std::string& body) {
  try {
    const json::value parsed = json::parse(body, {}, {.allow_invalid_utf8 = true});
    const auto& in = parsed.as_object();
    const int version = in.at("version").to_number<int>();
    if (version != kRecordVersion) {
      return Error(ErrorCode::DataLoss, "read container record of version " + std::to_string(version));
    }
    StoredContainer out;
    out.config = config_of(in.at("config").as_object());
    out.plan = text(in, "plan");
    out.cgroup_controllers = json::value_to<std::vector<std::string>>(in.at("cgroup_controllers"));
    out.shim = identity_of(in.at("shim"));
    out.process = identity_of(in.at("process"));
    out.has_init = in.at("has_init").as_bool();
    out.created = wall_time_of(in.at("created_ns"));
    out.termination = termination_of(in.at("termination"), out.config.container_id);
    return out;
  } catch (const std::exception& thrown) {
    return Error(ErrorCode::DataLoss, std::string("read container record: ") + thrown.what());
  }
}

}  // namespace tepui::agent

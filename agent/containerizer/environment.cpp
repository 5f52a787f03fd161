#include "agent/containerizer/environment.hpp"

#include "lib/base/duration_text.hpp"

namespace tepui::agent {

Environment executor_environment(const ContainerConfig& config, const std::string& sandbox) {
  Environment out{
      {"MESOS_FRAMEWORK_ID", config.framework_id},
      {"MESOS_EXECUTOR_ID", config.executor_id},
      {"MESOS_SLAVE_ID", config.agent_id},
      {"MESOS_DIRECTORY", sandbox},
      {"MESOS_SANDBOX", sandbox},
      {"MESOS_AGENT_ENDPOINT", config.agent_endpoint},
      // Mesos's own HTTP executor library asks for this one, not for MESOS_AGENT_ENDPOINT.
      {"MESOS_SLAVE_PID", "slave(1)@" + config.agent_endpoint},
      {"MESOS_CHECKPOINT", config.checkpoint ? "1" : "0"},
      {"MESOS_HTTP_COMMAND_EXECUTOR", "0"},
      {"MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD", format_duration(std::chrono::seconds(5))},
      {"LIBPROCESS_PORT", "0"},
  };
  if (!config.task_id.empty()) out["MESOS_TASK_ID"] = config.task_id;
  if (!config.allocation_role.empty()) out["MESOS_ALLOCATION_ROLE"] = config.allocation_role;
  if (config.checkpoint) {
    out["MESOS_RECOVERY_TIMEOUT"] = format_duration(std::chrono::minutes(15));
    out["MESOS_SUBSCRIPTION_BACKOFF_MAX"] = format_duration(std::chrono::seconds(2));
  }
  return out;
}

Environment assemble_environment(const ContainerConfig& config, const std::string& sandbox,
                                 const Environment& from_isolators) {
  Environment out{{"PATH", kDefaultPath}};
  for (const auto& [name, value] : executor_environment(config, sandbox)) out[name] = value;
  for (const auto& [name, value] : from_isolators) out[name] = value;
  for (const auto& [name, value] : config.environment) out[name] = value;
  return out;
}

std::vector<std::string> format_environment(const Environment& environment) {
  std::vector<std::string> out;
  out.reserve(environment.size());
  for (const auto& [name, value] : environment) out.push_back(name + "=" + value);
  return out;
}

}  // namespace tepui::agent

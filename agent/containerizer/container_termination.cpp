#include "agent/containerizer/container_termination.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>

#include <fmt/format.h>
#include <sys/wait.h>

namespace tepui::agent {

ExitStatus ExitStatus::of_wait_status(int wait_status) {
  ExitStatus out;
  out.is_signalled = WIFSIGNALED(wait_status);
  if (out.is_signalled) {
    out.signal = WTERMSIG(wait_status);
    out.dumped_core = WCOREDUMP(wait_status);
  } else {
    out.code = WEXITSTATUS(wait_status);
  }
  return out;
}

std::string ExitStatus::to_string() const {
  if (!is_signalled) return fmt::format("exited with status {}", code);
  const char* name = ::sigabbrev_np(signal);
  return fmt::format("terminated by signal {} ({}{}){}", signal, name != nullptr ? "SIG" : "",
                     name != nullptr ? name : "unknown", dumped_core ? ", core dumped" : "");
}

int LaunchFailure::exit_code() const {
  if (step != "execve") return 125;
  return sys_errno == ENOENT || sys_errno == ENOTDIR ? 127 : 126;
}

std::optional<double> ContainerUsage::cpu_seconds() const {
  const auto user = values.find("cpus_user_time_secs");
  const auto system = values.find("cpus_system_time_secs");
  if (user == values.end() && system == values.end()) return std::nullopt;
  return (user == values.end() ? 0 : user->second) + (system == values.end() ? 0 : system->second);
}

std::optional<Bytes> ContainerUsage::memory_peak() const {
  const auto peak = values.find("mem_max_usage_bytes");
  if (peak == values.end() || peak->second < 0) return std::nullopt;
  return Bytes(static_cast<std::uint64_t>(peak->second));
}

}  // namespace tepui::agent

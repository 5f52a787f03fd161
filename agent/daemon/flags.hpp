// AgentFlags: the command line of tepui-agent, checked as far as that is possible without touching the system.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "lib/base/log.hpp"
#include "lib/base/result.hpp"

namespace tepui::agent {

/// What --isolation says when nobody says it.
inline constexpr const char* kDefaultIsolation =
    "cgroups/cpu,cgroups/mem,filesystem/linux,namespaces/pid,namespaces/ipc,linux/seccomp";

struct AgentFlags {
  std::string master_host;
  std::uint16_t master_port = 5050;
  std::string ip = "127.0.0.1";
  std::uint16_t port = 5051;  // 0: any free one; <work-dir>/agent.address says which
  std::string work_dir = "/var/lib/tepui";
  std::string runtime_dir = "/run/tepui";
  std::string cgroups_root = "tepui";
  std::string hostname;  // empty: the system's
  std::string resources;
  std::string attributes;
  std::string isolation = kDefaultIsolation;
  std::string modules;      // JSON text, or a path to JSON or TOML
  std::string modules_dir;  // more manifests
  std::string default_task_user = "nobody";
  bool allow_root_tasks = false;
  bool allow_insecure = false;
  bool destroy_on_exit = false;
  log::Level log_level = log::Level::Info;
  log::Format log_format = log::Format::Text;
};

/// The command line was answered already (--help, --version).
struct AnsweredByParser {
  std::string text;
};

/// Flags take hyphens or underscores (`--work_dir=/x`). `arguments` without the program's name.
/// Errors: InvalidArgument naming the flag.
Result<std::variant<AgentFlags, AnsweredByParser>> parse_agent_flags(std::vector<std::string> arguments);

/// True for 127.0.0.0/8 and ::1. Errors: InvalidArgument (no IP address).
Result<bool> is_loopback(const std::string& ip);

}  // namespace tepui::agent

// MasterFlags: the command line of tepui-master, checked as far as that is possible without touching the system.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "lib/base/log.hpp"
#include "lib/base/result.hpp"
#include "master/core/master_config.hpp"

namespace tepui::master {

struct MasterFlags {
  std::string ip = "127.0.0.1";
  std::uint16_t port = 5050;  // 0: any free one; <work-dir>/master.address says which
  std::string work_dir = "/var/lib/tepui-master";
  std::uint64_t body_limit_bytes = 64U << 20U;
  log::Level log_level = log::Level::Info;
  log::Format log_format = log::Format::Text;
  /// What the flags say about the core; `ip` and `port` are filled in when the daemon is bound.
  MasterConfig config;
};

/// The command line was answered already (--help, --version).
struct AnsweredByParser {
  std::string text;
};

/// Flags take hyphens or underscores (`--work_dir=/x`). `arguments` without the program's name.
/// Errors: InvalidArgument naming the flag; PermissionDenied (an address others can reach, without --allow-insecure).
Result<std::variant<MasterFlags, AnsweredByParser>> parse_master_flags(std::vector<std::string> arguments);

}  // namespace tepui::master

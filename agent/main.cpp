// tepui-agent: see agent/README.md. Exit codes are those of sysexits.h.
#include <sysexits.h>

#include <cstdio>
#include <iostream>
#include <string>
#include <variant>
#include <vector>

#include "agent/daemon/agent_daemon.hpp"
#include "agent/daemon/flags.hpp"
#include "lib/base/log.hpp"

int main(int argc, char** argv) {
  using namespace tepui;
  auto parsed = agent::parse_agent_flags(std::vector<std::string>(argv + 1, argv + argc));
  if (!parsed) {
    std::cerr << "tepui-agent: " << parsed.error().to_string() << "\n";
    return EX_USAGE;
  }
  if (const auto* answer = std::get_if<agent::AnsweredByParser>(&*parsed)) {
    std::cout << answer->text;
    return EX_OK;
  }
  const auto& flags = std::get<agent::AgentFlags>(*parsed);
  log::configure(flags.log_level, flags.log_format);
  agent::AgentDaemon daemon(flags);
  const auto prepared = daemon.prepare();
  if (!prepared) {
    log::error("agent cannot start", {{"error", prepared.error()}});
    return agent::exit_code_of(prepared.error());
  }
  const auto ended = daemon.run();
  if (!ended) {
    log::error("agent ended", {{"error", ended.error()}});
    return agent::exit_code_of(ended.error());
  }
  return EX_OK;
}

// tepui agent ls
#include <CLI/CLI.hpp>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "cli/cluster_api.hpp"
#include "cli/table.hpp"
#include "cli/verb.hpp"
#include "lib/base/try.hpp"

namespace tepui::cli {
namespace {

void print_table(const ClusterView& cluster) {
  Table table({"ID", "HOSTNAME", "ADDRESS", "STATE", ">CPUS USED", ">OF", ">MEM USED", ">OF", "ATTRIBUTES"});
  for (const AgentView& agent : cluster.agents) {
    table.add_row({agent.id, agent.hostname, agent.address, agent.is_active ? "active" : "inactive",
                   fmt::format("{:g}", agent.used_cpus), fmt::format("{:g}", agent.cpus),
                   format_mebibytes(agent.used_mem_mebibytes), format_mebibytes(agent.mem_mebibytes), agent.attributes});
  }
  fmt::print("{}", table.format());
}

void print_as_json(const ClusterView& cluster) {
  boost::json::array agents;
  for (const AgentView& agent : cluster.agents) {
    agents.push_back({{"id", agent.id},
                      {"hostname", agent.hostname},
                      {"address", agent.address},
                      {"active", agent.is_active},
                      {"cpus", agent.cpus},
                      {"mem_mib", agent.mem_mebibytes},
                      {"used_cpus", agent.used_cpus},
                      {"used_mem_mib", agent.used_mem_mebibytes},
                      {"attributes", agent.attributes}});
  }
  print_json(boost::json::serialize(agents));
}

Async<int> list_agents(Settings settings) {
  TEPUI_CO_ASSIGN(const ClusterView cluster, co_await fetch_cluster(settings.master));
  settings.output == OutputFormat::Json ? print_as_json(cluster) : print_table(cluster);
  co_return kExitOk;
}

}  // namespace

void add_agent(CLI::App& app, Settings& settings, Action& action) {
  CLI::App* agent = app.add_subcommand("agent", "Agents of the cluster");
  agent->require_subcommand(1);
  CLI::App* ls = agent->add_subcommand("ls", "List the agents, what they have and what of it is used");
  add_cluster_options(*ls, settings);
  ls->callback([&] { action = [&settings] { return list_agents(settings); }; });
}

}  // namespace tepui::cli

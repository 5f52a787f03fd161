// tepui framework ls
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

Async<int> list_frameworks(Settings settings) {
  TEPUI_CO_ASSIGN(const ClusterView cluster, co_await fetch_cluster(settings.master));
  if (settings.output == OutputFormat::Json) {
    boost::json::array frameworks;
    for (const FrameworkView& framework : cluster.frameworks) {
      frameworks.push_back({{"id", framework.id},
                            {"name", framework.name},
                            {"user", framework.user},
                            {"roles", framework.roles},
                            {"state", framework.state},
                            {"tasks", framework.running_task_count},
                            {"completed_tasks", framework.completed_task_count}});
    }
    print_json(boost::json::serialize(frameworks));
    co_return kExitOk;
  }
  Table table({"ID", "NAME", "USER", "ROLES", "STATE", ">TASKS", ">ENDED"});
  for (const FrameworkView& framework : cluster.frameworks) {
    table.add_row({framework.id, framework.name, framework.user, framework.roles, framework.state,
                   std::to_string(framework.running_task_count), std::to_string(framework.completed_task_count)});
  }
  fmt::print("{}", table.format());
  co_return kExitOk;
}

}  // namespace

void add_framework(CLI::App& app, Settings& settings, Action& action) {
  CLI::App* framework = app.add_subcommand("framework", "Frameworks of the cluster");
  framework->require_subcommand(1);
  CLI::App* ls = framework->add_subcommand("ls", "List the frameworks, live ones first");
  add_cluster_options(*ls, settings);
  ls->callback([&] { action = [&settings] { return list_frameworks(settings); }; });
}

}  // namespace tepui::cli

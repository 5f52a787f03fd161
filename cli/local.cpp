// tepui local: a master and an agent in the foreground, until Ctrl-C.
#include <csignal>
#include <memory>

#include <CLI/CLI.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "cli/private_cluster.hpp"
#include "cli/verb.hpp"
#include "lib/async/signals.hpp"
#include "lib/async/task_group.hpp"
#include "lib/base/try.hpp"

namespace tepui::cli {
namespace {

void announce(const Settings& settings, const PrivateCluster& cluster) {
  if (settings.output == OutputFormat::Json) {
    const boost::json::object addresses = {{"master", cluster.master()}, {"agent", cluster.agent()}};
    fmt::print("{}\n", boost::json::serialize(addresses));
  } else {
    fmt::print("master  http://{}\nagent   http://{}\n", cluster.master(), cluster.agent());
    fmt::print("try     tepui run --master {} -- echo hello\nCtrl-C ends it and every task on it\n", cluster.master());
  }
  std::fflush(stdout);
}

Async<void> watch_daemons(PrivateCluster* cluster, std::string* ended) {
  TEPUI_CO_ASSIGN(*ended, co_await cluster->wait_for_end());
  std::raise(SIGTERM);  // wakes the watcher below
  co_return ok();
}

Async<int> run_local(Settings settings, PrivateClusterOptions options) {
  const auto executor = co_await boost::asio::this_coro::executor;
  SignalWatcher signals(executor, {SIGINT, SIGTERM});
  TEPUI_CO_ASSIGN(const std::unique_ptr<PrivateCluster> cluster, co_await PrivateCluster::start(std::move(options)));
  announce(settings, *cluster);
  std::string ended;
  TaskGroup tasks(executor, "local", {});
  TEPUI_CO_TRY(tasks.spawn("watch daemons", watch_daemons(cluster.get(), &ended)));
  static_cast<void>(co_await signals.next());
  static_cast<void>(co_await tasks.close());
  TEPUI_CO_TRY(co_await cluster->stop());
  if (!ended.empty()) {
    co_return Error(ErrorCode::Unavailable, fmt::format("run a local cluster: its {} ended", ended));
  }
  co_return kExitOk;
}

}  // namespace

void add_local(CLI::App& app, Settings& settings, Action& action) {
  const auto options = std::make_shared<PrivateClusterOptions>();
  options->is_log_shown = true;
  options->master_port = 5050;
  options->agent_port = 5051;
  CLI::App* local = app.add_subcommand("local", "Run a master and an agent in the foreground until Ctrl-C");
  local->add_option("--work-dir", options->work_dir, "kept for the next time; without it a temporary one");
  local->add_option("--master-port", options->master_port, "0: any free one")->capture_default_str()->check(CLI::Range(0, 65535));
  local->add_option("--agent-port", options->agent_port, "0: any free one")->capture_default_str()->check(CLI::Range(0, 65535));
  local->add_option("--resources", options->resources, "what the agent offers, as 'cpus:4;mem:2048;ports:[31000-32000]'");
  local->add_option("--isolation", options->isolation, "the agent's isolators, comma separated");
  local->add_flag("--allow-root-tasks", options->is_root_task_allowed, "let tasks run as root");
  add_output_option(*local, settings);
  local->callback([&action, &settings, options] { action = [&settings, options] { return run_local(settings, *options); }; });
}

}  // namespace tepui::cli

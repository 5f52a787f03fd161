// tepui task ls | show | kill | logs
#include <chrono>
#include <memory>

#include <CLI/CLI.hpp>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "cli/cluster_api.hpp"
#include "cli/table.hpp"
#include "cli/verb.hpp"
#include "lib/async/timer.hpp"
#include "lib/base/try.hpp"

namespace tepui::cli {
namespace {

constexpr std::chrono::milliseconds kFollowInterval{250};

/// What the flags of the four verbs say.
struct TaskFlags {
  std::string task_id;
  std::string framework_id;
  bool is_following = false;
  bool is_stderr = false;
};

bool is_terminal(const std::string& state) {
  for (const char* live : {"TASK_STAGING", "TASK_STARTING", "TASK_RUNNING", "TASK_KILLING"}) {
    if (state == live) return false;
  }
  return true;
}

Async<int> list_tasks(Settings settings) {
  TEPUI_CO_ASSIGN(const ClusterView cluster, co_await fetch_cluster(settings.master));
  if (settings.output == OutputFormat::Json) {
    boost::json::array tasks;
    for (const TaskView& task : cluster.tasks) tasks.push_back(task.raw);
    print_json(boost::json::serialize(tasks));
    co_return kExitOk;
  }
  Table table({"ID", "NAME", "STATE", "AGENT", ">CPUS", ">MEM", "FRAMEWORK", "MESSAGE"});
  for (const TaskView& task : cluster.tasks) {
    const AgentView* agent = cluster.find_agent(task.agent_id);
    table.add_row({task.id, task.name, task.state, agent == nullptr ? task.agent_id : agent->hostname,
                   fmt::format("{:g}", task.cpus), format_mebibytes(task.mem_mebibytes), task.framework_id, task.message});
  }
  fmt::print("{}", table.format());
  co_return kExitOk;
}

/// The agent's address and the container's record; no record when the agent has forgotten or is gone.
struct Placement {
  TaskView task;
  std::string agent_address;
};

Async<Placement> find_placement(Settings settings, TaskFlags flags) {
  TEPUI_CO_ASSIGN(const ClusterView cluster, co_await fetch_cluster(settings.master));
  Placement placement;
  TEPUI_CO_ASSIGN(placement.task, find_task(cluster, flags.task_id, flags.framework_id));
  const AgentView* agent = cluster.find_agent(placement.task.agent_id);
  if (agent != nullptr) placement.agent_address = agent->address;
  co_return placement;
}

Async<int> show_task(Settings settings, TaskFlags flags) {
  TEPUI_CO_ASSIGN(const Placement placement, co_await find_placement(settings, flags));
  boost::json::object shown = {{"task", placement.task.raw}};
  if (!placement.agent_address.empty()) {
    auto container = co_await fetch_container(placement.agent_address, placement.task.framework_id, placement.task.id);
    if (container) shown["container"] = *container;
  }
  print_json(boost::json::serialize(shown));
  co_return kExitOk;
}

Async<int> kill_named_task(Settings settings, TaskFlags flags) {
  TEPUI_CO_ASSIGN(const Placement placement, co_await find_placement(settings, flags));
  if (is_terminal(placement.task.state)) {
    co_return Error(ErrorCode::FailedPrecondition,
                    fmt::format("kill task '{}': it has ended ({})", flags.task_id, placement.task.state));
  }
  TEPUI_CO_TRY(co_await kill_task(settings.master, placement.task.framework_id, placement.task.id));
  co_return kExitOk;
}

Async<int> print_logs(Settings settings, TaskFlags flags) {
  TEPUI_CO_ASSIGN(Placement placement, co_await find_placement(settings, flags));
  if (placement.agent_address.empty()) {
    co_return Error(ErrorCode::NotFound, fmt::format("read logs of task '{}': its agent {} is gone", flags.task_id,
                                                     placement.task.agent_id));
  }
  TEPUI_CO_ASSIGN(const boost::json::object container,
                  co_await fetch_container(placement.agent_address, placement.task.framework_id, placement.task.id));
  const auto* sandbox = container.if_contains("sandbox");
  if (sandbox == nullptr || !sandbox->is_string()) {
    co_return Error(ErrorCode::DataLoss, "read logs: the agent's record of the container has no \"sandbox\"");
  }
  const std::string path = std::string(sandbox->get_string()) + (flags.is_stderr ? "/stderr" : "/stdout");
  std::uint64_t offset = 0;
  for (;;) {
    // Whether it has ended is asked before the read: what is read after a "yes" is all there will be.
    const bool is_over = is_terminal(placement.task.state);
    TEPUI_CO_ASSIGN(const std::string piece, co_await read_sandbox_file(placement.agent_address, path, offset));
    std::fwrite(piece.data(), 1, piece.size(), stdout);
    std::fflush(stdout);
    offset += piece.size();
    if (!piece.empty()) continue;
    if (is_over || !flags.is_following) co_return kExitOk;
    TEPUI_CO_TRY(co_await sleep_for(kFollowInterval));
    TEPUI_CO_ASSIGN(placement, co_await find_placement(settings, flags));
  }
}

}  // namespace

void add_task(CLI::App& app, Settings& settings, Action& action) {
  CLI::App* task = app.add_subcommand("task", "Tasks of the cluster");
  task->require_subcommand(1);
  CLI::App* ls = task->add_subcommand("ls", "List the tasks, live ones first");
  add_cluster_options(*ls, settings);
  ls->callback([&] { action = [&settings] { return list_tasks(settings); }; });

  const auto flags = std::make_shared<TaskFlags>();
  const auto add_one = [&, flags](const char* name, const char* what, Async<int> (*run)(Settings, TaskFlags)) {
    CLI::App* verb = task->add_subcommand(name, what);
    verb->add_option("TASK", flags->task_id, "the task's id")->required();
    verb->add_option("--framework", flags->framework_id, "the framework's id, where several have such a task");
    add_cluster_options(*verb, settings);
    verb->callback([&action, &settings, flags, run] { action = [&settings, flags, run] { return run(settings, *flags); }; });
    return verb;
  };
  add_one("show", "Print all that master and agent know of a task, as JSON", show_task);
  add_one("kill", "End a task", kill_named_task);
  CLI::App* logs = add_one("logs", "Print what a task wrote", print_logs);
  logs->add_flag("-f,--follow", flags->is_following, "go on until the task ends");
  logs->add_flag("--stderr", flags->is_stderr, "its standard error instead of its standard output");
}

}  // namespace tepui::cli

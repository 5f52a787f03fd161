// tepui run: one command as a task, or N, with its output on this terminal and its exit code as ours.
#include <pwd.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>

#include <CLI/CLI.hpp>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "cli/private_cluster.hpp"
#include "cli/run_scheduler.hpp"
#include "cli/task_output.hpp"
#include "cli/verb.hpp"
#include "lib/async/condition.hpp"
#include "lib/async/deadline.hpp"
#include "lib/async/signals.hpp"
#include "lib/async/task_group.hpp"
#include "lib/base/try.hpp"
#include "lib/base/uuid.hpp"

namespace tepui::cli {
namespace {

constexpr std::chrono::seconds kKillLimit{15};

/// What the flags say.
struct RunFlags {
  RunRequest request;
  std::string resources;
  std::string isolation;
};

std::string invoking_user() {
  const passwd* entry = ::getpwuid(::geteuid());
  return entry == nullptr ? std::string() : entry->pw_name;
}

mesos::v1::FrameworkInfo make_framework(const RunRequest& request) {
  mesos::v1::FrameworkInfo framework;
  framework.set_name("tepui run " + request.name);
  framework.set_user(request.user);
  framework.set_checkpoint(true);
  // A run that lost its master for a moment goes on; one that died takes its tasks with it soon.
  framework.set_failover_timeout(15);
  return framework;
}

/// Everything that one `tepui run` holds while it lasts.
class Run {
 public:
  Run(Executor executor, Settings settings, RunFlags flags)
      : executor_(executor), settings_(std::move(settings)), flags_(std::move(flags)), changed_(executor),
        outputs_(executor, "output", [this](std::string_view, const Error& error) { output_failed(error); }),
        signals_(executor, {SIGINT, SIGTERM}) {
    std::signal(SIGPIPE, SIG_IGN);  // `tepui run … | head`: the cluster is to be taken down, not dropped
  }

  Async<int> run() {
    auto outcome = co_await run_framework();
    static_cast<void>(co_await outputs_.close());
    if (cluster_) {
      const auto stopped = co_await cluster_->stop();
      if (!stopped) print_error(stopped.error().to_string());
    }
    co_return outcome;
  }

 private:
  Async<int> run_framework();
  Async<void> watch_signals();
  Async<void> drive(drivers::SchedulerDriver* driver);
  Async<void> wait_for_end(RunScheduler* scheduler);
  void on_change(const RunInstance& instance);
  void output_failed(const Error& error);
  int report(const RunScheduler& scheduler) const;

  Executor executor_;
  Settings settings_;
  RunFlags flags_;
  Condition changed_;
  TaskGroup outputs_;
  SignalWatcher signals_;
  SystemRandom random_;
  std::unique_ptr<PrivateCluster> cluster_;
  drivers::SchedulerDriver* driver_ = nullptr;
  std::optional<Error> failure_;
  int caught_signal_ = 0;
  std::map<int, std::pair<std::unique_ptr<TaskOutput>, bool>> followed_;  // by instance: its output, and whether it ended
};

void Run::on_change(const RunInstance& instance) {
  auto& [output, is_over] = followed_[instance.index];
  if (!output && instance.phase == RunInstance::Phase::Running) {
    const std::string prefix = flags_.request.instances == 1 ? "" : fmt::format("{}| ", instance.index);
    output = std::make_unique<TaskOutput>(instance.agent_address, driver_->framework_id().value(), instance.task_id, prefix);
    static_cast<void>(outputs_.spawn("follow " + instance.task_id, output->follow(&is_over)));
  }
  if (instance.phase == RunInstance::Phase::Ended) is_over = true;
  changed_.notify_all();
}

/// Nobody reads our output any more: as if SIGPIPE had come.
void Run::output_failed(const Error& error) {
  if (error.code() != ErrorCode::Aborted || caught_signal_ != 0) return;
  caught_signal_ = SIGPIPE;
  changed_.notify_all();
}

Async<void> Run::watch_signals() {
  TEPUI_CO_ASSIGN(caught_signal_, co_await signals_.next());
  changed_.notify_all();
  co_return ok();
}

Async<void> Run::drive(drivers::SchedulerDriver* driver) {
  const auto ended = co_await driver->run();
  if (!ended && !failure_) failure_ = ended.error();
  changed_.notify_all();
  co_return ok();
}

Async<void> Run::wait_for_end(RunScheduler* scheduler) {
  while (!scheduler->is_over() && !failure_ && caught_signal_ == 0) {
    TEPUI_CO_TRY(co_await changed_.wait());
  }
  if (caught_signal_ == 0 || failure_) co_return ok();
  scheduler->end_all();
  while (!scheduler->is_over() && !failure_) {
    TEPUI_CO_TRY(co_await with_deadline(changed_.wait(), kKillLimit, "wait for the killed tasks"));
  }
  co_return ok();
}

Async<int> Run::run_framework() {
  // Apart from the driver: the watcher has no end of its own, and the driver's is waited for.
  TaskGroup watchers(executor_, "signals", {});
  TaskGroup tasks(executor_, "run", {});
  TEPUI_CO_TRY(watchers.spawn("watch signals", watch_signals()));
  if (!settings_.is_master_given) {
    PrivateClusterOptions options;
    options.resources = flags_.resources;
    options.isolation = flags_.isolation;
    options.is_root_task_allowed = flags_.request.user == "root";
    TEPUI_CO_ASSIGN(cluster_, co_await PrivateCluster::start(std::move(options)));
    settings_.master = cluster_->master();
    flags_.request.is_cluster_complete = true;
  }
  RunScheduler::Listener listener;
  listener.on_change = [this](const RunInstance& instance) { on_change(instance); };
  listener.on_failure = [this](const Error& error) {
    if (!failure_) failure_ = error;
    changed_.notify_all();
  };
  listener.on_notice = [](const std::string& text) { print_error(text); };
  RunScheduler scheduler(flags_.request, std::move(listener));
  drivers::SchedulerDriverOptions options;
  options.master = settings_.master;
  options.framework = make_framework(flags_.request);
  options.give_up_after = std::chrono::seconds(30);
  drivers::SchedulerDriver driver(executor_, options, scheduler, random_);
  driver_ = &driver;
  scheduler.attach(&driver);
  TEPUI_CO_TRY(tasks.spawn("drive", drive(&driver)));
  const auto waited = co_await wait_for_end(&scheduler);
  // What was written before the end is still on its way: let it arrive before the framework's sandboxes are of the past.
  static_cast<void>(co_await with_deadline(outputs_.drain(), kKillLimit, "wait for the tasks' output"));
  static_cast<void>(driver.teardown());
  driver.stop();
  static_cast<void>(co_await with_deadline(tasks.drain(), std::chrono::seconds(1), "leave the cluster"));
  static_cast<void>(co_await tasks.close());
  static_cast<void>(co_await watchers.close());
  if (failure_) co_return *failure_;
  if (!waited) co_return waited.error();
  co_return report(scheduler);
}

int Run::report(const RunScheduler& scheduler) const {
  int exit_code = kExitOk;
  boost::json::array ends;
  for (const RunInstance& instance : scheduler.instances()) {
    const mesos::v1::TaskStatus& status = instance.last_status;
    const int code = exit_code_of(status);
    if (exit_code == kExitOk) exit_code = code;
    ends.push_back({{"task_id", instance.task_id},
                    {"state", mesos::v1::TaskState_Name(status.state())},
                    {"message", status.message()},
                    {"exit_code", code}});
    // A plain exit with a code speaks for itself; what the command cannot have said is said here.
    const bool is_plain_exit = status.message().find("exited with status") != std::string::npos;
    if (code != kExitOk && !is_plain_exit && settings_.output == OutputFormat::Table && !status.message().empty()) {
      print_error(status.message());
    }
  }
  if (settings_.output == OutputFormat::Json) print_json(boost::json::serialize(ends));
  return caught_signal_ != 0 ? kExitSignalBase + caught_signal_ : exit_code;
}

Async<int> run_command(Settings settings, RunFlags flags) {
  RunRequest& request = flags.request;
  if (request.user.empty() && ::geteuid() != 0) request.user = invoking_user();
  if (request.user.empty()) print_error("running as the agent's default task user; choose another with --user");
  if (request.name.empty()) request.name = std::filesystem::path(request.command.front()).filename().string();
  if (request.name.empty()) request.name = "task";
  SystemRandom random;
  request.task_id_prefix = fmt::format("{}-{}", request.name, Uuid::random(random).to_string().substr(0, 8));
  const auto executor = co_await boost::asio::this_coro::executor;
  const auto run = std::make_unique<Run>(executor, std::move(settings), std::move(flags));
  auto code = co_await run->run();
  if (code) co_return *code;
  print_error(code.error().to_string());
  co_return kExitOurError;
}

}  // namespace

void add_run(CLI::App& app, Settings& settings, Action& action) {
  const auto flags = std::make_shared<RunFlags>();
  RunRequest& request = flags->request;
  CLI::App* run = app.add_subcommand("run", "Run a command in a container and exit with its code");
  run->add_option("--cpus", request.cpus, "cpus of each instance")->capture_default_str()->check(CLI::PositiveNumber);
  run->add_option("--mem", request.mem_mebibytes, "MiB of memory of each instance")->capture_default_str()->check(CLI::PositiveNumber);
  run->add_option("--instances", request.instances, "how many")->capture_default_str()->check(CLI::Range(1, 10000));
  run->add_option("--env", request.environment, "K=V for the command; may be repeated")->type_name("K=V")->allow_extra_args(false);
  run->add_option("--user", request.user, "whom the command runs as");
  run->add_option("--name", request.name, "the task's name; without it the command's");
  run->add_option("--resources", flags->resources, "of the private cluster's agent, without --master: 'cpus:4;mem:2048'");
  run->add_option("--isolation", flags->isolation, "of the private cluster's agent: isolators, comma separated");
  run->add_option("CMD", request.command, "the command and its arguments, after --")->required();
  add_cluster_options(*run, settings);
  run->footer("Without a master (--master, TEPUI_MASTER) it starts one of its own for the length of the run.\n"
              "Exit codes: the command's own; 125 failure of ours, 126 cannot invoke, 127 not found, 128+n signal.");
  run->callback([&action, &settings, flags] { action = [&settings, flags] { return run_command(settings, *flags); }; });
}

}  // namespace tepui::cli

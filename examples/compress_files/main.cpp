// compress-files: an example framework. Compresses each file by a task of its own and shows what the tasks used.
#include <chrono>
#include <cstdio>
#include <optional>
#include <set>
#include <string>

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <boost/asio/this_coro.hpp>

#include "drivers/scheduler_driver.hpp"
#include "examples/compress_files/compress_scheduler.hpp"
#include "examples/compress_files/container_usage.hpp"
#include "examples/compress_files/progress_line.hpp"
#include "lib/async/condition.hpp"
#include "lib/async/deadline.hpp"
#include "lib/async/event_loop.hpp"
#include "lib/async/task_group.hpp"
#include "lib/base/random.hpp"
#include "lib/base/try.hpp"

namespace tepui::examples {
namespace {

constexpr std::chrono::minutes kWorkLimit{10};
constexpr std::chrono::seconds kGoodbyeLimit{5};

Async<void> drive(drivers::SchedulerDriver* driver, std::optional<Error>* failure, Condition* changed) {
  const auto ended = co_await driver->run();
  if (!ended) *failure = ended.error();
  changed->notify_all();
  co_return ok();
}

Async<void> wait_for_end(CompressScheduler* scheduler, const std::optional<Error>* failure, Condition* changed) {
  const ProgressLine line;
  while (!scheduler->is_over()) {
    if (*failure) co_return **failure;
    line.show(scheduler->count(CompressTask::Phase::Ended), scheduler->count(CompressTask::Phase::Launched),
              scheduler->count(CompressTask::Phase::Waiting));
    TEPUI_CO_TRY(co_await changed->wait());
  }
  co_return ok();
}

void print_table(const CompressScheduler& scheduler, const std::map<std::string, ContainerUsage>& usages) {
  fmt::print("{:<12} {:<14} {:<12} {:>7} {:>10}  {}\n", "TASK", "STATE", "AGENT", "CPU s", "PEAK MiB", "ISOLATORS");
  for (const auto& task : scheduler.tasks()) {
    const auto found = usages.find(task.id);
    const ContainerUsage usage = found == usages.end() ? ContainerUsage{} : found->second;
    const std::string cpu = usage.cpu_seconds ? fmt::format("{:.2f}", *usage.cpu_seconds) : "?";
    const std::string peak =
        usage.memory_peak_bytes ? fmt::format("{:.1f}", *usage.memory_peak_bytes / (1U << 20U)) : "?";
    fmt::print("{:<12} {:<14} {:<12} {:>7} {:>10}  {}\n", task.id, mesos::v1::TaskState_Name(task.status.state()),
               task.agent_host, cpu, peak, usage.isolators);
    if (task.status.state() != mesos::v1::TASK_FINISHED) fmt::print("  {}\n", task.status.message());
  }
}

Async<std::map<std::string, ContainerUsage>> collect_usage(const CompressScheduler* scheduler,
                                                           std::string framework_id) {
  std::set<std::string> agents;
  for (const auto& task : scheduler->tasks()) agents.insert(task.agent_address);
  std::map<std::string, ContainerUsage> all;
  for (const auto& agent : agents) {
    auto usages = co_await fetch_usage(agent, framework_id);
    if (!usages) co_return usages.error();
    all.merge(*usages);
  }
  co_return all;
}

/// True when every task finished.
Async<bool> compress(std::string master, CompressRequest request) {
  const auto executor = co_await boost::asio::this_coro::executor;
  Condition changed(executor);
  std::optional<Error> failure;
  std::function<void()> on_change = [&changed] { changed.notify_all(); };
  drivers::SchedulerDriverOptions options;
  options.master = master;
  options.framework.set_name("compress-files");
  options.framework.set_user(request.user);
  options.give_up_after = std::chrono::seconds(30);
  CompressScheduler scheduler(std::move(request), std::move(on_change));
  SystemRandom random;
  drivers::SchedulerDriver driver(executor, options, scheduler, random);
  scheduler.attach(&driver);
  TaskGroup tasks(executor, "compress-files", {});
  TEPUI_CO_TRY(tasks.spawn("drive", drive(&driver, &failure, &changed)));

  auto waited = co_await with_deadline(wait_for_end(&scheduler, &failure, &changed), kWorkLimit, "wait for the tasks");
  auto usages = co_await collect_usage(&scheduler, driver.framework_id().value());
  static_cast<void>(driver.teardown());
  driver.stop();
  static_cast<void>(co_await with_deadline(tasks.drain(), kGoodbyeLimit, "leave the cluster"));
  static_cast<void>(co_await tasks.close());
  print_table(scheduler, usages ? *usages : std::map<std::string, ContainerUsage>());
  if (!waited) co_return waited.error();
  if (!usages) co_return usages.error();
  for (const auto& task : scheduler.tasks()) {
    if (task.status.state() != mesos::v1::TASK_FINISHED) co_return false;
  }
  co_return true;
}

}  // namespace
}  // namespace tepui::examples

int main(int argc, char** argv) {
  std::string master = "127.0.0.1:5050";
  tepui::examples::CompressRequest request;
  CLI::App app("Compresses each FILE by a task of its own and shows what the tasks used.", "compress-files");
  app.add_option("--master", master, "HOST:PORT")->capture_default_str();
  app.add_option("--cpus", request.cpus, "of each task")->capture_default_str()->check(CLI::PositiveNumber);
  app.add_option("--mem", request.mem_mebibytes, "MiB of each task")->capture_default_str()->check(CLI::PositiveNumber);
  app.add_option("--user", request.user, "whom the tasks run as")->capture_default_str();
  app.add_option("FILE", request.files, "readable by that user on the agents")->required();
  CLI11_PARSE(app, argc, argv);
  tepui::EventLoop loop;
  const auto outcome = tepui::block_on(loop, tepui::examples::compress(master, std::move(request)));
  if (!outcome) {
    fmt::print(stderr, "compress-files: {}\n", outcome.error().to_string());
    return 1;
  }
  return *outcome ? 0 : 1;
}

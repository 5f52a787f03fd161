// tepui-master: command line, readiness, signals and the exit code. What it does is daemon.hpp's.
#include <systemd/sd-daemon.h>

#include <csignal>
#include <cstdio>

#include <fmt/format.h>

#include "lib/async/signals.hpp"
#include "lib/async/task_group.hpp"
#include "lib/base/log.hpp"
#include "lib/base/try.hpp"
#include "master/daemon.hpp"
#include "master/exit_code.hpp"

namespace tepui::master {
namespace {

/// What ends the daemon: a signal (no error) or a failure.
struct End {
  Notification is_reached;
  std::optional<Error> error;
};

Async<void> watch_signals(SignalWatcher* signals, End* end) {
  TEPUI_CO_ASSIGN(const int signal, co_await signals->next());
  log::info("signal received", {{"signal", signal}});
  end->is_reached.notify();
  co_return ok();
}

Async<void> watch_failure(Daemon* daemon, End* end) {
  const auto failure = co_await daemon->wait_failure();
  if (!failure && failure.error().code() != ErrorCode::Cancelled) {
    end->error = failure.error();
    end->is_reached.notify();
  }
  co_return ok();
}

Async<void> serve(Executor executor, MasterFlags flags) {
  SignalWatcher signals(executor, {SIGTERM, SIGINT});
  Daemon daemon(executor, std::move(flags));
  TEPUI_CO_TRY(daemon.start());
  End end{Notification(executor), {}};
  TaskGroup tasks(executor, "master", {});
  TEPUI_CO_TRY(tasks.spawn("signals", watch_signals(&signals, &end)));
  TEPUI_CO_TRY(tasks.spawn("failure", watch_failure(&daemon, &end)));
  ::sd_notify(0, "READY=1");
  const auto ended = co_await end.is_reached.wait();
  ::sd_notify(0, "STOPPING=1");
  static_cast<void>(co_await tasks.close());
  const auto stopped = co_await daemon.stop();
  if (!ended) co_return ended.error();
  if (end.error) co_return *end.error;
  co_return stopped;
}

int fail(const Error& error) {
  log::error("master ended", {{"error", error}});
  return exit_code_of(error);
}

int run(std::vector<std::string> arguments) {
  auto parsed = parse_master_flags(std::move(arguments));
  if (!parsed) {
    fmt::print(stderr, "tepui-master: {}\n", parsed.error().to_string());
    return exit_code_of(parsed.error());
  }
  if (const auto* answered = std::get_if<AnsweredByParser>(&*parsed)) {
    fmt::print("{}", answered->text);
    return 0;
  }
  auto& flags = std::get<MasterFlags>(*parsed);
  log::configure(flags.log_level, flags.log_format);
  EventLoop loop;
  auto served = block_on(loop, serve(loop.executor(), std::move(flags)));
  if (!served) return fail(served.error());
  log::info("master stopped");
  return 0;
}

}  // namespace
}  // namespace tepui::master

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a log reader that has gone must not end us
  return tepui::master::run({argv + 1, argv + argc});
}

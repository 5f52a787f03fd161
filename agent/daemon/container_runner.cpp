#include "agent/daemon/container_runner.hpp"

#include "agent/daemon/container_request.hpp"
#include "lib/base/fault.hpp"
#include "lib/base/log.hpp"
#include "lib/base/try.hpp"

namespace tepui::agent {
namespace {

void log_failure(std::string_view task, const Error& error) {
  log::error("container work failed", {{"work", task}, {"error", error}});
}

}  // namespace

ContainerEnd end_of(const ContainerTermination& termination) {
  ContainerEnd end;
  if (termination.exit) end.wait_status = termination.exit->wait_status();
  if (termination.limitation) {
    auto& limitation = end.limitation.emplace();
    limitation.message = termination.limitation->message;
    mesos::v1::TaskStatus::Reason reason{};
    if (mesos::v1::TaskStatus::Reason_Parse(termination.limitation->reason, &reason)) limitation.reason = reason;
  }
  end.message = termination.message;
  return end;
}

ContainerRunner::ContainerRunner(Executor executor, Containerizer& containerizer, BlockingPool& pool,
                                 ContainerRunnerOptions options, ContainerNews news)
    : containerizer_(containerizer),
      pool_(pool),
      options_(std::move(options)),
      news_(std::move(news)),
      tasks_(std::move(executor), "containers", log_failure) {}

void ContainerRunner::launch(LaunchContainer wish) {
  TEPUI_FAULT("agent.launch.before_container");
  not_launched_yet_.insert(wish.container_id);
  static_cast<void>(tasks_.spawn("run " + wish.container_id, run(std::move(wish))));
}

Async<void> ContainerRunner::run(LaunchContainer wish) {
  const std::string id = wish.container_id;
  ContainerConfig config = make_container_config(wish, options_.agent_endpoint);
  const std::string command_user = wish.task.command().user();
  const std::string framework_user = wish.framework.user();
  const TaskUserPolicy policy = options_.users;
  const std::string what = "choose the task's user";
  const auto choose = [command_user, framework_user, policy] {
    return choose_task_user(command_user, framework_user, policy);
  };
  auto user = co_await pool_.run(what, choose);
  not_launched_yet_.erase(id);
  if (killed_early_.erase(id) > 0) {
    news_.launch_failed(id, {"the task was killed before its container was made"});
    co_return ok();
  }
  if (!user) {
    news_.launch_failed(id, {user.error().wrap("launch container '" + id + "'").to_string()});
    co_return ok();
  }
  config.user = user->name;
  auto started = co_await containerizer_.launch(std::move(config));
  if (started) {
    TEPUI_FAULT("agent.launch.before_running");
    log::info("container started", {{"container", id},
                                    {"framework", wish.framework.id().value()},
                                    {"task", wish.task.task_id().value()},
                                    {"pid", started->process.pid}});
    news_.running(id, started->process.pid);
  } else {
    log::info("container launch failed", {{"container", id}, {"error", started.error()}});
  }
  auto told = co_await tell_end(id);
  // The containerizer knows nothing of a container that it refused at the door.
  if (!told && !started) news_.launch_failed(id, {started.error().to_string()});
  co_return ok();
}

void ContainerRunner::watch(const std::string& container_id) {
  static_cast<void>(tasks_.spawn("watch " + container_id, tell_end(container_id)));
}

Async<void> ContainerRunner::tell_end(std::string container_id) {
  auto ended = co_await containerizer_.wait(container_id);
  if (!ended) co_return ended.error();
  TEPUI_FAULT("agent.end.before_update");
  if (ended->launch_failure) {
    news_.launch_failed(container_id, {ended->launch_failure->message});
  } else {
    log::info("container ended", {{"container", container_id}, {"message", ended->message}});
    news_.terminated(container_id, end_of(*ended));
  }
  co_return ok();
}

void ContainerRunner::kill(const KillContainer& wish) {
  TEPUI_FAULT("agent.kill.before_signal");
  if (not_launched_yet_.contains(wish.container_id)) {
    killed_early_.insert(wish.container_id);
    return;
  }
  const auto killed = containerizer_.kill(wish.container_id, wish.grace);
  // NotFound: it ended by itself meanwhile, and its end is on its way.
  if (!killed && killed.error().code() != ErrorCode::NotFound) {
    log::warn("container kill failed", {{"container", wish.container_id}, {"error", killed.error()}});
  }
}

void ContainerRunner::destroy(const DestroyContainer& wish) {
  if (not_launched_yet_.contains(wish.container_id)) {
    killed_early_.insert(wish.container_id);
    return;
  }
  static_cast<void>(tasks_.spawn("destroy " + wish.container_id, destroy_and_log(wish.container_id)));
}

Async<void> ContainerRunner::destroy_and_log(std::string container_id) {
  auto destroyed = co_await containerizer_.destroy(container_id);
  if (!destroyed && destroyed.error().code() != ErrorCode::NotFound) {
    log::warn("container destroy failed", {{"container", container_id}, {"error", destroyed.error()}});
  }
  co_return ok();
}

void ContainerRunner::forget(const ForgetContainer& wish) {
  TEPUI_FAULT("agent.cleanup.before_forget");
  static_cast<void>(tasks_.spawn("forget " + wish.container_id, forget_and_log(wish.container_id)));
}

Async<void> ContainerRunner::forget_and_log(std::string container_id) {
  auto forgotten = co_await containerizer_.forget(container_id);
  if (!forgotten) log::warn("container record kept", {{"container", container_id}, {"error", forgotten.error()}});
  co_return ok();
}

void ContainerRunner::mute() {
  news_ = {[](const std::string&, int) {}, [](const std::string&, const FailedLaunch&) {},
           [](const std::string&, const ContainerEnd&) {}};
}

Async<void> ContainerRunner::close() {
  mute();
  auto closed = co_await tasks_.close();
  co_return closed;
}

}  // namespace tepui::agent

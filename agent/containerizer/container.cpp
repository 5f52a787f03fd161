#include "agent/containerizer/container.hpp"

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <csignal>

#include <fmt/format.h>
#include <sys/wait.h>

#include "agent/containerizer/container_processes.hpp"
#include "agent/containerizer/containerizer_invariants.hpp"
#include "agent/containerizer/plan_text.hpp"
#include "lib/async/deadline.hpp"
#include "lib/async/fd_wait.hpp"
#include "lib/base/fault.hpp"
#include "lib/base/log.hpp"
#include "lib/base/try.hpp"
#include "lib/linux/remove_tree.hpp"
#include "lib/linux/sys.hpp"

namespace tepui::agent {
namespace {

constexpr std::chrono::milliseconds kFirstPrepareRetry{100};
constexpr std::chrono::milliseconds kLongestPrepareRetry{2000};

}  // namespace

/// Adds a span to the launch when it goes out of scope.
class Container::StepTimer {
 public:
  StepTimer(Container& container, std::string step)
      : container_(container), step_(std::move(step)), begin_(container.host_.clock.monotonic()) {
    container_.step_ = step_;
  }
  StepTimer(const StepTimer&) = delete;
  StepTimer& operator=(const StepTimer&) = delete;
  ~StepTimer() {
    const auto took = container_.host_.clock.monotonic() - begin_;
    container_.spans_.push_back({std::move(step_), std::chrono::duration_cast<std::chrono::microseconds>(took)});
  }

 private:
  Container& container_;
  std::string step_;
  MonotonicTime begin_;
};

// ---- The whole life ----

Async<void> Container::live() {
  const auto keep = shared_from_this();
  const Result<void> launched = co_await launch();
  if (launched) {
    advance(ContainerEvent::Started);
    started_.notify();
    co_await watch_until_end();
    if (is_left_) co_return ok();
  } else {
    note_launch_failure(launched.error());
  }
  co_await tear_down();
  started_.notify();
  ended_.notify();
  co_return ok();
}

Async<void> Container::live_on(launcher::Adopted adopted, std::string why_lost) {
  const auto keep = shared_from_this();
  if (adopted.state == launcher::Adopted::State::Alive) {
    is_process_stored_ = true;
    container_pidfd_ = std::make_shared<UniqueFd>(std::move(adopted.container_pidfd));
    shim_pidfd_ = std::make_shared<UniqueFd>(std::move(adopted.shim_pidfd));
    started_.notify();
    co_await watch_until_end();
    if (is_left_) co_return ok();
  } else {
    has_shim_ended_ = true;
    exit_record_ = std::move(adopted.record);
    why_lost_ = std::move(why_lost);
    advance(ContainerEvent::Exited);
  }
  co_await tear_down();
  started_.notify();
  ended_.notify();
  co_return ok();
}

// ---- Launch, step by step (drawn in launcher/handshake.hpp) ----

Async<void> Container::launch() {
  TEPUI_CO_TRY(co_await make_places());
  TEPUI_CO_TRY(co_await prepare_isolators());
  advance(ContainerEvent::Prepared);
  TEPUI_FAULT("agent.launch.before_plan_checkpoint");
  TEPUI_CO_TRY(co_await store_record(), "checkpoint plan");
  TEPUI_FAULT("agent.launch.after_plan_checkpoint");
  TEPUI_CO_TRY(co_await make_cgroups());
  TEPUI_FAULT("agent.launch.after_cgroups");
  TEPUI_CO_TRY(co_await start_shim());
  TEPUI_FAULT("agent.launch.after_shim_start");
  TEPUI_CO_TRY(co_await place_in_cgroups());
  TEPUI_CO_TRY(co_await isolate());
  TEPUI_FAULT("agent.launch.before_pid_checkpoint");
  TEPUI_CO_TRY(co_await store_record(), "checkpoint process");
  TEPUI_FAULT("agent.launch.before_go");
  TEPUI_CO_TRY(co_await release_command());
  TEPUI_FAULT("agent.launch.after_go");
  co_return ok();
}

/// The user, the sandbox and the runtime directory.
Async<void> Container::make_places() {
  const StepTimer timer(*this, "sandbox");
  TEPUI_CO_TRY(still_wanted());
  struct Places {
    sys::Account user;
    Sandbox sandbox;
    UniqueFd runtime_dir;
  };
  auto make = [config = config_, work_dir = host_.options.work_dir, root = host_.runtime_root]() -> Result<Places> {
    Places places;
    TEPUI_ASSIGN(places.user, sys::lookup_account(config.user));
    TEPUI_ASSIGN(places.sandbox, create_sandbox(work_dir, config, places.user));
    TEPUI_TRY(sys::make_directory_at(root->borrow(), config.container_id, 0700), "create runtime directory");
    TEPUI_ASSIGN(places.runtime_dir, sys::open_directory_at(root->borrow(), config.container_id));
    return places;
  };
  Result<Places> made = co_await host_.pool.run("create sandbox", std::move(make));
  if (!made) co_return made.error();
  user_ = std::move(made->user);
  sandbox_ = std::move(made->sandbox);
  runtime_dir_ = std::make_shared<UniqueFd>(std::move(made->runtime_dir));
  co_return ok();
}

/// Every isolator in the order of --isolation adds to the plan.
Async<void> Container::prepare_isolators() {
  auto sink = std::make_shared<LaunchPlanSink>(base_plan());
  auto claims = std::make_shared<modules::ClaimTable>();
  for (std::size_t index = 0; index < host_.isolators.size(); ++index) {
    const StepTimer timer(*this, "prepare " + host_.isolators.name(index));
    TEPUI_CO_TRY(co_await prepare_isolator(index, sink, claims));
  }
  TEPUI_CO_TRY(still_wanted());
  merge_plan(*sink);
  co_return ok();
}

/// Asks again while the isolator is not ready yet.
Async<void> Container::prepare_isolator(std::size_t index, std::shared_ptr<LaunchPlanSink> sink,
                                        std::shared_ptr<modules::ClaimTable> claims) {
  const MonotonicTime deadline = host_.clock.monotonic() + host_.options.prepare_deadline;
  auto pause = kFirstPrepareRetry;
  for (;;) {
    TEPUI_CO_TRY(still_wanted());
    prepared_count_ = index + 1;  // also a prepare that fails is cleaned up after
    const Result<void> prepared = co_await host_.isolators.prepare(index, view(), sink, claims);
    if (prepared) co_return ok();
    const bool is_late = is_left_ || host_.clock.monotonic() + pause > deadline;
    if (prepared.error().code() != ErrorCode::Unavailable || is_late) co_return prepared.error();
    TEPUI_CO_TRY(co_await await_change_until(host_.clock.monotonic() + pause));
    pause = std::min(pause * 2, kLongestPrepareRetry);
  }
}

void Container::merge_plan(const LaunchPlanSink& sink) {
  plan_ = sink.plan();
  plan_.env = format_environment(assemble_environment(config_, sandbox_.path, sink.environment()));
  const bool is_tracked = std::any_of(plan_.cgroups.begin(), plan_.cgroups.end(), [&](const launcher::PlanCgroup& group) {
    return group.controller == host_.tracking_controller;
  });
  if (!is_tracked) plan_.cgroups.push_back({host_.tracking_controller, {}});
  for (const launcher::PlanCgroup& group : plan_.cgroups) controllers_.push_back(group.controller);
  has_init_ = plan_.wants_init && plan_.has_namespace(launcher::NamespaceKind::Pid);
  plan_text_ = format_plan(plan_);
}

/// Durable when it resolves: what is known of the container so far.
Async<void> Container::store_record() {
  const StepTimer timer(*this, process_ ? "checkpoint process" : "checkpoint plan");
  TEPUI_CO_TRY(still_wanted());
  ContainerRecord record{config_.container_id, format_container_record(stored())};
  TEPUI_CO_TRY(co_await host_.checkpoints.store(std::move(record)));
  is_process_stored_ = process_.has_value();
  co_return ok();
}

/// The containerizer alone creates, names, attaches and removes cgroups.
Async<void> Container::make_cgroups() {
  const StepTimer timer(*this, "cgroups");
  TEPUI_CO_TRY(still_wanted());
  using Made = std::map<std::string, std::shared_ptr<const sys::Cgroup>>;
  auto make = [groups = plan_.cgroups, id = config_.container_id, root = host_.cgroups]() -> Result<Made> {
    Made made;
    for (const launcher::PlanCgroup& group : groups) {
      TEPUI_ASSIGN(sys::Cgroup cgroup, root->create_cgroup(group.controller, id));
      for (const launcher::PlanCgroupSetting& setting : group.settings) {
        TEPUI_TRY(cgroup.write(setting.file, setting.value));
      }
      made[group.controller] = std::make_shared<const sys::Cgroup>(std::move(cgroup));
    }
    return made;
  };
  Result<Made> made = co_await host_.pool.run("create cgroups", std::move(make));
  if (!made) co_return made.error();
  cgroups_ = std::move(*made);
  tell_cgroups();
  co_return ok();
}

/// From here on the container's first process exists, parked.
Async<void> Container::start_shim() {
  const StepTimer timer(*this, "start shim");
  TEPUI_CO_TRY(still_wanted());
  if (host_.cgroups->version() == sys::CgroupVersion::V2) {
    TEPUI_CO_ASSIGN(UniqueFd directory, sys::duplicate(cgroups_.at(host_.tracking_controller)->directory()));
    plan_.cgroup_fd = plan_.add_fd(std::move(directory));
  }
  auto sandbox = std::make_shared<Sandbox>(std::move(sandbox_));
  sandbox_.path = sandbox->path;
  auto start = [plan = plan_, sandbox, runtime_dir = runtime_dir_, starter = host_.launcher]() {
    const launcher::Stdio stdio{sandbox->standard_input.borrow(), sandbox->standard_output.borrow(),
                                sandbox->standard_error.borrow()};
    return starter->start(plan, stdio, runtime_dir->borrow());
  };
  Result<launcher::Launch> launch = co_await host_.pool.run("start shim", std::move(start));
  if (!launch) co_return launch.error();
  launch_.emplace(std::move(*launch));
  shim_ = ProcessIdentity{launch_->shim().pid, launch_->shim().start_time_ticks, host_.boot_id};
  TEPUI_CO_ASSIGN(launcher::LaunchEvent event, co_await next_launch_event());
  auto* parked = std::get_if<launcher::Parked>(&event);
  if (parked == nullptr) co_return unexpected_event(event);
  process_ = ProcessIdentity{parked->container.pid, parked->container.start_time_ticks, host_.boot_id};
  container_pidfd_ = std::make_shared<UniqueFd>(std::move(parked->pidfd));
  co_return ok();
}

/// On v1 the parked child is moved; on v2 it was born in its cgroup.
Async<void> Container::place_in_cgroups() {
  const StepTimer timer(*this, "enter cgroups");
  TEPUI_CO_TRY(still_wanted());
  auto place = [cgroups = cgroups_, pid = process_->pid, version = host_.cgroups->version()]() -> Result<void> {
    if (version == sys::CgroupVersion::V2) return ok();
    for (const auto& [controller, cgroup] : cgroups) {
      TEPUI_TRY(cgroup->attach(pid));
    }
    return ok();
  };
  co_return co_await host_.pool.run("enter cgroups", std::move(place));
}

Async<void> Container::isolate() {
  for (std::size_t index = 0; index < host_.isolators.size(); ++index) {
    const StepTimer timer(*this, "isolate " + host_.isolators.name(index));
    TEPUI_CO_TRY(still_wanted());
    TEPUI_CO_TRY(co_await host_.isolators.isolate(index, view(), container_pidfd_->borrow()));
  }
  co_return ok();
}

/// Go. The shim carries the plan out; its next word is that the command runs, or at which step it failed.
Async<void> Container::release_command() {
  const StepTimer timer(*this, "go");
  TEPUI_CO_TRY(still_wanted());
  TEPUI_CO_TRY(launch_->go(), "let the container go");
  TEPUI_CO_ASSIGN(launcher::LaunchEvent event, co_await next_launch_event());
  if (!std::holds_alternative<launcher::Running>(event)) co_return unexpected_event(event);
  shim_pidfd_ = std::make_shared<UniqueFd>(launch_->take_shim_pidfd());
  launch_.reset();
  co_return ok();
}

/// Running, Parked or the launcher's own account of what failed. Errors: DeadlineExceeded, Aborted (the shim died).
Async<launcher::LaunchEvent> Container::next_launch_event() {
  const MonotonicTime deadline = host_.clock.monotonic() + host_.options.handshake_deadline;
  for (;;) {
    TEPUI_CO_TRY(still_wanted());
    Result<launcher::LaunchEvent> event = launch_->take_event();
    if (event || event.error().code() != ErrorCode::Unavailable) co_return event;
    const auto left = deadline - host_.clock.monotonic();
    TEPUI_CO_TRY(co_await with_deadline(wait_readable(launch_->socket()), left, "wait for the shim"));
  }
}

std::string Container::step_text(launcher::LaunchStep step) {
  return step == launcher::LaunchStep::Exec ? "execve" : launcher::launch_step_name(step);
}

Error Container::unexpected_event(const launcher::LaunchEvent& event) {
  const auto* failure = std::get_if<launcher::LaunchFailure>(&event);
  if (failure == nullptr) return Error(ErrorCode::Internal, "understand the shim: a message out of order");
  launch_failure_ =
      LaunchFailure{.step = step_text(failure->step), .object = failure->object, .sys_errno = failure->sys_errno};
  // The words that `tepui run` and people know from their shells' errors.
  if (failure->step == launcher::LaunchStep::Exec) {
    return Error::from_errno(failure->sys_errno, fmt::format("execve \"{}\"", failure->object));
  }
  if (failure->step == launcher::LaunchStep::WorkingDirectory && failure->sys_errno == EACCES) {
    return failure->to_error().with_hint(
        fmt::format("user '{}' must be able to pass through every folder above the sandbox: chmod o+x them, or use "
                    "another --work-dir",
                    config_.user));
  }
  return failure->to_error();
}

// ---- Running ----

/// Returns when the shim has ended, or when the container is to be destroyed.
Async<void> Container::watch_until_end() {
  TEPUI_CO_TRY(host_.watchers.spawn("watch shim", watch_shim(shared_from_this(), shim_pidfd_)));
  for (;;) {
    if (is_left_) co_return ok();
    if (has_shim_ended_) {
      advance(ContainerEvent::Exited);
      co_return ok();
    }
    if (limitation_) {
      advance(ContainerEvent::Limited);
      co_return ok();
    }
    const bool is_grace_over = kill_deadline_ && host_.clock.monotonic() >= *kill_deadline_;
    if (is_destroy_requested_ || is_grace_over) {
      advance(ContainerEvent::DestroyRequested);
      co_return ok();
    }
    if (is_kill_requested_ && !is_term_sent_) {
      is_term_sent_ = true;
      co_await signal_processes(SIGTERM);
      continue;
    }
    const Result<void> waited = co_await await_change_until(kill_deadline_.value_or(MonotonicTime::max()));
    if (!waited) is_left_ = true;  // the agent's whole loop ends
  }
}

/// A coroutine of its own beside watch_until_end; ends with the shim or with the task group.
Async<void> Container::watch_shim(std::shared_ptr<Container> self, std::shared_ptr<UniqueFd> pidfd) {
  TEPUI_CO_TRY(co_await wait_process_end(pidfd->borrow()));
  self->has_shim_ended_ = true;
  self->changed_.notify_all();
  co_return ok();
}

/// To every process of the container but our init, which would pass it on once more.
Async<void> Container::signal_processes(int signal) {
  const auto tracked = cgroups_.find(host_.tracking_controller);
  if (tracked == cgroups_.end()) co_return ok();
  const int spared = has_init_ ? process_->pid : 0;
  auto send = [cgroup = tracked->second, signal, spared] { return signal_cgroup(*cgroup, signal, spared); };
  const Result<void> sent = co_await host_.pool.run("signal container", std::move(send));
  if (!sent) log::warn("container could not be signalled", {{"container", config_.container_id}, {"error", sent.error()}});
  co_return ok();
}

// ---- Destroying: legal from every state; nothing here gives up half way ----

Async<void> Container::tear_down() {
  advance(ContainerEvent::DestroyRequested);
  co_await end_processes();
  if (!termination_) {  // an earlier agent may have come as far as this
    co_await read_end();
    compose_termination();
    TEPUI_FAULT("agent.cleanup.before_end_checkpoint");
    co_await store_end();
  }
  TEPUI_FAULT("agent.cleanup.before_isolators");
  co_await clean_up();
  advance(ContainerEvent::CleanedUp);
  termination_->cleanup_errors = cleanup_errors_;
  co_return ok();
}

/// SIGKILL to all; resolves when the shim has left its record and no process is in the cgroup.
Async<void> Container::end_processes() {
  if (launch_) {
    launch_->cancel();
    shim_pidfd_ = std::make_shared<UniqueFd>(launch_->take_shim_pidfd());
    launch_.reset();
  }
  const auto tracked = cgroups_.find(host_.tracking_controller);
  auto end = [cgroup = tracked == cgroups_.end() ? nullptr : tracked->second, shim = shim_pidfd_,
              is_freezer = host_.tracking_controller == "freezer",
              deadline = host_.options.destroy_deadline]() -> Result<void> {
    Result<void> killed = cgroup == nullptr ? ok() : kill_cgroup(*cgroup, is_freezer, deadline);
    if (shim == nullptr || !*shim) return killed;
    TEPUI_TRY(await_shim(shim->borrow(), deadline));
    return cgroup == nullptr ? ok() : kill_cgroup(*cgroup, is_freezer, deadline);  // what was born meanwhile
  };
  const Result<void> ended = co_await host_.pool.run("end processes", std::move(end));
  if (!ended) note_cleanup_error("end processes", ended.error());
  co_return ok();
}

/// The exit record, what limit was the reason, and the last usage.
Async<void> Container::read_end() {
  if (runtime_dir_ && !exit_record_) {
    auto read = [directory = runtime_dir_] { return launcher::read_exit_record(directory->borrow()); };
    const Result<std::optional<launcher::ExitRecord>> record = co_await host_.pool.run("read exit record", std::move(read));
    if (record) {
      exit_record_ = *record;
    } else {
      note_cleanup_error("read exit record", record.error());
    }
  }
  if (!cgroups_.empty() && prepared_count_ > 0 && process_) {
    Result<std::map<std::string, double>> values = co_await host_.isolators.usage(config_.container_id);
    if (values) usage_ = ContainerUsage{host_.clock.wall(), std::move(*values)};
  }
  // The memory isolator's report travels through its own thread: a command that nobody here killed waits for it.
  const MonotonicTime deadline = host_.clock.monotonic() + host_.options.limitation_grace;
  while (is_death_unexplained() && host_.clock.monotonic() < deadline) {
    const Result<void> waited = co_await await_change_until(deadline);
    if (!waited) break;
  }
  co_return ok();
}

/// From here on a crash of the agent changes nothing about what is told of the container's end.
Async<void> Container::store_end() {
  ContainerRecord record{config_.container_id, format_container_record(stored())};
  const Result<void> kept = co_await host_.checkpoints.store(std::move(record));
  if (!kept) note_cleanup_error("checkpoint end", kept.error());
  co_return ok();
}

/// Isolators in reverse, then the cgroups, then the runtime directory: all of it, whatever fails.
Async<void> Container::clean_up() {
  for (std::size_t index = prepared_count_; index-- > 0;) {
    const Result<void> cleaned = co_await host_.isolators.cleanup(index, config_.container_id);
    if (!cleaned) note_cleanup_error("clean up", cleaned.error());
  }
  host_.isolators.forget_cgroups(config_.container_id);
  cgroups_.clear();
  TEPUI_FAULT("agent.cleanup.before_cgroup_remove");
  for (const std::string& controller : controllers_) {
    auto remove = [root = host_.cgroups, controller, id = config_.container_id,
                   deadline = host_.options.destroy_deadline] { return root->remove(controller, id, deadline); };
    const Result<void> removed = co_await host_.pool.run("remove cgroup", std::move(remove));
    if (!removed) note_cleanup_error("remove cgroup", removed.error());
  }
  TEPUI_FAULT("agent.cleanup.before_runtime_dir_remove");
  runtime_dir_.reset();
  auto remove = [root = host_.runtime_root, id = config_.container_id] { return sys::remove_tree_at(root->borrow(), id); };
  const Result<void> removed = co_await host_.pool.run("remove runtime directory", std::move(remove));
  if (!removed) note_cleanup_error("remove runtime directory", removed.error());
  co_return ok();
}

// ---- Small print ----

Async<void> Container::await_change_until(MonotonicTime time) {
  if (time == MonotonicTime::max()) {
    alarm_.clear();
  } else {
    alarm_.set(time);
  }
  const Result<void> waited = co_await changed_.wait();
  co_return waited;
}

Result<void> Container::still_wanted() const {
  if (!is_destroy_requested_) return ok();
  return Error(ErrorCode::Cancelled, "destroyed during its launch");
}

void Container::advance(ContainerEvent event) {
  const Result<ContainerState> next = kContainerLifecycle.next(state_, event);
  assert(next && "the life cycle's table forbids what container.cpp does");
  if (next) state_ = *next;
#ifndef NDEBUG
  const Result<void> holds = check_container_invariants(facts());
  if (!holds) log::error("container invariant broken", {{"container", config_.container_id}, {"error", holds.error()}});
  assert(holds && "an invariant of containers is broken: see the log");
#endif
}

void Container::note_launch_failure(const Error& error) {
  const Error whole = error.wrap(fmt::format("launch container '{}'", config_.container_id));
  start_error_ = whole;
  advance(ContainerEvent::Failed);
  if (is_destroy_requested_) {  // an outcome that somebody asked for
    start_error_ = Error(ErrorCode::Cancelled, whole.message()).wrap("destroy container during its launch");
    launch_failure_.reset();
    return;
  }
  if (!launch_failure_) launch_failure_ = LaunchFailure{.step = step_, .sys_errno = error.sys_errno()};
  launch_failure_->message = whole.to_string();
}

void Container::note_cleanup_error(std::string_view what, const Error& error) {
  cleanup_errors_.push_back(fmt::format("{}: {}", what, error.to_string()));
  log::error("container was not cleaned up whole", {{"container", config_.container_id}, {"step", what}, {"error", error}});
}

}  // namespace tepui::agent

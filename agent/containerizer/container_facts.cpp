// The rest of Container: what is asked of it and what it tells. Its life is in container.cpp.
#include <algorithm>
#include <cmath>
#include <csignal>

#include <fmt/format.h>

#include "agent/containerizer/container.hpp"
#include "lib/base/log.hpp"
#include "lib/base/try.hpp"
#include "lib/linux/capabilities.hpp"
#include "lib/linux/sys.hpp"

namespace tepui::agent {
namespace {

/// What a root task may have, once --allow-root-tasks has let it in at all: the usual set without CAP_MKNOD (a device node
/// of the host's disk would be the host) and CAP_NET_RAW, and no more than the agent itself has to give.
sys::CapabilitySet root_capabilities() {
  const auto bounding = sys::read_bounding_set();
  return bounding ? sys::usual_capabilities() & *bounding : 0;
}

std::int64_t milli_of(double amount) { return std::llround(amount * 1000); }
/// A negative amount of memory means unlimited and stays so.
std::int64_t bytes_of(double mebibytes) {
  return mebibytes < 0 ? modules::ResourceAmounts::kUnlimited : std::llround(mebibytes * 1048576);
}

modules::ResourceAmounts amounts_of(const ContainerResources& resources) {
  modules::ResourceAmounts out;
  out.cpus_milli = resources.cpus < 0 ? modules::ResourceAmounts::kUnlimited : milli_of(resources.cpus);
  out.mem_bytes = bytes_of(resources.mem_mib);
  out.disk_bytes = bytes_of(resources.disk_mib);
  out.gpus_milli = milli_of(resources.gpus);
  out.ports = resources.ports;
  for (const auto& [name, amount] : resources.others) out.others_milli[name] = milli_of(amount);
  return out;
}

std::string upper_state_name(ContainerState state) {
  std::string name(kContainerLifecycle.name_of(state));
  std::transform(name.begin(), name.end(), name.begin(), [](char c) { return c >= 'a' && c <= 'z' ? c - 32 : c; });
  return name;
}

}  // namespace

Container::Container(ContainerHost& host, ContainerConfig config)
    : host_(host),
      config_(std::move(config)),
      created_(host.clock.wall()),
      changed_(host.loop),
      alarm_(host.loop, [this] { changed_.notify_all(); }),
      started_(host.loop),
      ended_(host.loop) {
  sandbox_.path = sandbox_path(host.options.work_dir, config_);
}

Container::Container(ContainerHost& host, StoredContainer stored) : Container(host, std::move(stored.config)) {
  state_ = stored.process ? ContainerState::Running : ContainerState::Isolating;
  plan_text_ = std::move(stored.plan);
  controllers_ = std::move(stored.cgroup_controllers);
  prepared_count_ = host.isolators.size();  // cleanup is idempotent: all are asked
  shim_ = stored.shim;
  process_ = stored.process;
  has_init_ = stored.has_init;
  created_ = stored.created;
  termination_ = std::move(stored.termination);
}

Container::~Container() = default;

void Container::request_destroy() {
  if (has_ended() || is_destroy_requested_) return;
  is_destroy_requested_ = true;
  if (launch_) launch_->cancel();  // makes the launch's wait end
  changed_.notify_all();
}

void Container::request_kill(std::chrono::nanoseconds grace) {
  is_kill_requested_ = true;
  const MonotonicTime deadline =
      host_.clock.monotonic() + std::chrono::duration_cast<MonotonicTime::duration>(std::max(grace, grace.zero()));
  kill_deadline_ = kill_deadline_ ? std::min(*kill_deadline_, deadline) : deadline;
  if (state_ == ContainerState::Preparing || state_ == ContainerState::Isolating) {
    request_destroy();
  } else {
    changed_.notify_all();
  }
}

void Container::report_limitation(ContainerLimitation limitation) {
  if (limitation_ || has_ended()) return;
  limitation_ = std::move(limitation);
  changed_.notify_all();
}

void Container::leave() {
  is_left_ = true;
  changed_.notify_all();
}

Async<ContainerStarted> Container::wait_started() {
  const auto keep = shared_from_this();
  TEPUI_CO_TRY(co_await started_.wait());
  if (start_error_) co_return *start_error_;
  co_return ContainerStarted{config_.container_id, process_.value_or(ProcessIdentity{}), sandbox_.path, spans_};
}

Async<ContainerTermination> Container::wait_ended() {
  const auto keep = shared_from_this();
  TEPUI_CO_TRY(co_await ended_.wait());
  co_return *termination_;
}

Async<ContainerUsage> Container::read_usage() {
  const auto keep = shared_from_this();
  if (state_ != ContainerState::Running) co_return termination_ ? termination_->usage : usage_;
  TEPUI_CO_ASSIGN(auto values, co_await host_.isolators.usage(config_.container_id));
  usage_ = ContainerUsage{host_.clock.wall(), std::move(values)};
  co_return usage_;
}

ContainerSummary Container::summary() const {
  ContainerSummary out;
  out.container_id = config_.container_id;
  out.framework_id = config_.framework_id;
  out.executor_id = config_.executor_id;
  out.task_id = config_.task_id;
  out.state = upper_state_name(state_);
  out.pid = process_ ? process_->pid : 0;
  out.user = config_.user;
  out.sandbox = sandbox_.path;
  out.started = created_;
  out.isolators = host_.isolators.names();
  out.plan = plan_text_;
  out.spans = spans_;
  out.usage = termination_ ? termination_->usage : usage_;
  if (has_ended()) out.termination = termination_;
  return out;
}

modules::ContainerView Container::view() const {
  modules::ContainerView out;
  out.id = config_.container_id;
  out.agent_id = config_.agent_id;
  out.framework_id = config_.framework_id;
  out.executor_id = config_.executor_id;
  out.task_id = config_.task_id;
  out.task_name = config_.task_name;
  out.user = config_.user;
  out.uid = user_.uid;
  out.gid = user_.gid;
  out.sandbox_fd = sandbox_.directory.borrow();
  out.sandbox = sandbox_.path;
  out.pid = process_ && state_ != ContainerState::Destroying ? process_->pid : 0;
  out.labels = config_.labels;
  out.requests = amounts_of(config_.resources);
  out.limits = amounts_of(config_.limits);
  return out;
}

launcher::LaunchPlan Container::base_plan() const {
  launcher::LaunchPlan plan;
  if (config_.command.shell) {
    plan.executable = "/bin/sh";
    plan.argv = {"sh", "-c", config_.command.value};
  } else {
    plan.executable = config_.command.value;
    plan.argv = config_.command.arguments;
    if (plan.argv.empty()) plan.argv = {config_.command.value};
  }
  plan.cwd = sandbox_.path;
  plan.user = {user_.uid, user_.gid, user_.supplementary_gids};
  if (user_.uid == 0) {
    const sys::CapabilitySet capabilities = root_capabilities();
    plan.capabilities.bounding = capabilities;
    plan.capabilities.effective = capabilities;
    plan.capabilities.permitted = capabilities;
  }
  return plan;
}

StoredContainer Container::stored() const {
  return {config_, plan_text_, controllers_, shim_, process_, has_init_, created_, termination_};
}

ContainerFacts Container::facts() const {
  return {.state = state_,
          .has_process = process_.has_value(),
          .is_process_stored = is_process_stored_,
          .is_tracked = cgroups_.contains(host_.tracking_controller),
          .has_termination = termination_.has_value(),
          .open_cgroups = cgroups_.size()};
}

void Container::tell_cgroups() {
  modules::CgroupDirectories directories;
  for (const auto& [controller, cgroup] : cgroups_) directories[controller] = cgroup->directory();
  host_.isolators.set_cgroups(config_.container_id, std::move(directories));
}

void Container::reopen() {
  auto user = sys::lookup_account(config_.user);
  if (user) user_ = std::move(*user);
  auto directory = sys::open_directory_at(host_.runtime_root->borrow(), config_.container_id);
  if (directory) runtime_dir_ = std::make_shared<UniqueFd>(std::move(*directory));
  for (const std::string& controller : controllers_) {
    auto cgroup = host_.cgroups->open_cgroup(controller, config_.container_id);
    if (cgroup) cgroups_[controller] = std::make_shared<const sys::Cgroup>(std::move(*cgroup));
  }
  tell_cgroups();
}

/// SIGKILL, or a shell's 128+9 for a child's, that nobody here sent and no isolator has explained yet.
bool Container::is_death_unexplained() const {
  if (limitation_ || is_destroy_requested_ || is_kill_requested_ || is_left_) return false;
  if (!exit_record_ || exit_record_->kind != launcher::ExitKind::Exited) return false;
  const ExitStatus exit = ExitStatus::of_wait_status(exit_record_->wait_status);
  return exit.is_signalled ? exit.signal == SIGKILL : exit.code == 128 + SIGKILL;
}

void Container::compose_termination() {
  ContainerTermination end;
  end.container_id = config_.container_id;
  end.limitation = limitation_;
  end.was_killed = is_kill_requested_ || is_destroy_requested_;
  end.ended = host_.clock.wall();
  end.message = end.was_killed ? "destroyed before its command ran" : why_lost_;
  if (exit_record_ && exit_record_->kind == launcher::ExitKind::Exited) {
    end.exit = ExitStatus::of_wait_status(exit_record_->wait_status);
    end.ended = exit_record_->ended_at;
    end.message = end.exit->to_string();
    const auto seconds = [](std::chrono::microseconds time) { return std::chrono::duration<double>(time).count(); };
    usage_.values.try_emplace("cpus_user_time_secs", seconds(exit_record_->user_time));
    usage_.values.try_emplace("cpus_system_time_secs", seconds(exit_record_->system_time));
  } else if (!launch_failure_ && exit_record_ && !end.was_killed) {
    // The launch's own agent did not live to see how it went.
    const auto& failure = exit_record_->failure;
    launch_failure_ = LaunchFailure{.step = "go", .sys_errno = failure ? failure->sys_errno : 0};
    if (failure) launch_failure_->step = step_text(failure->step);
    if (failure) launch_failure_->object = failure->object;
    launch_failure_->message =
        fmt::format("launch container '{}': {}", config_.container_id,
                    failure ? failure->to_string() : "the agent ended before the command was started");
  } else if (!launch_failure_ && !process_ && !end.was_killed) {
    launch_failure_ = LaunchFailure{.message = fmt::format("launch container '{}': {}", config_.container_id, why_lost_),
                                    .step = "checkpoint plan"};
  }
  end.launch_failure = launch_failure_;
  if (launch_failure_) end.message = launch_failure_->message;
  if (limitation_) end.message = limitation_->message;
  if (end.message.empty()) end.message = "the exit status is lost: the container's shim ended without a record";
  end.usage = usage_;
  if (end.usage.taken == WallTime{}) end.usage.taken = end.ended;
  termination_ = std::move(end);
}

}  // namespace tepui::agent

#include "cli/run_scheduler.hpp"

#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstring>

#include <fmt/format.h>

#include "cli/settings.hpp"

namespace tepui::cli {
namespace {

using mesos::v1::TaskStatus;

double scalar_in(const mesos::v1::Offer& offer, std::string_view name) {
  double sum = 0;
  for (const auto& resource : offer.resources()) {
    if (resource.name() == name && resource.has_scalar()) sum += resource.scalar().value();
  }
  return sum;
}

void add_scalar(mesos::v1::TaskInfo& task, const char* name, double value) {
  auto& resource = *task.add_resources();
  resource.set_name(name);
  resource.set_type(mesos::v1::Value::SCALAR);
  resource.mutable_scalar()->set_value(value);
}

/// The number after `words` in `message`; -1 when they are not there.
int number_after(std::string_view message, std::string_view words) {
  const auto at = message.find(words);
  if (at == std::string_view::npos) return -1;
  message.remove_prefix(at + words.size());
  int number = -1;
  std::from_chars(message.data(), message.data() + message.size(), number);
  return number;
}

/// "SIGKILL" or "Killed" after "terminated with signal " -> 9; -1 when there is none.
int signal_in(std::string_view message) {
  constexpr std::string_view kWords = "terminated with signal ";
  const auto at = message.find(kWords);
  if (at == std::string_view::npos) return -1;
  message.remove_prefix(at + kWords.size());
  for (int number = 1; number < NSIG; ++number) {
    const char* name = ::sigabbrev_np(number);
    const char* description = ::sigdescr_np(number);
    if (name != nullptr && message.starts_with(std::string("SIG") + name)) return number;
    if (description != nullptr && message.starts_with(description)) return number;
  }
  return -1;
}

}  // namespace

bool is_terminal(mesos::v1::TaskState state) {
  switch (state) {
    case mesos::v1::TASK_STAGING:
    case mesos::v1::TASK_STARTING:
    case mesos::v1::TASK_RUNNING:
    case mesos::v1::TASK_KILLING:
    case mesos::v1::TASK_UNREACHABLE: return false;
    default: return true;
  }
}

int exit_code_of(const TaskStatus& status) {
  if (status.state() == mesos::v1::TASK_FINISHED) return kExitOk;
  const std::string& message = status.message();
  if (const int code = number_after(message, "exited with status "); code >= 0) return code;
  if (const int number = signal_in(message); number > 0) return kExitSignalBase + number;
  if (status.reason() == TaskStatus::REASON_CONTAINER_LIMITATION_MEMORY) return kExitSignalBase + SIGKILL;
  if (status.state() == mesos::v1::TASK_KILLED) return kExitSignalBase + SIGTERM;
  if (status.reason() == TaskStatus::REASON_CONTAINER_LAUNCH_FAILED && message.find("execve") != std::string::npos) {
    return message.find("ENOENT") != std::string::npos ? kExitNotFound : kExitCannotInvoke;
  }
  return kExitOurError;
}

RunScheduler::RunScheduler(RunRequest request, Listener listener)
    : request_(std::move(request)), listener_(std::move(listener)) {
  for (int index = 0; index < request_.instances; ++index) {
    RunInstance instance;
    instance.index = index;
    instance.task_id = request_.instances == 1 ? request_.task_id_prefix : fmt::format("{}-{}", request_.task_id_prefix, index);
    instances_.push_back(std::move(instance));
  }
}

bool RunScheduler::is_over() const {
  return std::all_of(instances_.begin(), instances_.end(),
                     [](const RunInstance& instance) { return instance.phase == RunInstance::Phase::Ended; });
}

void RunScheduler::end_all() {
  for (RunInstance& instance : instances_) {
    if (instance.phase == RunInstance::Phase::Ended) continue;
    if (instance.phase == RunInstance::Phase::Waiting) {
      instance.phase = RunInstance::Phase::Ended;
      instance.last_status.set_state(mesos::v1::TASK_KILLED);
      listener_.on_change(instance);
      continue;
    }
    mesos::v1::TaskID id;
    id.set_value(instance.task_id);
    static_cast<void>(driver_->kill(id));
  }
}

void RunScheduler::on_subscribed(const mesos::v1::scheduler::Event::Subscribed&) {
  // After a reconnection the master may have forgotten what was launched, or an update may have been lost on the way.
  std::vector<TaskStatus> launched;
  for (const RunInstance& instance : instances_) {
    if (instance.phase != RunInstance::Phase::Launched && instance.phase != RunInstance::Phase::Running) continue;
    TaskStatus status = instance.last_status;
    status.mutable_task_id()->set_value(instance.task_id);
    launched.push_back(std::move(status));
  }
  if (!launched.empty()) static_cast<void>(driver_->reconcile(launched));
}

void RunScheduler::on_offers(const std::vector<mesos::v1::Offer>& offers) {
  for (const mesos::v1::Offer& offer : offers) take_offer(offer);
  const bool is_all_placed = std::none_of(instances_.begin(), instances_.end(), [](const RunInstance& instance) {
    return instance.phase == RunInstance::Phase::Waiting;
  });
  if (is_all_placed) static_cast<void>(driver_->suppress());
}

void RunScheduler::take_offer(const mesos::v1::Offer& offer) {
  double cpus = scalar_in(offer, "cpus");
  double mem_mebibytes = scalar_in(offer, "mem");
  const bool is_too_small = cpus < request_.cpus || mem_mebibytes < request_.mem_mebibytes;
  std::vector<mesos::v1::TaskInfo> tasks;
  for (RunInstance& instance : instances_) {
    if (instance.phase != RunInstance::Phase::Waiting) continue;
    // A thousandth of slack: resources are in fixed point with three decimals, sums of doubles are not.
    if (cpus + 0.0005 < request_.cpus || mem_mebibytes + 0.0005 < request_.mem_mebibytes) break;
    cpus -= request_.cpus;
    mem_mebibytes -= request_.mem_mebibytes;
    instance.phase = RunInstance::Phase::Launched;
    instance.agent_address = fmt::format("{}:{}", offer.url().address().ip(), offer.url().address().port());
    *instance.last_status.mutable_agent_id() = offer.agent_id();
    tasks.push_back(make_task(instance, offer.agent_id()));
    listener_.on_change(instance);
  }
  mesos::v1::Filters filters;
  filters.set_refuse_seconds(1);  // more instances may wait for what comes free
  const auto sent = tasks.empty() ? driver_->decline({offer.id()}, filters) : driver_->launch(offer, tasks, filters);
  static_cast<void>(sent);  // not sent: disconnected; the reconnection reconciles
  if (tasks.empty() && is_too_small && !is_over()) refuse_small_offer(cpus, mem_mebibytes);
}

void RunScheduler::refuse_small_offer(double cpus, double mem_mebibytes) {
  const bool is_anything_placed = std::any_of(instances_.begin(), instances_.end(), [](const RunInstance& instance) {
    return instance.phase == RunInstance::Phase::Launched || instance.phase == RunInstance::Phase::Running;
  });
  const bool is_waiting = std::any_of(instances_.begin(), instances_.end(), [](const RunInstance& instance) {
    return instance.phase == RunInstance::Phase::Waiting;
  });
  if (is_anything_placed || !is_waiting) return;
  const std::string text = fmt::format("place the task: it wants {:g} cpus and {:g} MiB, the agent offers {:g} cpus and {:g} MiB",
                                       request_.cpus, request_.mem_mebibytes, cpus, mem_mebibytes);
  if (request_.is_cluster_complete) {
    listener_.on_failure(Error(ErrorCode::ResourceExhausted, text).with_hint("ask for less with --cpus and --mem"));
  } else if (!is_small_offer_noticed_) {
    is_small_offer_noticed_ = true;
    listener_.on_notice(text + "; waiting for a better offer");
  }
}

mesos::v1::TaskInfo RunScheduler::make_task(const RunInstance& instance, const mesos::v1::AgentID& agent) const {
  mesos::v1::TaskInfo task;
  task.set_name(request_.name);
  task.mutable_task_id()->set_value(instance.task_id);
  *task.mutable_agent_id() = agent;
  add_scalar(task, "cpus", request_.cpus);
  add_scalar(task, "mem", request_.mem_mebibytes);
  auto& command = *task.mutable_command();
  command.set_shell(false);
  command.set_value(request_.command.front());
  for (const std::string& argument : request_.command) command.add_arguments(argument);
  if (!request_.user.empty()) command.set_user(request_.user);
  const auto add_variable = [&command](const std::string& name, const std::string& value) {
    auto& variable = *command.mutable_environment()->add_variables();
    variable.set_name(name);
    variable.set_value(value);
  };
  for (const std::string& pair : request_.environment) {
    const auto equals = pair.find('=');
    add_variable(pair.substr(0, equals), equals == std::string::npos ? "" : pair.substr(equals + 1));
  }
  add_variable("TEPUI_INSTANCE", std::to_string(instance.index));
  return task;
}

void RunScheduler::on_update(const TaskStatus& status) {
  const auto found = std::find_if(instances_.begin(), instances_.end(), [&](const RunInstance& instance) {
    return instance.task_id == status.task_id().value();
  });
  // An update may come twice, and late after the end: the first end counts.
  if (found == instances_.end() || found->phase == RunInstance::Phase::Ended) return;
  found->last_status = status;
  if (is_terminal(status.state())) {
    found->phase = RunInstance::Phase::Ended;
  } else if (status.state() == mesos::v1::TASK_RUNNING) {
    found->phase = RunInstance::Phase::Running;
  }
  listener_.on_change(*found);
}

void RunScheduler::on_disconnected(const Error& reason) { listener_.on_notice(reason.to_string() + "; reconnecting"); }

void RunScheduler::on_call_refused(const mesos::v1::scheduler::Call& call, const Error& reason) {
  if (call.type() == mesos::v1::scheduler::Call::ACCEPT) listener_.on_failure(reason.wrap("launch the task"));
}

}  // namespace tepui::cli

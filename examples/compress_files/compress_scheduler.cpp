#include "examples/compress_files/compress_scheduler.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace tepui::examples {
namespace {

using mesos::v1::TaskState;

double scalar_in(const mesos::v1::Offer& offer, std::string_view name) {
  double sum = 0;
  for (const auto& resource : offer.resources()) {
    if (resource.name() == name) sum += resource.scalar().value();
  }
  return sum;
}

void add_scalar(mesos::v1::TaskInfo& task, const char* name, double value) {
  auto& resource = *task.add_resources();
  resource.set_name(name);
  resource.set_type(mesos::v1::Value::SCALAR);
  resource.mutable_scalar()->set_value(value);
}

bool is_terminal(TaskState state) {
  static constexpr TaskState kLive[] = {mesos::v1::TASK_STAGING, mesos::v1::TASK_STARTING, mesos::v1::TASK_RUNNING,
                                        mesos::v1::TASK_KILLING, mesos::v1::TASK_UNREACHABLE};
  return std::find(std::begin(kLive), std::end(kLive), state) == std::end(kLive);
}

}  // namespace

CompressScheduler::CompressScheduler(CompressRequest request, std::function<void()> on_change)
    : request_(std::move(request)), on_change_(std::move(on_change)) {
  for (const std::string& file : request_.files) {
    CompressTask task;
    task.id = fmt::format("compress-{:02}", tasks_.size() + 1);
    task.file = file;
    tasks_.push_back(std::move(task));
  }
}

std::size_t CompressScheduler::count(CompressTask::Phase phase) const {
  return static_cast<std::size_t>(
      std::count_if(tasks_.begin(), tasks_.end(), [phase](const auto& t) { return t.phase == phase; }));
}

void CompressScheduler::on_subscribed(const mesos::v1::scheduler::Event::Subscribed&) {
  // After a reconnection: ask for what may have been missed.
  std::vector<mesos::v1::TaskStatus> launched;
  for (const auto& task : tasks_) {
    if (task.phase != CompressTask::Phase::Launched) continue;
    auto& status = launched.emplace_back();
    status.mutable_task_id()->set_value(task.id);
    status.set_state(mesos::v1::TASK_STAGING);
  }
  if (!launched.empty()) static_cast<void>(driver_->reconcile(launched));
}

void CompressScheduler::on_offers(const std::vector<mesos::v1::Offer>& offers) {
  for (const auto& offer : offers) place_on(offer);
  if (count(CompressTask::Phase::Waiting) == 0) static_cast<void>(driver_->suppress());
  on_change_();
}

void CompressScheduler::place_on(const mesos::v1::Offer& offer) {
  // Sums of doubles: what is short by less than a thousandth still fits.
  constexpr double kSlack = 0.0005;
  double cpus = scalar_in(offer, "cpus") + kSlack;
  double mem = scalar_in(offer, "mem") + kSlack;
  std::vector<mesos::v1::TaskInfo> placed;
  for (auto& task : tasks_) {
    if (task.phase != CompressTask::Phase::Waiting) continue;
    if (cpus < request_.cpus || mem < request_.mem_mebibytes) break;
    cpus -= request_.cpus;
    mem -= request_.mem_mebibytes;
    task.phase = CompressTask::Phase::Launched;
    task.agent_host = offer.hostname();
    task.agent_address = fmt::format("{}:{}", offer.url().address().ip(), offer.url().address().port());
    placed.push_back(describe(task, offer.agent_id()));
  }
  // What is not sent, because the stream has just been lost, is found by the reconciliation after it.
  if (placed.empty()) {
    static_cast<void>(driver_->decline({offer.id()}));
  } else {
    static_cast<void>(driver_->launch(offer, placed));
  }
}

mesos::v1::TaskInfo CompressScheduler::describe(const CompressTask& task, const mesos::v1::AgentID& agent) const {
  mesos::v1::TaskInfo info;
  info.set_name(task.id);
  info.mutable_task_id()->set_value(task.id);
  *info.mutable_agent_id() = agent;
  add_scalar(info, "cpus", request_.cpus);
  add_scalar(info, "mem", request_.mem_mebibytes);
  auto& command = *info.mutable_command();
  command.set_user(request_.user);
  command.set_value("gzip -9 < \"$FILE\" > result.gz");
  auto& variable = *command.mutable_environment()->add_variables();
  variable.set_name("FILE");
  variable.set_value(task.file);
  return info;
}

void CompressScheduler::on_update(const mesos::v1::TaskStatus& status) {
  const auto found =
      std::find_if(tasks_.begin(), tasks_.end(), [&](const auto& t) { return t.id == status.task_id().value(); });
  if (found == tasks_.end() || found->phase == CompressTask::Phase::Ended) return;
  found->status = status;
  if (is_terminal(status.state())) found->phase = CompressTask::Phase::Ended;
  on_change_();
}

}  // namespace tepui::examples

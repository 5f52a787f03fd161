#include "agent/daemon/effect_runner.hpp"

#include <algorithm>
#include <set>

#include "lib/async/deadline.hpp"
#include "lib/async/timer.hpp"
#include "lib/base/fault.hpp"
#include "lib/base/log.hpp"
#include "lib/base/try.hpp"

namespace tepui::agent {
namespace {

constexpr std::chrono::seconds kRetryCommit{1};

void log_failure(std::string_view task, const Error& error) {
  log::error("performing effects failed", {{"work", task}, {"error", error}});
}

#ifdef TEPUI_FAULTS
void reach_points(const std::vector<CheckpointRecord>& records, bool is_durable) {
  for (const auto& record : records) {
    if (record.has_update()) {
      if (is_durable) TEPUI_FAULT("agent.update.after_checkpoint");
      if (!is_durable) TEPUI_FAULT("agent.update.before_checkpoint");
    } else if (record.has_acknowledgement()) {
      if (is_durable) TEPUI_FAULT("agent.acknowledgement.after_checkpoint");
      if (!is_durable) TEPUI_FAULT("agent.acknowledgement.before_checkpoint");
    } else if (record.has_task_launched()) {
      if (is_durable) TEPUI_FAULT("agent.launch.after_checkpoint");
      if (!is_durable) TEPUI_FAULT("agent.launch.before_checkpoint");
    } else if (record.has_task_removed()) {
      if (is_durable) TEPUI_FAULT("agent.cleanup.after_checkpoint");
      if (!is_durable) TEPUI_FAULT("agent.cleanup.before_checkpoint");
    }
  }
}
#else
void reach_points(const std::vector<CheckpointRecord>&, bool) {}
#endif

}  // namespace

EffectRunner::EffectRunner(Executor executor, CheckpointLog log, BlockingPool& pool, EffectTargets targets)
    : executor_(executor),
      log_(std::make_shared<CheckpointLog>(std::move(log))),
      pool_(pool),
      targets_(std::move(targets)),
      changed_(executor),
      tasks_(executor, "effects", log_failure) {
  static_cast<void>(tasks_.spawn("perform effects", run()));
}

void EffectRunner::perform(const Effects& effects) {
  if (effects.empty()) return;
  for (const auto& effect : effects) queue_.emplace_back(effect);
  changed_.notify_all();
}

Async<void> EffectRunner::submit(CheckpointRecord record) {
  auto request = std::make_shared<Request>(Request{std::move(record), std::nullopt, Notification(executor_)});
  queue_.emplace_back(request);
  changed_.notify_all();
  while (!request->result) {
    TEPUI_CO_TRY(co_await request->done.wait());
  }
  co_return *request->result;
}

Async<void> EffectRunner::store(ContainerRecord record) {
  CheckpointRecord checkpoint;
  checkpoint.mutable_container()->set_container_id(record.container_id);
  checkpoint.mutable_container()->set_data(record.body);
  auto stored = co_await submit(std::move(checkpoint));
  co_return stored;
}

Async<void> EffectRunner::erase(std::string container_id) {
  CheckpointRecord checkpoint;
  checkpoint.mutable_container_removed()->set_container_id(container_id);
  auto erased = co_await submit(std::move(checkpoint));
  co_return erased;
}

Async<void> EffectRunner::run() {
  while (true) {
    if (queue_.empty()) {
      if (is_closing_) co_return ok();
      TEPUI_CO_TRY(co_await changed_.wait());
      continue;
    }
    std::vector<Item> batch = std::move(queue_);
    queue_.clear();
    TEPUI_CO_TRY(co_await commit_all(batch));
    for (const auto& item : batch) {
      if (const auto* effect = std::get_if<Effect>(&item)) {
        perform_now(*effect);
      } else {
        const auto& request = std::get<std::shared_ptr<Request>>(item);
        request->result = ok();
        request->done.notify();
      }
    }
  }
}

Async<void> EffectRunner::commit_all(std::vector<Item>& batch) {
  while (true) {
    auto records = std::make_shared<std::vector<CheckpointRecord>>();
    for (const auto& item : batch) {
      if (const auto* effect = std::get_if<Effect>(&item)) {
        if (const auto* checkpoint = std::get_if<Checkpoint>(effect)) records->push_back(checkpoint->record);
      } else {
        records->push_back(std::get<std::shared_ptr<Request>>(item)->record);
      }
    }
    if (records->empty()) co_return ok();
    reach_points(*records, false);
    auto log = log_;
    const std::string what = "write checkpoint";
    const auto commit = [log, records] { return log->commit(*records); };
    auto committed = co_await pool_.run(what, commit);
    if (committed) {
      reach_points(*records, true);
      if (is_stalled_) log::info("checkpoints are written again");
      is_stalled_ = false;
      co_return ok();
    }
    if (!is_stalled_) {
      log::error("checkpoint failed, nothing is acknowledged until it succeeds", {{"error", committed.error()}});
    }
    is_stalled_ = true;
    fail_requests(batch, committed.error());
    perform_kills(batch);
    if (is_closing_) co_return committed.error();
    TEPUI_CO_TRY(co_await sleep_for(kRetryCommit));
    // What came meanwhile stands behind, in order; its kills must not wait either.
    std::move(queue_.begin(), queue_.end(), std::back_inserter(batch));
    queue_.clear();
  }
}

void EffectRunner::fail_requests(std::vector<Item>& batch, const Error& error) {
  std::erase_if(batch, [&error](const Item& item) {
    const auto* request = std::get_if<std::shared_ptr<Request>>(&item);
    if (request == nullptr) return false;
    (*request)->result = error;
    (*request)->done.notify();
    return true;
  });
}

void EffectRunner::perform_kills(std::vector<Item>& batch) {
  std::set<std::string> waiting;  // containers whose launch waits in front of their kill
  std::erase_if(batch, [this, &waiting](const Item& item) {
    const auto* effect = std::get_if<Effect>(&item);
    if (effect == nullptr) return false;
    if (const auto* launch = std::get_if<LaunchContainer>(effect)) waiting.insert(launch->container_id);
    const auto* kill = std::get_if<KillContainer>(effect);
    const auto* destroy = std::get_if<DestroyContainer>(effect);
    if (kill == nullptr && destroy == nullptr) return false;
    if (waiting.contains(kill != nullptr ? kill->container_id : destroy->container_id)) return false;
    perform_now(*effect);
    return true;
  });
}

void EffectRunner::perform_now(const Effect& effect) {
  if (const auto* send = std::get_if<SendToMaster>(&effect)) {
    if (send->call.has_update()) TEPUI_FAULT("agent.update.before_send");
    targets_.send(send->call);
  } else if (const auto* launch = std::get_if<LaunchContainer>(&effect)) {
    containers_->launch(*launch);
  } else if (const auto* kill = std::get_if<KillContainer>(&effect)) {
    containers_->kill(*kill);
  } else if (const auto* destroy = std::get_if<DestroyContainer>(&effect)) {
    containers_->destroy(*destroy);
  } else if (const auto* forget = std::get_if<ForgetContainer>(&effect)) {
    containers_->forget(*forget);
  } else if (std::holds_alternative<Resubscribe>(effect)) {
    targets_.resubscribe();
  } else if (const auto* terminate = std::get_if<Terminate>(&effect)) {
    targets_.terminate(terminate->message);
  }
}

Async<void> EffectRunner::close() {
  is_closing_ = true;
  changed_.notify_all();
  const std::string what = "write the last checkpoints";
  auto drained = co_await with_deadline(tasks_.drain(), std::chrono::seconds(2), what);
  auto closed = co_await tasks_.close();
  if (!drained) co_return drained.error();
  co_return closed;
}

}  // namespace tepui::agent

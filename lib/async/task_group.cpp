// The only file with co_spawn: whatever runs has an owner, a name and somebody who hears of its failure.
#include "lib/async/task_group.hpp"

#include <exception>
#include <map>
#include <vector>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include "lib/async/condition.hpp"

namespace tepui {

namespace asio = boost::asio;

namespace {

struct Running {
  std::string name;
  asio::cancellation_signal signal;
  bool is_cancelled = false;
};

}  // namespace

struct TaskGroup::State {
  State(Executor e, std::string n, OnFailure f)
      : executor(e), name(std::move(n)), on_failure(std::move(f)), changed(std::move(e)) {}

  Executor executor;
  std::string name;
  OnFailure on_failure;
  Condition changed;
  std::map<std::uint64_t, std::shared_ptr<Running>> running;
  std::uint64_t next_id = 1;
  bool is_closed = false;

  void cancel_all() {
    std::vector<std::shared_ptr<Running>> all;
    for (const auto& [id, task] : running) all.push_back(task);
    for (const auto& task : all) {
      task->is_cancelled = true;
      task->signal.emit(asio::cancellation_type::terminal);
    }
  }

  void report(const Running& task, const Error& error) const {
    if (task.is_cancelled && error.code() == ErrorCode::Cancelled) return;
    if (on_failure) on_failure(task.name, error);
  }

  // The signal must outlive what Asio still does with its slot, hence the post.
  void finish(std::uint64_t id) {
    auto found = running.find(id);
    if (found == running.end()) return;
    asio::post(executor, [task = std::move(found->second)] {});
    running.erase(found);
    changed.notify_all();
  }
};

namespace {

asio::awaitable<Result<void>> run_task(Async<void> task) {
  // Cancellation arrives as an Error of the operation that waits, never as an exception between two of them.
  co_await asio::this_coro::throw_if_cancelled(false);
  auto result = co_await std::move(task);
  co_return result;
}

Error error_of_exception(const std::exception_ptr& exception) {
  try {
    std::rethrow_exception(exception);
  } catch (const std::exception& e) {
    return Error(ErrorCode::Internal, std::string("run a task: exception: ") + e.what());
  } catch (...) {
    return Error(ErrorCode::Internal, "run a task: unknown exception");
  }
}

asio::awaitable<void> run_uncancelled(asio::awaitable<void> task) {
  co_await asio::this_coro::throw_if_cancelled(false);
  co_await std::move(task);
}

}  // namespace

TaskGroup::TaskGroup(Executor executor, std::string name, OnFailure on_failure)
    : state_(std::make_shared<State>(std::move(executor), std::move(name), std::move(on_failure))) {}

TaskGroup::~TaskGroup() {
  state_->is_closed = true;
  state_->on_failure = nullptr;
  state_->cancel_all();
}

Result<void> TaskGroup::spawn(std::string task_name, Async<void> task) {
  if (state_->is_closed) {
    return Error(ErrorCode::FailedPrecondition,
                 "start task '" + task_name + "': task group '" + state_->name + "' is closed");
  }
  const std::uint64_t id = state_->next_id++;
  auto running = std::make_shared<Running>();
  running->name = std::move(task_name);
  state_->running.emplace(id, running);
  auto on_end = [state = state_, running, id](const std::exception_ptr& exception, const Result<void>& result) {
    if (exception) {
      state->report(*running, error_of_exception(exception));
    } else if (!result) {
      state->report(*running, result.error());
    }
    state->finish(id);
  };
  asio::co_spawn(state_->executor, run_task(std::move(task)),
                 asio::bind_cancellation_slot(running->signal.slot(), std::move(on_end)));
  return ok();
}

void TaskGroup::cancel() { state_->cancel_all(); }

Async<void> TaskGroup::close() {
  auto state = state_;
  state->is_closed = true;
  co_await ignore_cancellation();
  state->cancel_all();
  while (!state->running.empty()) co_await state->changed.wait();
  co_return ok();
}

Async<void> TaskGroup::drain() {
  auto state = state_;
  state->is_closed = true;
  while (!state->running.empty()) {
    auto waited = co_await state->changed.wait();
    if (!waited) co_return waited.error();
  }
  co_return ok();
}

std::size_t TaskGroup::size() const { return state_->running.size(); }
bool TaskGroup::is_closed() const { return state_->is_closed; }

namespace detail {

void run_until_done(EventLoop& loop, asio::awaitable<void> task) {
  struct Outcome {
    bool is_done = false;
    std::exception_ptr exception;
  };
  auto outcome = std::make_shared<Outcome>();
  asio::co_spawn(loop.executor(), run_uncancelled(std::move(task)), [outcome, &loop](std::exception_ptr exception) {
    outcome->is_done = true;
    outcome->exception = std::move(exception);
    loop.stop();
  });
  loop.run();
  if (outcome->exception) std::rethrow_exception(outcome->exception);
}

}  // namespace detail
}  // namespace tepui

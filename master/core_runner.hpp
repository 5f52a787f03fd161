// CoreRunner: the shell round MasterCore. Gives it calls, time and closed streams, and performs its effects in one order.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "lib/async/blocking_pool.hpp"
#include "lib/async/condition.hpp"
#include "lib/async/task_group.hpp"
#include "lib/async/timer.hpp"
#include "lib/http/record_stream.hpp"
#include "master/core/master_core.hpp"
#include "master/media_type.hpp"
#include "master/registry.hpp"

namespace tepui::master {

/// How a call is answered.
struct Answer {
  int status = 202;
  std::string message;
};

/// All effects of all calls pass one queue: what follows a StoreInRegistry waits until that is durable, and no call is
/// answered before its effects are performed. Changes that wait together are written together. [loop]
class CoreRunner {
 public:
  /// Told once, when the registry cannot be written: nothing is performed any more and the daemon has to end.
  using OnFatal = std::function<void(const Error&)>;

  /// `clock`, `random` and `registry` outlive it.
  CoreRunner(Executor executor, MasterConfig config, const Clock& clock, RandomSource& random, Registry& registry,
             const RegistryContents& contents, OnFatal on_fatal);
  CoreRunner(const CoreRunner&) = delete;
  CoreRunner& operator=(const CoreRunner&) = delete;
  ~CoreRunner();

  void start();
  /// From now on closed streams mean that this master ends, not that its peers do: the core is not told.
  void begin_stop() { is_stopping_ = true; }
  /// Waits for what is being written; performs nothing further.
  Async<void> close();

  /// A new event stream, known under the id that is returned from now until it ends.
  StreamId open_stream(std::shared_ptr<http::RecordStream> stream, Encoding encoding);

  Async<Answer> scheduler_call(mesos::v1::scheduler::Call call, StreamId stream);
  Async<Answer> agent_call(tepui::v1::AgentCall call, StreamId stream);
  Async<Answer> kill_task(std::string framework_id, std::string task_id);

  [[nodiscard]] const MasterCore& core() const { return core_; }
  [[nodiscard]] Executor executor() const { return executor_; }
  /// Ids for streams are drawn here.
  [[nodiscard]] std::size_t open_streams() const { return streams_.size(); }

 private:
  using Step = std::variant<Effect, Notification>;
  struct Stream {
    std::shared_ptr<http::RecordStream> stream;
    Encoding encoding;
  };

  Async<Answer> answer(CallResult result);
  void queue(Effects effects);
  void perform_queued();
  void perform(const Effect& effect);
  void send(const StreamId& id, const google::protobuf::Message& event);
  void begin_store();
  Async<void> store(std::vector<StoreInRegistry> changes);
  void stream_ended(const StreamId& id, const http::StreamEnd& end);

  Executor executor_;
  RandomSource& random_;
  Registry& registry_;
  OnFatal on_fatal_;
  MasterCore core_;
  std::map<StreamId, Stream> streams_;
  std::deque<Step> steps_;
  bool is_storing_ = false;
  bool is_stopping_ = false;
  BlockingPool pool_;
  TaskGroup tasks_;
  Alarm alarm_;
};

}  // namespace tepui::master

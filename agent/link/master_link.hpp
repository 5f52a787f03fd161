// MasterLink: the agent's subscription at its master: one stream of events down, calls up one after another.
// Not here: what the events mean (agent/core).
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "lib/async/condition.hpp"
#include "lib/async/task_group.hpp"
#include "lib/base/random.hpp"
#include "lib/http/client.hpp"
#include "tepui/v1/agent_link.pb.h"

namespace tepui::agent {

/// [loop] What the link tells its owner.
struct LinkHooks {
  /// Ready for a subscription: answer with send(SUBSCRIBE), sooner or later.
  std::function<void()> ready;
  std::function<void(const tepui::v1::AgentEvent& event)> event;
  /// The subscription (or the attempt) is over; `ready` follows after a pause.
  std::function<void()> disconnected;
};

/// [loop] Keeps a subscription for as long as it lives: pauses 1 s, doubling to 10 s with jitter, after every failure;
/// follows 307 to the leading master; ends a subscription that stays silent for five heartbeats.
class MasterLink {
 public:
  MasterLink(Executor executor, http::HostPort master, RandomSource& random, LinkHooks hooks);

  /// Begins; `ready` is called soon.
  void start();
  /// SUBSCRIBE opens the subscription; any other call is sent over the present one and dropped when there is none.
  void send(const tepui::v1::AgentCall& call);
  /// Ends the subscription if there is one; `ready` follows at once.
  void resubscribe();

  /// The master that holds the subscription; nothing while there is none.
  [[nodiscard]] const std::optional<http::HostPort>& connected_to() const { return connected_to_; }

  /// Says nothing to anybody any more.
  Async<void> close();

  static constexpr std::size_t kQueueLimit = 100000;

 private:
  Async<void> run();
  Async<void> subscribe_once();
  Async<void> read_events(http::ReplyStream* stream);
  Async<void> send_until_cancelled(std::string stream_id, Notification sent);
  Async<void> send_calls(std::string stream_id);
  Result<bool> take_record(const std::string& record);
  Async<void> follow_or_refuse(http::ReplyStream* stream);
  [[nodiscard]] std::chrono::nanoseconds pause();

  Executor executor_;
  http::HostPort configured_;
  http::HostPort target_;
  RandomSource& random_;
  LinkHooks hooks_;
  std::unique_ptr<http::Client> client_;
  std::optional<tepui::v1::AgentCall> subscribe_;
  std::deque<tepui::v1::AgentCall> calls_;
  std::optional<http::HostPort> connected_to_;
  http::ReplyStream* stream_ = nullptr;  // of subscribe_once, while it reads
  std::chrono::nanoseconds silence_limit_{};
  unsigned failures_ = 0;
  bool is_pause_skipped_ = false;
  bool is_redirected_ = false;
  Condition changed_;
  TaskGroup senders_;
  TaskGroup tasks_;
};

}  // namespace tepui::agent

// World: virtual time, chance, the log, and connections between the nodes of a simulation.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "lib/base/random.hpp"
#include "tests/fakes/manual_clock.hpp"
#include "tests/sim/event_log.hpp"

namespace tepui::sim {

using Duration = MonotonicTime::duration;

/// One connection between a peer and the master. Each direction keeps its order; the two are not ordered against each other,
/// nor against other connections. When it breaks, what is under way in a direction is lost from some instant on.
struct Connection {
  std::string stream_id;
  bool is_up_broken = false;    // peer -> master
  bool is_down_broken = false;  // master -> peer
  MonotonicTime last_up;
  MonotonicTime last_down;
  /// Each end learns of the break in its own time; set by the owners.
  std::function<void()> tell_peer;
  std::function<void()> tell_master;
  [[nodiscard]] bool is_broken() const { return is_up_broken && is_down_broken; }
};
using ConnectionPtr = std::shared_ptr<Connection>;

enum class Direction { Up, Down };

class World {
 public:
  explicit World(std::uint64_t seed) : random(seed) {}

  ManualClock clock;
  SeededRandom random;
  EventLog log;
  /// False once the storm is over: short delays, nothing breaks by itself.
  bool is_stormy = true;
  /// The first thing that went wrong; the simulation stops there.
  std::string failure;

  void fail(std::string what) {
    if (failure.empty()) failure = std::move(what);
  }
  [[nodiscard]] MonotonicTime now() const { return clock.monotonic(); }
  /// "12.345 agent-1 <what>"
  void note(std::string_view who, std::string_view what);

  void at(MonotonicTime time, std::function<void()> action);
  void after(Duration delay, std::function<void()> action) { at(now() + delay, std::move(action)); }
  /// Runs everything up to `end`, or to the first failure; `after_each` after every step.
  void run_until(MonotonicTime end, const std::function<void()>& after_each);

  [[nodiscard]] bool chance(std::uint64_t percent) { return random.below(100) < percent; }
  [[nodiscard]] Duration between(Duration least, Duration most);
  /// Of a network: mostly short, in a storm sometimes seconds.
  [[nodiscard]] Duration network_delay();

  ConnectionPtr connect();
  /// Delivers in order, or never if the connection breaks first.
  void send(const ConnectionPtr& connection, Direction direction, std::function<void()> deliver);
  /// Both directions fail, each at an instant of its own, and each end hears of it some time later.
  void break_connection(const ConnectionPtr& connection);

 private:
  std::map<std::pair<MonotonicTime, std::uint64_t>, std::function<void()>> actions_;
  std::uint64_t next_action_ = 0;
  std::uint64_t next_stream_ = 0;
};

}  // namespace tepui::sim

#include "tests/sim/world.hpp"

#include <fmt/format.h>

namespace tepui::sim {

using namespace std::chrono_literals;

void World::note(std::string_view who, std::string_view what) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(now().time_since_epoch()).count();
  log.add(fmt::format("{}.{:03} {} {}", ms / 1000, ms % 1000, who, what));
}

void World::at(MonotonicTime time, std::function<void()> action) {
  actions_.emplace(std::pair(std::max(time, now()), next_action_++), std::move(action));
}

void World::run_until(MonotonicTime end, const std::function<void()>& after_each) {
  while (failure.empty() && !actions_.empty() && actions_.begin()->first.first <= end) {
    const auto first = actions_.begin();
    clock.advance_to(first->first.first);
    const std::function<void()> action = std::move(first->second);
    actions_.erase(first);
    action();
    after_each();
  }
  if (failure.empty()) clock.advance_to(end);
}

Duration World::between(Duration least, Duration most) {
  return least + Duration(random.below(static_cast<std::uint64_t>((most - least).count()) + 1));
}

Duration World::network_delay() {
  if (is_stormy && chance(3)) return between(200ms, 5s);
  return between(1ms, 40ms);
}

ConnectionPtr World::connect() {
  auto connection = std::make_shared<Connection>();
  connection->stream_id = fmt::format("stream-{}", next_stream_++);
  return connection;
}

void World::send(const ConnectionPtr& connection, Direction direction, std::function<void()> deliver) {
  MonotonicTime& last = direction == Direction::Up ? connection->last_up : connection->last_down;
  last = std::max(last, now() + network_delay());
  at(last, [connection, direction, deliver = std::move(deliver)] {
    if (direction == Direction::Up ? connection->is_up_broken : connection->is_down_broken) return;
    deliver();
  });
}

void World::break_connection(const ConnectionPtr& connection) {
  const Duration slack = is_stormy ? Duration(2s) : Duration(10ms);
  after(between(0ms, slack), [connection] { connection->is_up_broken = true; });
  after(between(0ms, slack), [connection] { connection->is_down_broken = true; });
  // A half-open connection may be noticed late, also after the peer is back on another one.
  const Duration patience = is_stormy ? Duration(30s) : Duration(1s);
  const auto tell = [](const ConnectionPtr& broken, const std::function<void()>& teller) {
    broken->is_up_broken = true;
    broken->is_down_broken = true;
    if (teller) teller();
  };
  after(slack + between(0ms, patience), [connection, tell] { tell(connection, connection->tell_peer); });
  after(slack + between(0ms, patience), [connection, tell] { tell(connection, connection->tell_master); });
}

}  // namespace tepui::sim

// Clock: where the pure cores read time. The daemons pass SystemClock, tests a ManualClock (tests/fakes).
#pragma once

#include <chrono>

namespace tepui {

using MonotonicTime = std::chrono::steady_clock::time_point;
using WallTime = std::chrono::system_clock::time_point;

/// Reads time; never waits.
class Clock {
 public:
  Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;
  virtual ~Clock() = default;
  /// For intervals and deadlines.
  [[nodiscard]] virtual MonotonicTime monotonic() const = 0;
  /// For what people and the wire see.
  [[nodiscard]] virtual WallTime wall() const = 0;
};

class SystemClock final : public Clock {
 public:
  [[nodiscard]] MonotonicTime monotonic() const override;
  [[nodiscard]] WallTime wall() const override;
};

/// Seconds since the epoch as the wire's doubles have them (`TaskStatus.timestamp`).
double to_epoch_seconds(WallTime time);

}  // namespace tepui

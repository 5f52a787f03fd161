// ManualClock: a Clock that moves only when a test moves it.
#pragma once

#include <chrono>

#include "lib/base/clock.hpp"

namespace tepui {

/// Starts at monotonic zero and at 2026-01-01T00:00:00Z. One thread.
class ManualClock final : public Clock {
 public:
  ManualClock() = default;
  [[nodiscard]] MonotonicTime monotonic() const override { return MonotonicTime(elapsed_); }
  [[nodiscard]] WallTime wall() const override {
    return wall_start_ + std::chrono::duration_cast<WallTime::duration>(elapsed_ + wall_jump_);
  }

  /// Both times move forward together.
  void advance(MonotonicTime::duration amount) { elapsed_ += amount; }
  /// Moves to `time` if it lies ahead; stays otherwise.
  void advance_to(MonotonicTime time) {
    if (time.time_since_epoch() > elapsed_) elapsed_ = time.time_since_epoch();
  }
  /// Somebody set the machine's clock: wall time jumps (back, when negative), monotonic time does not.
  void jump_wall(MonotonicTime::duration amount) { wall_jump_ += amount; }

 private:
  WallTime wall_start_{std::chrono::seconds(1'767'225'600)};
  MonotonicTime::duration elapsed_{};
  MonotonicTime::duration wall_jump_{};
};

}  // namespace tepui

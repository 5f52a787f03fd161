// Backoff: the wait before the next attempt: doubling, capped, with jitter.
#pragma once

#include <chrono>

#include "lib/base/random.hpp"

namespace tepui::drivers {

/// Draws each wait between half and all of a limit that starts at `first` and doubles up to `cap`, so that many who lost
/// the same master do not come back at once.
class Backoff {
 public:
  /// `random` is borrowed.
  Backoff(std::chrono::milliseconds first, std::chrono::milliseconds cap, RandomSource& random)
      : first_(first), cap_(cap), limit_(first), random_(random) {}

  [[nodiscard]] std::chrono::milliseconds next();
  /// After a success.
  void reset() { limit_ = first_; }

 private:
  std::chrono::milliseconds first_;
  std::chrono::milliseconds cap_;
  std::chrono::milliseconds limit_;
  RandomSource& random_;
};

}  // namespace tepui::drivers

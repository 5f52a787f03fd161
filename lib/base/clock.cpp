#include "lib/base/clock.hpp"

namespace tepui {

MonotonicTime SystemClock::monotonic() const { return std::chrono::steady_clock::now(); }
WallTime SystemClock::wall() const { return std::chrono::system_clock::now(); }

double to_epoch_seconds(WallTime time) { return std::chrono::duration<double>(time.time_since_epoch()).count(); }

}  // namespace tepui

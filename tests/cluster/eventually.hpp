// eventually: waits until something holds, with a deadline. The only place where these tests look again and again.
#pragma once

#include <poll.h>

#include <chrono>

namespace tepui::cluster {

using Deadline = std::chrono::steady_clock::time_point;

inline Deadline in(std::chrono::milliseconds time) { return std::chrono::steady_clock::now() + time; }

/// Milliseconds left, 0 or more, as poll(2) wants them.
inline int left_until(Deadline deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  return left.count() > 0 ? static_cast<int>(left.count()) : 0;
}

/// Whether `holds()` became true before the deadline; asked every 10 ms and once more at the end.
template <class Condition>
bool eventually(Deadline deadline, Condition holds) {
  while (!holds()) {
    if (left_until(deadline) == 0) return holds();
    ::poll(nullptr, 0, 10);
  }
  return true;
}

}  // namespace tepui::cluster

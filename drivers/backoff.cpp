#include "drivers/backoff.hpp"

#include <algorithm>

namespace tepui::drivers {

std::chrono::milliseconds Backoff::next() {
  const auto half = limit_.count() / 2;
  const std::chrono::milliseconds wait(half + static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(half) + 1)));
  limit_ = std::min(cap_, limit_ * 2);
  return wait;
}

}  // namespace tepui::drivers

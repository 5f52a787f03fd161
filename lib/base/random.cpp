#include "lib/base/random.hpp"

#include <sys/random.h>

#include <cstdlib>

namespace tepui {

std::uint64_t RandomSource::below(std::uint64_t bound) {
  // Rejection keeps the distribution even: the tail that does not fill a whole multiple is drawn again.
  const std::uint64_t limit = UINT64_MAX - UINT64_MAX % bound;
  std::uint64_t value = next();
  while (value >= limit) value = next();
  return value % bound;
}

double RandomSource::unit() { return static_cast<double>(next() >> 11U) * 0x1.0p-53; }

std::uint64_t SystemRandom::next() {
  std::uint64_t value = 0;
  // Up to 256 bytes getrandom neither fails nor is interrupted once the pool is ready.
  if (::getrandom(&value, sizeof value, 0) != sizeof value) std::abort();
  return value;
}

}  // namespace tepui

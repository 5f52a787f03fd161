#include "drivers/backoff.hpp"

#include <gtest/gtest.h>

namespace tepui::drivers {
namespace {

using std::chrono::milliseconds;

TEST(BackoffTest, WaitsDoubleUpToTheCapAndAreDrawnFromTheUpperHalf) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    SeededRandom random(seed);
    Backoff backoff(milliseconds(100), milliseconds(1000), random);
    for (const int limit : {100, 200, 400, 800, 1000, 1000}) {
      const auto wait = backoff.next();
      EXPECT_GE(wait, milliseconds(limit / 2));
      EXPECT_LE(wait, milliseconds(limit));
    }
  }
}

TEST(BackoffTest, ASuccessBeginsAgainAtTheFirstWait) {
  SeededRandom random(1);
  Backoff backoff(milliseconds(100), milliseconds(1000), random);
  for (int i = 0; i < 5; ++i) static_cast<void>(backoff.next());
  backoff.reset();
  EXPECT_LE(backoff.next(), milliseconds(100));
}

}  // namespace
}  // namespace tepui::drivers

#include "lib/base/clock.hpp"

#include <chrono>

#include <gtest/gtest.h>

#include "tests/fakes/manual_clock.hpp"

namespace tepui {
namespace {

using namespace std::chrono_literals;

TEST(ClockTest, EpochSecondsKeepTheFraction) { EXPECT_DOUBLE_EQ(to_epoch_seconds(WallTime(1500ms)), 1.5); }

TEST(ClockTest, SystemClockDoesNotRunBackwards) {
  const SystemClock clock;
  const auto first = clock.monotonic();
  EXPECT_LE(first, clock.monotonic());
}

TEST(ManualClockTest, MovesOnlyWhenMoved) {
  ManualClock clock;
  const auto start = clock.monotonic();
  const auto wall = clock.wall();
  EXPECT_EQ(clock.monotonic(), start);
  clock.advance(5s);
  EXPECT_EQ(clock.monotonic() - start, 5s);
  EXPECT_EQ(clock.wall() - wall, 5s);
  clock.advance_to(start);
  EXPECT_EQ(clock.monotonic() - start, 5s);
  clock.jump_wall(-1h);
  EXPECT_EQ(clock.wall() - wall, 5s - 1h);
  EXPECT_EQ(clock.monotonic() - start, 5s);
}

}  // namespace
}  // namespace tepui

#include "lib/base/random.hpp"

#include <array>
#include <cstdint>

#include <gtest/gtest.h>

namespace tepui {
namespace {

TEST(RandomTest, SameSeedSameSequence) {
  SeededRandom one(1);
  SeededRandom two(1);
  SeededRandom other(2);
  bool differs = false;
  for (int i = 0; i < 100; ++i) {
    const std::uint64_t value = one.next();
    EXPECT_EQ(value, two.next());
    differs = differs || value != other.next();
  }
  EXPECT_TRUE(differs);
}

TEST(RandomTest, BelowStaysBelowAndReachesEveryValue) {
  SeededRandom source(3);
  std::array<int, 7> seen{};
  for (int i = 0; i < 7000; ++i) {
    const std::uint64_t value = source.below(seen.size());
    ASSERT_LT(value, seen.size());
    ++seen.at(value);
  }
  for (const int count : seen) {
    EXPECT_GT(count, 800);
    EXPECT_LT(count, 1200);
  }
}

TEST(RandomTest, BelowOneIsZero) {
  SeededRandom source(3);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(source.below(1), 0U);
}

TEST(RandomTest, UnitLiesBetweenZeroAndOne) {
  SeededRandom source(4);
  double sum = 0;
  for (int i = 0; i < 10000; ++i) {
    const double value = source.unit();
    ASSERT_GE(value, 0.0);
    ASSERT_LT(value, 1.0);
    sum += value;
  }
  EXPECT_NEAR(sum / 10000, 0.5, 0.02);
}

TEST(RandomTest, TheKernelsGeneratorDoesNotRepeat) {
  SystemRandom source;
  EXPECT_NE(source.next(), source.next());
}

}  // namespace
}  // namespace tepui

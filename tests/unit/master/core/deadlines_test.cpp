#include "master/core/deadlines.hpp"

#include <gtest/gtest.h>

namespace tepui::master {
namespace {

using namespace std::chrono_literals;

TEST(DeadlinesTest, TheEarliestComesFirstAndOnlyOnce) {
  Deadlines deadlines;
  const MonotonicTime zero;
  EXPECT_EQ(deadlines.next(), MonotonicTime::max());
  deadlines.set(DeadlineKind::OfferTimeout, "b", zero + 2s);
  deadlines.set(DeadlineKind::OfferTimeout, "a", zero + 3s);
  deadlines.set(DeadlineKind::OfferTimeout, "a", zero + 1s);
  EXPECT_EQ(deadlines.next(), zero + 1s);
  EXPECT_FALSE(deadlines.pop_due(zero));
  EXPECT_EQ(deadlines.pop_due(zero + 9s)->second, "a");
  EXPECT_EQ(deadlines.pop_due(zero + 9s)->second, "b");
  EXPECT_FALSE(deadlines.pop_due(zero + 9s));
}

TEST(DeadlinesTest, AnEarlierWishWins) {
  Deadlines deadlines;
  const MonotonicTime zero;
  deadlines.set_if_earlier(DeadlineKind::Allocation, "", zero + 2s);
  deadlines.set_if_earlier(DeadlineKind::Allocation, "", zero + 5s);
  EXPECT_EQ(deadlines.next(), zero + 2s);
  deadlines.clear(DeadlineKind::Allocation, "");
  EXPECT_EQ(deadlines.next(), MonotonicTime::max());
}

}  // namespace
}  // namespace tepui::master

#include "lib/model/ranges.hpp"

#include <set>

#include <gtest/gtest.h>

#include "lib/base/random.hpp"

namespace tepui {
namespace {

Ranges ranges(std::string_view text) {
  auto parsed = Ranges::parse(text);
  EXPECT_TRUE(parsed) << text;
  return parsed ? *parsed : Ranges();
}

TEST(RangesTest, NeighboursAndOverlapsAreJoined) {
  EXPECT_EQ(ranges("[5-6, 1-2, 3-4]"), ranges("[1-6]"));
  EXPECT_EQ(ranges("[1-4,2-9]").format(), "[1-9]");
  EXPECT_EQ(ranges("[]").format(), "[]");
}

TEST(RangesTest, ErrorsNameThePiece) {
  for (const auto& [text, piece] : std::vector<std::pair<std::string, std::string>>{
           {"1-2", "1-2"}, {"[2-1]", "2-1"}, {"[a-1]", "'a'"}, {"[1]", "'1'"}, {"[-1-2]", "-1-2"}, {"[1-2", "[1-2"},
           {"[0-18446744073709551616]", "18446744073709551616"}, {"[1-2,]", "comma"}}) {
    const auto parsed = Ranges::parse(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code(), ErrorCode::InvalidArgument);
    EXPECT_NE(parsed.error().to_string().find(piece), std::string::npos) << parsed.error().to_string();
  }
}

TEST(RangesTest, TheWholeOfSixtyFourBitsWorks) {
  const Ranges all = ranges("[0-18446744073709551615]");
  EXPECT_EQ(all.count(), UINT64_MAX);
  EXPECT_EQ((all - ranges("[0-0]")).format(), "[1-18446744073709551615]");
  EXPECT_TRUE((all - all).empty());
  EXPECT_EQ(all + ranges("[3-4]"), all);
}

TEST(RangesTest, FirstTakesTheLowest) {
  EXPECT_EQ(ranges("[1-2,10-20]").first(4).format(), "[1-2,10-11]");
  EXPECT_EQ(ranges("[1-2]").first(9).format(), "[1-2]");
  EXPECT_TRUE(ranges("[1-2]").first(0).empty());
}

TEST(RangesTest, ArithmeticAgreesWithSetsOfIntegers) {
  SeededRandom random(7);
  const auto draw = [&random](std::set<std::uint64_t>& as_set) {
    std::vector<Range> list;
    for (std::uint64_t n = random.below(4); n > 0; --n) {
      const std::uint64_t begin = random.below(30);
      const std::uint64_t end = begin + random.below(6);
      list.push_back({begin, end});
      for (std::uint64_t i = begin; i <= end; ++i) as_set.insert(i);
    }
    return *Ranges::from(std::move(list));
  };
  for (int round = 0; round < 2000; ++round) {
    std::set<std::uint64_t> a_set;
    std::set<std::uint64_t> b_set;
    const Ranges a = draw(a_set);
    const Ranges b = draw(b_set);
    std::set<std::uint64_t> both = a_set;
    both.insert(b_set.begin(), b_set.end());
    EXPECT_EQ((a + b).count(), both.size());
    EXPECT_EQ((a - b) + b, a + b);
    EXPECT_FALSE((a - b).intersects(b));
    EXPECT_EQ(a.contains(b), std::includes(a_set.begin(), a_set.end(), b_set.begin(), b_set.end()));
    EXPECT_TRUE((a + b).contains(a));
  }
}

}  // namespace
}  // namespace tepui

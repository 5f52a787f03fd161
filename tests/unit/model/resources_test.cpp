#include "lib/model/resources.hpp"

#include <gtest/gtest.h>

#include "lib/base/random.hpp"
#include "lib/model/resources_text.hpp"

namespace tepui {
namespace {

Resources resources(std::string_view text) {
  auto parsed = parse_resources(text);
  EXPECT_TRUE(parsed) << text << ": " << (parsed ? "" : parsed.error().to_string());
  return parsed ? *parsed : Resources();
}

TEST(ResourcesTest, EmptyAmountsAreDropped) {
  EXPECT_TRUE(resources("cpus:0;ports:[];disks:{}").empty());
  EXPECT_EQ(resources("cpus:1;gpus:0"), resources("cpus:1"));
}

TEST(ResourcesTest, AdditionJoinsEqualIdentities) {
  EXPECT_EQ(resources("cpus:1;ports:[1-2]") + resources("cpus:0.5;ports:[3-4]"), resources("cpus:1.5;ports:[1-4]"));
  EXPECT_EQ((resources("cpus:1") + resources("cpus(a):1")).entries().size(), 2U);
}

TEST(ResourcesTest, SubtractingMoreThanThereIsIsRefused) {
  Resources left = resources("cpus:1;mem:10");
  const auto subtracted = left.subtract(resources("cpus:1;mem:11"));
  ASSERT_FALSE(subtracted);
  EXPECT_EQ(subtracted.error().code(), ErrorCode::FailedPrecondition);
  EXPECT_EQ(subtracted.error().to_string(), "take mem 11 from 10");
  EXPECT_EQ(left, resources("cpus:1;mem:10"));
  EXPECT_FALSE(left.subtract(resources("disk:1")));
}

TEST(ResourcesTest, ReservationsAndAllocationsKeepAmountsApart) {
  EXPECT_FALSE(resources("cpus:4").contains(resources("cpus(a):1")));
  EXPECT_FALSE(resources("cpus:4").contains(resources("cpus:1").allocated_to("a")));
  EXPECT_EQ(resources("cpus:4").allocated_to("a").unallocated(), resources("cpus:4"));
}

TEST(ResourcesTest, ARoleMayHaveWhatIsUnreservedItsOwnAndItsAncestors) {
  const Resources all = resources("cpus:1;cpus(a):2;cpus(a/b):3;cpus(ab):4");
  EXPECT_EQ(all.allocatable_to("a/b"), resources("cpus:1;cpus(a):2;cpus(a/b):3"));
  EXPECT_EQ(all.allocatable_to("*"), resources("cpus:1"));
}

TEST(ResourcesTest, QuantitiesSumOverIdentities) {
  const Resources all = resources("cpus:1;cpus(a):2;ports:[1-10];disks:{x,y}");
  EXPECT_EQ(all.quantity("cpus"), Scalar::from_millis(3000));
  EXPECT_EQ(all.quantity("ports"), Scalar::from_millis(10'000));
  EXPECT_EQ(all.quantities().at("disks"), Scalar::from_millis(2000));
  EXPECT_EQ(all.scalar_quantities().size(), 1U);
}

TEST(ResourcesTest, ANameHasOneKindOfValue) {
  Resources wrong(Resource{{"ports"}, Scalar::from_millis(1)});
  EXPECT_FALSE(check_kinds(wrong));
  Resources mixed(Resource{{"x"}, Scalar::from_millis(1)});
  mixed.add(Resource{{"x", "role"}, ItemSet{"a"}});
  EXPECT_FALSE(check_kinds(mixed));
  EXPECT_TRUE(check_kinds(resources("cpus:1;ports:[1-2];x:{a}")));
}

Resources draw(RandomSource& random) {
  Resources drawn;
  for (const char* role : {"*", "a"}) {
    drawn.add({{"cpus", role}, Scalar::from_millis(static_cast<std::int64_t>(random.below(3000)))});
    const std::uint64_t begin = random.below(40);
    if (random.below(2) == 0) drawn.add({{"ports", role}, *Ranges::from({{begin, begin + random.below(10)}})});
    if (random.below(3) == 0) drawn.add({{"disks", role}, ItemSet{std::string(1, static_cast<char>('a' + random.below(5)))}});
  }
  return drawn;
}

TEST(ResourcesTest, WhatIsTakenAwayAndAddedAgainIsConserved) {
  SeededRandom random(11);
  for (int round = 0; round < 3000; ++round) {
    const Resources total = draw(random) + draw(random);
    const Resources wanted = draw(random);
    Resources left = total;
    const bool is_contained = total.contains(wanted);
    ASSERT_EQ(bool(left.subtract(wanted)), is_contained);
    if (is_contained) {
      EXPECT_EQ(left + wanted, total);
      EXPECT_EQ(left, total.minus(wanted));
    } else {
      EXPECT_EQ(left, total);
    }
    EXPECT_TRUE(total.contains(total.minus(wanted)));
    EXPECT_TRUE((total + wanted).contains(wanted));
  }
}

TEST(ResourcesTest, AnyOrderOfTakingAndGivingBackEndsAtTheTotal) {
  SeededRandom random(13);
  const Resources total = resources("cpus:16;mem:4096;ports:[1-100]");
  for (int round = 0; round < 200; ++round) {
    Resources free = total;
    std::vector<Resources> held;
    for (int step = 0; step < 60; ++step) {
      if (random.below(3) > 0) {
        Resources part(Resource{{"cpus"}, Scalar::from_millis(static_cast<std::int64_t>(random.below(2500)))});
        const Ranges ports = std::get<Ranges>(resources("ports:[1-100]").entries().begin()->second);
        const std::uint64_t at = random.below(100) + 1;
        part.add({{"ports"}, *Ranges::from({{at, std::min<std::uint64_t>(100, at + random.below(5))}})});
        if (free.subtract(part)) held.push_back(part);
      } else if (!held.empty()) {
        const std::size_t which = random.below(held.size());
        free += held[which];
        held.erase(held.begin() + static_cast<std::ptrdiff_t>(which));
      }
      Resources sum = free;
      for (const Resources& part : held) sum += part;
      ASSERT_EQ(sum, total);
    }
  }
}

}  // namespace
}  // namespace tepui

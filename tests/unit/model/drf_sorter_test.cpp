#include "lib/model/drf_sorter.hpp"

#include <gtest/gtest.h>

#include "lib/model/resources_text.hpp"

namespace tepui {
namespace {

using Names = std::vector<std::string>;

Resources resources(std::string_view text) { return *parse_resources(text); }

TEST(DrfSorterTest, ThePaperExampleEndsWithEqualDominantShares) {
  // Ghodsi et al. §4.1: 9 cpus and 18 GB; A's tasks need <1, 4>, B's <3, 1>: A gets three tasks and B two.
  DrfSorter sorter;
  sorter.set_total(resources("cpus:9;mem:18"));
  sorter.add_client("A");
  sorter.add_client("B");
  std::map<std::string, int> tasks;
  Resources free = resources("cpus:9;mem:18");
  for (;;) {
    const std::string poorest = sorter.sorted().front();
    const Resources demand = resources(poorest == "A" ? "cpus:1;mem:4" : "cpus:3;mem:1");
    if (!free.subtract(demand)) break;
    sorter.allocated(poorest, demand);
    ++tasks[poorest];
  }
  EXPECT_EQ(tasks["A"], 3);
  EXPECT_EQ(tasks["B"], 2);
  EXPECT_DOUBLE_EQ(sorter.share("A"), 12.0 / 18);
  EXPECT_DOUBLE_EQ(sorter.share("B"), 6.0 / 9);
}

TEST(DrfSorterTest, TiesGoToFewerAllocationsThenToTheName) {
  DrfSorter sorter;
  sorter.set_total(resources("cpus:10"));
  for (const char* name : {"c", "a", "b"}) sorter.add_client(name);
  EXPECT_EQ(sorter.sorted(), (Names{"a", "b", "c"}));
  sorter.allocated("a", resources("cpus:1"));
  sorter.unallocated("a", resources("cpus:1"));
  EXPECT_EQ(sorter.sorted(), (Names{"b", "c", "a"}));
}

TEST(DrfSorterTest, WeightsDivideShares) {
  DrfSorter sorter;
  sorter.set_total(resources("cpus:10"));
  sorter.add_client("heavy", 4.0);
  sorter.add_client("light");
  sorter.allocated("heavy", resources("cpus:3"));
  sorter.allocated("light", resources("cpus:1"));
  EXPECT_EQ(sorter.sorted(), (Names{"heavy", "light"}));
}

TEST(DrfSorterTest, NamesNobodyAddedAreIgnored) {
  DrfSorter sorter;
  sorter.set_total(resources("cpus:10"));
  sorter.allocated("x", resources("cpus:3"));
  sorter.unallocated("x", resources("cpus:3"));
  sorter.remove_client("x");
  EXPECT_TRUE(sorter.empty());
  EXPECT_EQ(sorter.share("x"), 0.0);
}

TEST(DrfSorterTest, RangesAndSetsDoNotCount) {
  DrfSorter sorter;
  sorter.set_total(resources("ports:[1-10];disks:{a}"));
  sorter.add_client("a");
  sorter.allocated("a", resources("ports:[1-10];disks:{a}"));
  EXPECT_EQ(sorter.share("a"), 0.0);
}

}  // namespace
}  // namespace tepui

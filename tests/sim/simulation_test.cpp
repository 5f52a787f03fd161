// 200 seeds, each twice. A failing seed prints itself and the end of its log; TEPUI_SIM_SEED=N runs that seed alone.
#include "tests/sim/simulation.hpp"

#include <cstdlib>

#include <gtest/gtest.h>

namespace tepui::sim {
namespace {

constexpr std::uint64_t kSeeds = 200;
constexpr std::uint64_t kSeedsPerTest = 25;

void expect_good(std::uint64_t seed, int& executions) {
  const Outcome first = simulate(seed);
  ASSERT_TRUE(first.failure.empty()) << "seed " << seed << ": " << first.failure << "\n" << first.log_tail;
  const Outcome second = simulate(seed);
  ASSERT_EQ(first.hash, second.hash) << "seed " << seed << " is not deterministic";
  ASSERT_EQ(first.steps, second.steps) << "seed " << seed << " is not deterministic";
  executions += first.executions;
}

class SimulationTest : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(SimulationTest, EveryViewConvergesAfterTheStormAndEverySeedRepeatsItself) {
  int executions = 0;
  for (std::uint64_t seed = GetParam(); seed < GetParam() + kSeedsPerTest; ++seed) {
    expect_good(seed, executions);
    if (HasFatalFailure()) return;
  }
  EXPECT_GT(executions, static_cast<int>(kSeedsPerTest) * 10) << "the storm let nothing run";
}

INSTANTIATE_TEST_SUITE_P(Seeds, SimulationTest, ::testing::Range(std::uint64_t{0}, kSeeds, kSeedsPerTest));

TEST(SimulationSeedTest, TheSeedNamedInTheEnvironmentIsPrintedWhole) {
  const char* text = std::getenv("TEPUI_SIM_SEED");
  if (text == nullptr) return;
  const Outcome outcome = simulate(std::strtoull(text, nullptr, 10), 1'000'000);
  std::fputs(outcome.log_tail.c_str(), stderr);
  EXPECT_EQ(outcome.failure, "");
}

}  // namespace
}  // namespace tepui::sim

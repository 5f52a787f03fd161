#include "lib/base/fault.hpp"

#include <csignal>
#include <cstdlib>

#include <gtest/gtest.h>

namespace tepui {
namespace {

#ifdef TEPUI_FAULTS

void reach_points() {
  ::setenv("TEPUI_FAULT", "base.second@2", 1);
  TEPUI_FAULT("base.first");
  TEPUI_FAULT("base.second");
  TEPUI_FAULT("base.second");
  std::_Exit(0);
}

TEST(FaultDeathTest, ProcessDiesBySigkillAtTheNamedPointAndCount) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(reach_points(), ::testing::KilledBySignal(SIGKILL), "");
}

void reach_other_points() {
  ::setenv("TEPUI_FAULT", "base.secon", 1);
  TEPUI_FAULT("base.first");
  TEPUI_FAULT("base.second");
  std::_Exit(7);
}

TEST(FaultDeathTest, OtherPointsAndPrefixesAreHarmless) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(reach_other_points(), ::testing::ExitedWithCode(7), "");
}

#else

TEST(FaultTest, PointsAreCompiledOut) {
  ::setenv("TEPUI_FAULT", "base.first", 1);
  TEPUI_FAULT("base.first");
  ::unsetenv("TEPUI_FAULT");
}

#endif

}  // namespace
}  // namespace tepui

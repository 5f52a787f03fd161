#include "agent/containerizer/containerizer_invariants.hpp"

#include <gtest/gtest.h>

namespace tepui::agent {
namespace {

TEST(ContainerizerInvariantsTest, ARunningContainerHasAProcessACheckpointAndACgroup) {
  ContainerFacts facts{.state = ContainerState::Running,
                       .has_process = true,
                       .is_process_stored = true,
                       .is_tracked = true,
                       .open_cgroups = 1};
  EXPECT_TRUE(check_container_invariants(facts));
  for (bool ContainerFacts::*fact :
       {&ContainerFacts::has_process, &ContainerFacts::is_process_stored, &ContainerFacts::is_tracked}) {
    ContainerFacts lacking = facts;
    lacking.*fact = false;
    EXPECT_FALSE(check_container_invariants(lacking));
  }
}

TEST(ContainerizerInvariantsTest, APreparingContainerHasNoProcess) {
  EXPECT_TRUE(check_container_invariants({.state = ContainerState::Preparing}));
  EXPECT_FALSE(check_container_invariants({.state = ContainerState::Preparing, .has_process = true}));
}

TEST(ContainerizerInvariantsTest, ADestroyedContainerTellsItsEndAndHoldsNothing) {
  EXPECT_TRUE(check_container_invariants({.state = ContainerState::Destroyed, .has_termination = true}));
  EXPECT_FALSE(check_container_invariants({.state = ContainerState::Destroyed}));
  EXPECT_FALSE(
      check_container_invariants({.state = ContainerState::Destroyed, .has_termination = true, .open_cgroups = 1}));
}

}  // namespace
}  // namespace tepui::agent

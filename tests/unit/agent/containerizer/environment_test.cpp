#include "agent/containerizer/environment.hpp"

#include <cstdlib>

#include <gtest/gtest.h>

namespace tepui::agent {
namespace {

ContainerConfig sample() {
  ContainerConfig config;
  config.container_id = "c1";
  config.agent_id = "m-S0";
  config.framework_id = "m-0000";
  config.executor_id = "t1";
  config.agent_endpoint = "127.0.0.1:5051";
  return config;
}

TEST(EnvironmentTest, NothingOfTheAgentsOwnIsInherited) {
  ::setenv("TEPUI_TEST_SECRET", "1", 1);
  EXPECT_FALSE(assemble_environment(sample(), "/sandbox", {}).contains("TEPUI_TEST_SECRET"));
  ::unsetenv("TEPUI_TEST_SECRET");
}

TEST(EnvironmentTest, IdsAndSandboxAreToldInMesossWords) {
  const auto environment = assemble_environment(sample(), "/w/sandbox", {});
  EXPECT_EQ(environment.at("MESOS_FRAMEWORK_ID"), "m-0000");
  EXPECT_EQ(environment.at("MESOS_EXECUTOR_ID"), "t1");
  EXPECT_EQ(environment.at("MESOS_SLAVE_ID"), "m-S0");
  EXPECT_EQ(environment.at("MESOS_SLAVE_PID"), "slave(1)@127.0.0.1:5051");
  EXPECT_EQ(environment.at("MESOS_AGENT_ENDPOINT"), "127.0.0.1:5051");
  EXPECT_EQ(environment.at("MESOS_SANDBOX"), "/w/sandbox");
  EXPECT_EQ(environment.at("MESOS_CHECKPOINT"), "0");
  EXPECT_FALSE(environment.contains("MESOS_RECOVERY_TIMEOUT"));
}

TEST(EnvironmentTest, ACommandTaskKnowsItsTaskAndRole) {
  auto config = sample();
  EXPECT_FALSE(executor_environment(config, "/s").contains("MESOS_TASK_ID"));
  config.task_id = "t1";
  config.allocation_role = "web";
  EXPECT_EQ(executor_environment(config, "/s").at("MESOS_TASK_ID"), "t1");
  EXPECT_EQ(executor_environment(config, "/s").at("MESOS_ALLOCATION_ROLE"), "web");
}

TEST(EnvironmentTest, CheckpointingAddsTheRecoveryTimeout) {
  auto config = sample();
  config.checkpoint = true;
  const auto environment = assemble_environment(config, "/s", {});
  EXPECT_EQ(environment.at("MESOS_CHECKPOINT"), "1");
  EXPECT_EQ(environment.at("MESOS_RECOVERY_TIMEOUT"), "15mins");
}

TEST(EnvironmentTest, TheCommandWinsOverIsolatorsAndIsolatorsOverTheAgent) {
  auto config = sample();
  config.environment = {{"A", "command"}, {"PATH", "/opt/bin"}};
  const auto environment =
      assemble_environment(config, "/s", {{"A", "isolator"}, {"MESOS_SANDBOX", "/mnt/mesos/sandbox"}});
  EXPECT_EQ(environment.at("A"), "command");
  EXPECT_EQ(environment.at("MESOS_SANDBOX"), "/mnt/mesos/sandbox");
  EXPECT_EQ(environment.at("PATH"), "/opt/bin");
}

TEST(EnvironmentTest, PathIsDefaulted) {
  EXPECT_EQ(assemble_environment(sample(), "/s", {}).at("PATH"), kDefaultPath);
}

TEST(EnvironmentTest, FormatsOneAssignmentPerVariableInOrder) {
  EXPECT_EQ(format_environment({{"B", "2"}, {"A", "x=y"}}), (std::vector<std::string>{"A=x=y", "B=2"}));
}

}  // namespace
}  // namespace tepui::agent

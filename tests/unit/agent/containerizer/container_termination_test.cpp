#include "agent/containerizer/container_termination.hpp"

#include <cerrno>
#include <csignal>

#include <gtest/gtest.h>
#include <sys/wait.h>

namespace tepui::agent {
namespace {

TEST(ExitStatusTest, TheWaitStatusReadsAsTheKernelWroteIt) {
  const ExitStatus exited{.code = 3};
  EXPECT_TRUE(WIFEXITED(exited.wait_status()));
  EXPECT_EQ(WEXITSTATUS(exited.wait_status()), 3);
  const ExitStatus killed{.is_signalled = true, .signal = SIGKILL};
  EXPECT_TRUE(WIFSIGNALED(killed.wait_status()));
  EXPECT_EQ(WTERMSIG(killed.wait_status()), SIGKILL);
  const ExitStatus dumped{.is_signalled = true, .signal = SIGSEGV, .dumped_core = true};
  EXPECT_TRUE(WCOREDUMP(dumped.wait_status()));
}

TEST(ExitStatusTest, TextNamesCodeOrSignal) {
  EXPECT_EQ(ExitStatus{.code = 3}.to_string(), "exited with status 3");
  const ExitStatus killed{.is_signalled = true, .signal = SIGTERM};
  EXPECT_EQ(killed.to_string(), "terminated by signal 15 (SIGTERM)");
}

TEST(LaunchFailureTest, ExitCodesFollowTheShells) {
  EXPECT_EQ((LaunchFailure{.step = "execve", .sys_errno = ENOENT}).exit_code(), 127);
  EXPECT_EQ((LaunchFailure{.step = "execve", .sys_errno = EACCES}).exit_code(), 126);
  EXPECT_EQ((LaunchFailure{.step = "mount", .sys_errno = ENOENT}).exit_code(), 125);
}

TEST(ContainerUsageTest, CpuSecondsAddUserAndSystem) {
  ContainerUsage usage;
  EXPECT_FALSE(usage.cpu_seconds().has_value());
  usage.values = {{"cpus_user_time_secs", 1.5}, {"cpus_system_time_secs", 0.25}};
  EXPECT_DOUBLE_EQ(*usage.cpu_seconds(), 1.75);
}

TEST(ContainerUsageTest, MemoryPeakIsThePeakOfTheWire) {
  ContainerUsage usage;
  EXPECT_FALSE(usage.memory_peak().has_value());
  usage.values = {{"mem_max_usage_bytes", 4096}};
  EXPECT_EQ(usage.memory_peak()->count(), 4096U);
}

}  // namespace
}  // namespace tepui::agent

#include <gtest/gtest.h>

#include "cli/run_scheduler.hpp"

namespace tepui::cli {
namespace {

using mesos::v1::TaskStatus;

TaskStatus status_of(mesos::v1::TaskState state, const std::string& message,
                     TaskStatus::Reason reason = TaskStatus::REASON_COMMAND_EXECUTOR_FAILED) {
  TaskStatus status;
  status.mutable_task_id()->set_value("t");
  status.set_state(state);
  status.set_message(message);
  status.set_reason(reason);
  return status;
}

TEST(ExitCodeTest, ATaskThatFinishedIsZero) { EXPECT_EQ(exit_code_of(status_of(mesos::v1::TASK_FINISHED, "")), 0); }

TEST(ExitCodeTest, TheCommandsOwnCodeComesThrough) {
  EXPECT_EQ(exit_code_of(status_of(mesos::v1::TASK_FAILED, "Command exited with status 3")), 3);
  EXPECT_EQ(exit_code_of(status_of(mesos::v1::TASK_FAILED, "Command exited with status 255")), 255);
}

TEST(ExitCodeTest, ASignalIs128AndItsNumber) {
  EXPECT_EQ(exit_code_of(status_of(mesos::v1::TASK_FAILED, "Command terminated with signal SIGSEGV")), 139);
  EXPECT_EQ(exit_code_of(status_of(mesos::v1::TASK_FAILED, "Command terminated with signal Terminated")), 143);
  EXPECT_EQ(exit_code_of(status_of(mesos::v1::TASK_KILLED, "")), 143);
}

TEST(ExitCodeTest, ARunOutOfMemoryIsAKill) {
  EXPECT_EQ(exit_code_of(status_of(mesos::v1::TASK_FAILED, "Memory limit exceeded",
                                   TaskStatus::REASON_CONTAINER_LIMITATION_MEMORY)), 137);
}

TEST(ExitCodeTest, ACommandThatIsMissingOrCannotBeInvokedHasItsOwnCode) {
  const auto launch_failed = [](const std::string& message) {
    return exit_code_of(status_of(mesos::v1::TASK_FAILED, message, TaskStatus::REASON_CONTAINER_LAUNCH_FAILED));
  };
  EXPECT_EQ(launch_failed("launch container 'c': execve \"nope\": No such file or directory (ENOENT)"), 127);
  EXPECT_EQ(launch_failed("launch container 'c': execve \"/etc/passwd\": Permission denied (EACCES)"), 126);
  EXPECT_EQ(launch_failed("launch container 'c': mount \"/proc\": Operation not permitted (EPERM)"), 125);
}

TEST(ExitCodeTest, WhatWasNotTheCommandsDoingIs125) {
  EXPECT_EQ(exit_code_of(status_of(mesos::v1::TASK_LOST, "agent lost", TaskStatus::REASON_AGENT_REMOVED)), 125);
  EXPECT_EQ(exit_code_of(status_of(mesos::v1::TASK_ERROR, "invalid", TaskStatus::REASON_TASK_INVALID)), 125);
}

}  // namespace
}  // namespace tepui::cli

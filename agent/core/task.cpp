#include "agent/core/task.hpp"

#include <sys/wait.h>

#include <cstring>

namespace tepui::agent {

bool is_terminal(mesos::v1::TaskState state) {
  switch (state) {
    case mesos::v1::TASK_STAGING:
    case mesos::v1::TASK_STARTING:
    case mesos::v1::TASK_RUNNING:
    case mesos::v1::TASK_KILLING:
    case mesos::v1::TASK_UNREACHABLE:
    case mesos::v1::TASK_UNKNOWN: return false;
    default: return true;
  }
}

std::string describe_wait_status(int wait_status) {
  if (WIFEXITED(wait_status)) return "exited with status " + std::to_string(WEXITSTATUS(wait_status));
  const int signal = WTERMSIG(wait_status);
  const char* const name = ::sigdescr_np(signal);
  std::string text = "terminated with signal ";
  text += name != nullptr ? std::string(name) : "Unknown signal " + std::to_string(signal);
  if (WCOREDUMP(wait_status)) text += " (core dumped)";
  return text;
}

StatusFacts facts_of(const ContainerEnd& end, bool was_killed) {
  StatusFacts facts;
  if (end.limitation) {
    facts.state = mesos::v1::TASK_FAILED;
    facts.source = mesos::v1::TaskStatus::SOURCE_AGENT;
    facts.reason = end.limitation->reason;
    facts.message = end.limitation->message;
    return facts;
  }
  if (end.wait_status) {
    const bool is_success = WIFEXITED(*end.wait_status) && WEXITSTATUS(*end.wait_status) == 0;
    facts.state = is_success   ? mesos::v1::TASK_FINISHED
                  : was_killed ? mesos::v1::TASK_KILLED
                               : mesos::v1::TASK_FAILED;
    facts.message = "Command " + describe_wait_status(*end.wait_status);
    return facts;
  }
  facts.source = mesos::v1::TaskStatus::SOURCE_AGENT;
  facts.message = end.message;
  if (was_killed) {
    facts.state = mesos::v1::TASK_KILLED;
    return facts;
  }
  facts.state = mesos::v1::TASK_FAILED;
  facts.reason = mesos::v1::TaskStatus::REASON_COMMAND_EXECUTOR_FAILED;
  if (facts.message.empty()) facts.message = "The exit status of the command is lost";
  return facts;
}

}  // namespace tepui::agent

// Walks |states| x |events| of every life cycle against the tables printed in docs/lifecycle.md.
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "lib/model/agent_lifecycle.hpp"
#include "lib/model/container_lifecycle.hpp"
#include "lib/model/offer_lifecycle.hpp"
#include "lib/model/task_lifecycle.hpp"

namespace tepui {
namespace {

/// The table of a life cycle as docs/lifecycle.md prints it: one row per state, one column per event.
template <class Table>
std::string printed(const Table& table) {
  std::string text = "| " + std::string(table.noun) + " |";
  for (const auto name : table.event_names) text += " " + std::string(name) + " |";
  text += "\n|---|";
  for (std::size_t i = 0; i < table.event_names.size(); ++i) text += "---|";
  text += "\n";
  for (std::size_t state = 0; state < table.state_names.size(); ++state) {
    text += "| **" + std::string(table.state_names[state]) + "** |";
    for (std::size_t event = 0; event < table.event_names.size(); ++event) {
      const auto next = table.cells[state][event];
      text += " " + (next ? std::string(table.name_of(*next)) : "-") + " |";
    }
    text += "\n";
  }
  return text;
}

std::string read_document() {
  std::ifstream file(TEPUI_SOURCE_DIR "/docs/lifecycle.md");
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

template <class Table>
void expect_printed(const Table& table) {
  EXPECT_NE(read_document().find(printed(table)), std::string::npos)
      << "docs/lifecycle.md does not hold this table:\n" << printed(table);
}

TEST(LifecycleTest, TheDocumentPrintsTheContainerTable) { expect_printed(kContainerLifecycle); }
TEST(LifecycleTest, TheDocumentPrintsTheTaskTable) { expect_printed(kTaskLifecycle); }
TEST(LifecycleTest, TheDocumentPrintsTheOfferTable) { expect_printed(kOfferLifecycle); }
TEST(LifecycleTest, TheDocumentPrintsTheAgentTable) { expect_printed(kAgentLifecycle); }

TEST(LifecycleTest, DestroyIsLegalInEveryStateOfAContainer) {
  for (std::size_t state = 0; state < kContainerLifecycle.state_names.size(); ++state) {
    EXPECT_TRUE(kContainerLifecycle.at(static_cast<ContainerState>(state), ContainerEvent::DestroyRequested)) << state;
  }
}

TEST(LifecycleTest, NothingLeavesATerminalTaskState) {
  for (std::size_t state = 0; state < kTaskStates; ++state) {
    bool leaves = false;
    for (std::size_t event = 0; event < kTaskStates; ++event) leaves |= kTaskLifecycle.cells[state][event].has_value();
    EXPECT_EQ(leaves, !is_terminal(static_cast<TaskState>(state))) << kTaskLifecycle.state_names[state];
  }
}

TEST(LifecycleTest, EveryLivingTaskMayEndInEveryTerminalState) {
  for (std::size_t from = 0; from < kTaskStates; ++from) {
    if (is_terminal(static_cast<TaskState>(from))) continue;
    for (std::size_t to = 0; to < kTaskStates; ++to) {
      if (!is_terminal(static_cast<TaskState>(to))) continue;
      EXPECT_TRUE(kTaskLifecycle.cells[from][to].has_value());
    }
  }
}

TEST(LifecycleTest, AnIllegalEventIsAnErrorThatNamesNounEventAndState) {
  const auto next = kOfferLifecycle.next(OfferState::Declined, OfferEvent::Accept);
  ASSERT_FALSE(next);
  EXPECT_EQ(next.error().code(), ErrorCode::FailedPrecondition);
  EXPECT_EQ(next.error().to_string(), "move offer: Accept is illegal while Declined");
  EXPECT_EQ(*kAgentLifecycle.next(AgentState::Recovered, AgentEvent::TimeOut), AgentState::Unreachable);
}

}  // namespace
}  // namespace tepui

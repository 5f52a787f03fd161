// What the next agent finds: running containers, ended ones, orphans, and launches cut short at every fault point.
#include <csignal>
#include <cstdlib>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>

#include "lib/linux/process.hpp"
#include "tests/integration/containerizer/real_containerizer.hpp"

namespace tepui::agent {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ContainerRecoveryTest : public RealContainerizerFixture {};

TEST_F(ContainerRecoveryTest, ARunningContainerIsAdoptedWithTheSamePidAndItsTrueExitCodeToldLater) {
  ASSERT_TRUE(agent().start());
  const auto started = agent().launch(command("c1", "while [ ! -e go ]; do sleep 0.05; done; exit 5"));
  ASSERT_TRUE(started) << started.error().to_string();
  drop_agent();
  const auto report = agent().start();
  ASSERT_TRUE(report) << report.error().to_string();
  EXPECT_THAT(report->running, ElementsAre("c1"));
  EXPECT_THAT(report->orphans, IsEmpty());
  const auto summary = agent()->find("c1");
  ASSERT_TRUE(summary.has_value());
  EXPECT_EQ(summary->state, "RUNNING");
  EXPECT_EQ(summary->pid, started->process.pid);
  const auto usage = agent().usage("c1");
  ASSERT_TRUE(usage);
  EXPECT_TRUE(usage->memory_peak().has_value());
  std::ofstream(started->sandbox + "/go") << "go";
  const auto end = agent().wait("c1");
  ASSERT_TRUE(end) << end.error().to_string();
  ASSERT_TRUE(end->exit.has_value()) << end->message;
  EXPECT_EQ(end->exit->code, 5);
}

TEST_F(ContainerRecoveryTest, OneThatEndedMeanwhileTellsItsTrueExitCode) {
  ASSERT_TRUE(agent().start());
  const auto started = agent().launch(command("c1", "while [ ! -e go ]; do sleep 0.05; done; exit 6"));
  ASSERT_TRUE(started) << started.error().to_string();
  drop_agent();
  std::ofstream(started->sandbox + "/go") << "go";
  await_shim_end("c1");
  const auto report = agent().start();
  ASSERT_TRUE(report) << report.error().to_string();
  const auto end = agent().wait("c1");
  ASSERT_TRUE(end) << end.error().to_string();
  ASSERT_TRUE(end->exit.has_value()) << end->message;
  EXPECT_EQ(end->exit->code, 6);
  EXPECT_FALSE(std::filesystem::exists(cgroup_path("freezer", "c1")));
}

TEST_F(ContainerRecoveryTest, AnAdoptedContainerCanBeKilledAndItsLimitsStillBite) {
  ASSERT_TRUE(agent().start());
  const auto started = agent().launch(command(
      "c1", "while [ ! -e go ]; do sleep 0.05; done; exec /usr/bin/python3 -c 'x = bytearray(200 << 20)'"));
  ASSERT_TRUE(started) << started.error().to_string();
  const std::string ready = make_fifo("ready");
  ASSERT_TRUE(agent().launch(command("c2", "trap 'exit 9' TERM; echo > " + ready + "; while :; do sleep 0.05; done")));
  await_fifo(ready);
  drop_agent();
  const auto report = agent().start();
  ASSERT_TRUE(report) << report.error().to_string();
  std::ofstream(started->sandbox + "/go") << "go";
  const auto limited = agent().wait("c1");
  ASSERT_TRUE(limited) << limited.error().to_string();
  EXPECT_TRUE(limited->limitation.has_value()) << limited->message;
  ASSERT_TRUE(agent()->kill("c2", std::chrono::seconds(20)));
  const auto killed = agent().wait("c2");
  ASSERT_TRUE(killed) << killed.error().to_string();
  EXPECT_EQ(killed->exit->code, 9) << killed->message;
}

TEST_F(ContainerRecoveryTest, AContainerWithoutARecordIsAnOrphanAndEnds) {
  ASSERT_TRUE(agent().start());
  const auto started = agent().launch(command("c1", "sleep 300"));
  ASSERT_TRUE(started) << started.error().to_string();
  const auto pidfd = sys::open_process({started->process.pid, started->process.start_time_ticks});
  ASSERT_TRUE(pidfd);
  drop_agent();
  std::filesystem::remove_all(directory_ / "records");
  const auto report = agent().start();
  ASSERT_TRUE(report) << report.error().to_string();
  EXPECT_THAT(report->orphans, ElementsAre("c1"));
  EXPECT_THAT(report->errors, IsEmpty());
  const auto ended = sys::has_ended(pidfd->borrow());
  EXPECT_TRUE(ended && *ended);
}

TEST_F(ContainerRecoveryTest, ADamagedRecordIsToldAndItsContainerEnds) {
  ASSERT_TRUE(agent().start());
  ASSERT_TRUE(agent().launch(command("c1", "sleep 300")));
  drop_agent();
  std::ofstream(directory_ / "records/c1", std::ios::trunc) << "{";
  const auto report = agent().start();
  ASSERT_TRUE(report) << report.error().to_string();
  ASSERT_EQ(report->errors.size(), 1U);
  EXPECT_THAT(report->errors[0], HasSubstr("c1"));
  EXPECT_THAT(report->orphans, ElementsAre("c1"));
}

TEST_F(ContainerRecoveryTest, AContainerOfAnotherBootIsLost) {
  ASSERT_TRUE(agent().start());
  ASSERT_TRUE(agent().launch(command("c1", "sleep 300")));
  drop_agent();
  const auto path = directory_ / "records/c1";
  std::string body = read(path);
  const std::string boot = *sys::read_boot_id();
  for (auto at = body.find(boot); at != std::string::npos; at = body.find(boot)) {
    body.replace(at, boot.size(), "00000000-0000-0000-0000-000000000000");
  }
  std::ofstream(path, std::ios::trunc) << body;
  std::filesystem::remove_all(directory_ / "run");  // a tmpfs
  const auto report = agent().start();
  ASSERT_TRUE(report) << report.error().to_string();
  EXPECT_THAT(report->ended, ElementsAre("c1"));
  const auto end = agent().wait("c1");
  ASSERT_TRUE(end) << end.error().to_string();
  EXPECT_FALSE(end->exit.has_value());
  EXPECT_EQ(end->message, "the host was restarted");
}

TEST_F(ContainerRecoveryTest, ASecondRecoveryTellsTheSameAsTheFirst) {
  ASSERT_TRUE(agent().start());
  ASSERT_TRUE(agent().run(command("c1", "exit 4")));
  for (int i = 0; i < 2; ++i) {
    drop_agent();
    const auto report = agent().start();
    ASSERT_TRUE(report) << report.error().to_string();
    const auto end = agent().wait("c1");
    ASSERT_TRUE(end) << end.error().to_string();
    EXPECT_EQ(end->exit->code, 4);
  }
  ASSERT_TRUE(block_on(agent().loop(), agent()->forget("c1")));
  drop_agent();
  const auto report = agent().start();
  ASSERT_TRUE(report);
  EXPECT_THAT(report->ended, IsEmpty());
}

// ---- Death at every fault point ----

class FaultPointTest : public RealContainerizerFixture, public ::testing::WithParamInterface<const char*> {
 protected:
  /// The wait status of that process.
  int die_at(const std::string& point) {
    const std::string folder = "TEPUI_TEST_FOLDER=" + directory_.path().string();
    const std::string root = "TEPUI_TEST_ROOT=" + root_;
    const std::string fault = "TEPUI_FAULT=" + point;
    std::string program = TEPUI_BINARY_DIR "/tests/launch_one_container";
    char* argv[] = {program.data(), nullptr};
    std::string path = "PATH=/usr/bin:/bin";
    char* env[] = {path.data(), const_cast<char*>(folder.c_str()), const_cast<char*>(root.c_str()),
                   const_cast<char*>(fault.c_str()), nullptr};
    pid_t child = 0;
    EXPECT_EQ(::posix_spawn(&child, program.c_str(), nullptr, nullptr, argv, env), 0);
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    return status;
  }
};

TEST_P(FaultPointTest, AnAgentThatDiesThereLeavesNothingThatTheNextDoesNotSettle) {
  const int status = die_at(GetParam());
  ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << "the point was not reached: " << status;
  const auto report = agent().start();
  ASSERT_TRUE(report) << report.error().to_string();
  EXPECT_THAT(report->errors, IsEmpty());
  const bool is_recorded = !report->running.empty() || !report->ended.empty();
  const std::string ran = read(directory_ / "work/slaves/m-S0/frameworks/m-0000/executors/t-c1/runs/c1/ran");
  if (is_recorded) {
    const auto end = agent().wait("c1");
    ASSERT_TRUE(end) << end.error().to_string();
    // Either it ran once and its code is known, or it never ran and that is said.
    EXPECT_NE(end->exit.has_value(), end->launch_failure.has_value()) << end->message;
    if (end->exit) {
      EXPECT_EQ(end->exit->code, 8) << end->message;
    }
    EXPECT_TRUE(end->cleanup_errors.empty());
  } else {
    EXPECT_EQ(ran, "");
  }
  EXPECT_THAT(ran, ::testing::AnyOf("", "ran\n"));
  EXPECT_FALSE(std::filesystem::exists(cgroup_path("freezer", "c1")));
  EXPECT_FALSE(std::filesystem::exists(cgroup_path("memory", "c1")));
}

INSTANTIATE_TEST_SUITE_P(EveryPoint, FaultPointTest,
                         ::testing::Values("agent.launch.before_plan_checkpoint", "agent.launch.after_plan_checkpoint",
                                           "agent.launch.after_cgroups", "agent.launch.after_shim_start",
                                           "agent.launch.before_pid_checkpoint", "agent.launch.before_go",
                                           "agent.launch.after_go", "agent.cleanup.before_end_checkpoint",
                                           "agent.cleanup.before_isolators", "agent.cleanup.before_cgroup_remove",
                                           "agent.cleanup.before_runtime_dir_remove"),
                         [](const auto& param) {
                           std::string name(param.param);
                           for (char& c : name) c = c == '.' ? '_' : c;
                           return name;
                         });

}  // namespace
}  // namespace tepui::agent

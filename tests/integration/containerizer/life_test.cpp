// Containers from launch to cleanup on the host as it is.
#include <cerrno>
#include <csignal>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lib/base/try.hpp"
#include "tests/integration/containerizer/real_containerizer.hpp"

namespace tepui::agent {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ContainerLifeTest : public RealContainerizerFixture {
 protected:
  void SetUp() override {
    RealContainerizerFixture::SetUp();
    if (IsSkipped()) return;
    const auto recovered = agent().start();
    ASSERT_TRUE(recovered) << recovered.error().to_string();
  }
};

TEST_F(ContainerLifeTest, TheExitCodeIsTheCommands) {
  for (const int code : {0, 3, 255}) {
    const std::string id = "c" + std::to_string(code);
    const auto end = agent().run(command(id, "exit " + std::to_string(code)));
    ASSERT_TRUE(end) << end.error().to_string();
    ASSERT_TRUE(end->exit.has_value()) << end->message;
    EXPECT_FALSE(end->exit->is_signalled);
    EXPECT_EQ(end->exit->code, code);
    EXPECT_FALSE(end->was_killed);
    EXPECT_TRUE(end->cleanup_errors.empty());
  }
}

TEST_F(ContainerLifeTest, TheSignalIsTheOneThatEndedTheCommand) {
  const auto end = agent().run(command("c1", "kill -SEGV $$"));
  ASSERT_TRUE(end) << end.error().to_string();
  ASSERT_TRUE(end->exit.has_value()) << end->message;
  EXPECT_TRUE(end->exit->is_signalled);
  EXPECT_EQ(end->exit->signal, SIGSEGV);
}

TEST_F(ContainerLifeTest, TheCommandRunsInItsSandboxAsItsUserWithTheAssembledEnvironment) {
  auto config = command("c1", "pwd; id -un; env | sort; echo to-stderr >&2; touch made");
  config.environment = {{"MINE", "yes"}};
  ::setenv("TEPUI_TEST_SECRET", "1", 1);
  const auto end = agent().run(config);
  ::unsetenv("TEPUI_TEST_SECRET");
  ASSERT_TRUE(end) << end.error().to_string();
  const std::string out = output_of("c1");
  const std::string sandbox = (directory_ / "work/slaves/m-S0/frameworks/m-0000/executors/t-c1/runs/c1").string();
  EXPECT_THAT(out, HasSubstr(sandbox + "\nnobody\n"));
  EXPECT_THAT(out, HasSubstr("MINE=yes\n"));
  EXPECT_THAT(out, HasSubstr("MESOS_SANDBOX=" + sandbox));
  EXPECT_EQ(out.find("TEPUI_TEST_SECRET"), std::string::npos);
  EXPECT_EQ(output_of("c1", "stderr"), "to-stderr\n");
  EXPECT_TRUE(std::filesystem::exists(sandbox + "/made"));
}

TEST_F(ContainerLifeTest, ACommandThatIsNotFoundIsALaunchFailureLikeAShells127) {
  auto config = command("c1", "no-such-program");
  config.command.shell = false;
  const auto started = agent().launch(config);
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().to_string(),
            "launch container 'c1': execve \"no-such-program\": No such file or directory (ENOENT)");
  const auto end = agent().wait("c1");
  ASSERT_TRUE(end);
  ASSERT_TRUE(end->launch_failure.has_value());
  EXPECT_EQ(end->launch_failure->step, "execve");
  EXPECT_EQ(end->launch_failure->object, "no-such-program");
  EXPECT_EQ(end->launch_failure->sys_errno, ENOENT);
  EXPECT_EQ(end->launch_failure->exit_code(), 127);
  EXPECT_EQ(end->message, started.error().to_string());
}

TEST_F(ContainerLifeTest, ACommandThatCannotBeInvokedIs126) {
  auto config = command("c1", "/etc/passwd");
  config.command.shell = false;
  ASSERT_FALSE(agent().launch(config));
  const auto end = agent().wait("c1");
  ASSERT_TRUE(end && end->launch_failure);
  EXPECT_EQ(end->launch_failure->exit_code(), 126);
}

TEST_F(ContainerLifeTest, ArgumentsArriveAsTheyAre) {
  auto config = command("c1", "/bin/echo");
  config.command.shell = false;
  config.command.arguments = {"echo", "a  b", "$HOME"};
  ASSERT_TRUE(agent().run(config));
  EXPECT_EQ(output_of("c1"), "a  b $HOME\n");
}

TEST_F(ContainerLifeTest, ACpuLimitBites) {
  const auto started = agent().launch(command("c1", "while :; do :; done"));
  ASSERT_TRUE(started) << started.error().to_string();
  const auto stat = cgroup_path("cpu", "c1") / "cpu.stat";
  ASSERT_TRUE(std::filesystem::exists(stat));
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  double used = 0;
  while (keyed(stat, "nr_throttled") < 3 && std::chrono::steady_clock::now() < deadline) {
    const auto usage = agent().usage("c1");
    ASSERT_TRUE(usage);
    used = usage->cpu_seconds().value_or(0);
  }
  EXPECT_GE(keyed(stat, "nr_throttled"), 3);
  EXPECT_GT(used, 0);
  ASSERT_TRUE(agent().destroy("c1"));
  const auto end = agent().wait("c1");
  ASSERT_TRUE(end);
  EXPECT_TRUE(end->was_killed);
  ASSERT_TRUE(end->exit.has_value()) << end->message;
  EXPECT_EQ(end->exit->signal, SIGKILL);
  EXPECT_FALSE(end->limitation.has_value());
}

TEST_F(ContainerLifeTest, AnOomKillIsALimitationThatNamesLimitAndPeak) {
  const auto end = agent().run(command("c1", "exec /usr/bin/python3 -c 'x = bytearray(200 << 20)'"));
  ASSERT_TRUE(end) << end.error().to_string();
  ASSERT_TRUE(end->limitation.has_value()) << end->message;
  EXPECT_EQ(end->limitation->reason, "REASON_CONTAINER_LIMITATION_MEMORY");
  EXPECT_EQ(end->limitation->isolator, "cgroups/mem");
  EXPECT_EQ(end->message, end->limitation->message);
  EXPECT_THAT(end->message, HasSubstr("64"));
  EXPECT_FALSE(end->was_killed);
  ASSERT_TRUE(end->usage.memory_peak().has_value());
  EXPECT_GT(end->usage.memory_peak()->count(), 32U << 20U);
}

TEST_F(ContainerLifeTest, AnOomKillOfAChildIsALimitationToo) {
  const auto end = agent().run(command("c1", "/usr/bin/python3 -c 'x = bytearray(200 << 20)'; exit $?"));
  ASSERT_TRUE(end) << end.error().to_string();
  ASSERT_TRUE(end->limitation.has_value()) << end->message;
}

TEST_F(ContainerLifeTest, KillLetsTheCommandEndByItself) {
  const std::string ready = make_fifo("ready");
  const auto started = agent().launch(command(
      "c1", "trap 'echo got-term; exit 7' TERM; echo ready > " + ready + "; while :; do sleep 0.05; done"));
  ASSERT_TRUE(started) << started.error().to_string();
  await_fifo(ready);
  ASSERT_TRUE(agent()->kill("c1", std::chrono::seconds(20)));
  const auto end = agent().wait("c1");
  ASSERT_TRUE(end) << end.error().to_string();
  ASSERT_TRUE(end->exit.has_value()) << end->message;
  EXPECT_EQ(end->exit->code, 7);
  EXPECT_TRUE(end->was_killed);
  EXPECT_EQ(output_of("c1"), "got-term\n");
}

TEST_F(ContainerLifeTest, ACommandThatIgnoresTermIsKilledAfterTheGraceWithItsChildren) {
  const std::string ready = make_fifo("ready");
  const auto started = agent().launch(
      command("c1", "trap '' TERM; sleep 300 & sleep 300 & echo > " + ready + "; while :; do sleep 1; done"));
  ASSERT_TRUE(started) << started.error().to_string();
  await_fifo(ready);
  ASSERT_TRUE(agent()->kill("c1", std::chrono::milliseconds(200)));
  const auto end = agent().wait("c1");
  ASSERT_TRUE(end) << end.error().to_string();
  ASSERT_TRUE(end->exit.has_value()) << end->message;
  EXPECT_TRUE(end->exit->is_signalled);
  EXPECT_EQ(end->exit->signal, SIGKILL);
}

TEST_F(ContainerLifeTest, ALaterKillMayOnlyShortenTheGrace) {
  const std::string ready = make_fifo("ready");
  const auto started = agent().launch(command("c1", "trap '' TERM; echo > " + ready + "; while :; do sleep 1; done"));
  ASSERT_TRUE(started) << started.error().to_string();
  await_fifo(ready);
  ASSERT_TRUE(agent()->kill("c1", std::chrono::hours(1)));
  ASSERT_TRUE(agent()->kill("c1", std::chrono::milliseconds(100)));
  ASSERT_TRUE(agent()->kill("c1", std::chrono::hours(2)));
  const auto end = agent().wait("c1");
  ASSERT_TRUE(end) << end.error().to_string();
  EXPECT_EQ(end->exit->signal, SIGKILL);
}

TEST_F(ContainerLifeTest, WhatTheCommandLeavesBehindEndsWithIt) {
  const auto end = agent().run(command("c1", "setsid sleep 300 & exit 0"));
  ASSERT_TRUE(end) << end.error().to_string();
  EXPECT_EQ(end->exit->code, 0);
  EXPECT_TRUE(end->cleanup_errors.empty()) << end->cleanup_errors.front();
  EXPECT_FALSE(std::filesystem::exists(cgroup_path("freezer", "c1")));
}

TEST_F(ContainerLifeTest, ManyAtOnceEndEachWithItsOwnCode) {
  TaskGroup tasks(agent().loop().executor(), "launches", nullptr);
  for (int i = 0; i < 20; ++i) {
    auto config = command("c" + std::to_string(i), "exit " + std::to_string(i));
    struct Launch {
      static Async<void> one(LinuxContainerizer* containerizer, ContainerConfig config) {
        TEPUI_CO_TRY(co_await containerizer->launch(std::move(config)));
        co_return ok();
      }
    };
    ASSERT_TRUE(tasks.spawn("launch", Launch::one(&*agent(), config)));
  }
  ASSERT_TRUE(block_on(agent().loop(), tasks.drain()));
  for (int i = 0; i < 20; ++i) {
    const auto end = agent().wait("c" + std::to_string(i));
    ASSERT_TRUE(end) << end.error().to_string();
    ASSERT_TRUE(end->exit.has_value()) << end->message;
    EXPECT_EQ(end->exit->code, i);
  }
}

TEST_F(ContainerLifeTest, TheListTellsPlanIsolatorsSpansAndUsage) {
  ASSERT_TRUE(agent().run(command("c1", "true")));
  const auto list = agent()->list();
  ASSERT_EQ(list.size(), 1U);
  EXPECT_EQ(list[0].state, "DESTROYED");
  EXPECT_THAT(list[0].isolators, ElementsAre("cgroups/cpu", "cgroups/mem"));
  EXPECT_THAT(list[0].plan, HasSubstr("cpu.cfs_quota_us"));
  EXPECT_FALSE(list[0].spans.empty());
  EXPECT_TRUE(list[0].usage.memory_peak().has_value());
}

TEST_F(ContainerLifeTest, ASecondAgentBelowTheSameCgroupRootIsRefusedWithACure) {
  TempDir other;
  RealContainerizer second(other.path(), root_);
  const auto refused = second.start();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::Unavailable);
  EXPECT_THAT(refused.error().to_string(), HasSubstr("--cgroups-root"));
}

TEST_F(ContainerLifeTest, NoProcessMountOrDescriptorIsLeftBehind) {
  const auto count = [](const char* folder) {
    return std::distance(std::filesystem::directory_iterator(folder), std::filesystem::directory_iterator());
  };
  ASSERT_TRUE(agent().run(command("c0", "true")));
  const auto descriptors = count("/proc/self/fd");
  const std::string mounts = read("/proc/self/mountinfo");
  for (int i = 1; i < 6; ++i) ASSERT_TRUE(agent().run(command("c" + std::to_string(i), "true")));
  EXPECT_EQ(count("/proc/self/fd"), descriptors);
  EXPECT_EQ(read("/proc/self/mountinfo"), mounts);
}

}  // namespace
}  // namespace tepui::agent

// Containers under the whole default --isolation: pid 1 is our init, and the rules of life are the same.
#include <csignal>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/containerizer/real_containerizer.hpp"

namespace tepui::agent {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class DefaultIsolationTest : public RealContainerizerFixture {
 protected:
  static constexpr const char* kIsolation =
      "cgroups/cpu,cgroups/mem,filesystem/linux,namespaces/pid,namespaces/ipc,linux/seccomp";
  void SetUp() override {
    RealContainerizerFixture::SetUp();
    if (IsSkipped()) return;
    TEPUI_REQUIRES(mntns, pidns, seccomp);
    if (IsSkipped()) return;
    const auto recovered = agent().start(kIsolation);
    ASSERT_TRUE(recovered) << recovered.error().to_string();
  }
};

TEST_F(DefaultIsolationTest, TheCommandSeesProcessesOfItsOwnAlone) {
  const auto end = agent().run(command("c1", "echo pid $$; ls /proc | grep -c '^[0-9]'; exit 3"));
  ASSERT_TRUE(end) << end.error().to_string();
  ASSERT_TRUE(end->exit.has_value()) << end->message;
  EXPECT_EQ(end->exit->code, 3);
  EXPECT_THAT(output_of("c1"), HasSubstr("pid 2\n"));
}

TEST_F(DefaultIsolationTest, TermReachesTheCommandOnce) {
  const auto started = agent().launch(
      command("c1", "trap 'echo term' TERM; echo ready; i=0; while [ $i -lt 4 ]; do sleep 0.1; i=$((i+1)); done"));
  ASSERT_TRUE(started) << started.error().to_string();
  await_output("c1", "ready\n");
  ASSERT_TRUE(agent()->kill("c1", std::chrono::seconds(20)));
  const auto end = agent().wait("c1");
  ASSERT_TRUE(end) << end.error().to_string();
  EXPECT_EQ(output_of("c1"), "ready\nterm\n");
}

TEST_F(DefaultIsolationTest, TheSandboxIsWrittenAndTheHostIsNot) {
  const auto end = agent().run(command("c1", "touch here && touch \"$MESOS_SANDBOX/there\"; touch /usr/x; touch /tmp/y"));
  ASSERT_TRUE(end) << end.error().to_string();
  const auto sandbox = directory_ / "work/slaves/m-S0/frameworks/m-0000/executors/t-c1/runs/c1";
  EXPECT_TRUE(std::filesystem::exists(sandbox / "here"));
  EXPECT_TRUE(std::filesystem::exists(sandbox / "there"));
  EXPECT_FALSE(std::filesystem::exists("/usr/x"));
  EXPECT_FALSE(std::filesystem::exists("/tmp/y"));
}

TEST_F(DefaultIsolationTest, ACommandThatIsNotFoundIsStill127) {
  auto config = command("c1", "no-such-program");
  config.command.shell = false;
  ASSERT_FALSE(agent().launch(config));
  const auto end = agent().wait("c1");
  ASSERT_TRUE(end && end->launch_failure);
  EXPECT_EQ(end->launch_failure->exit_code(), 127) << end->message;
}

TEST_F(DefaultIsolationTest, AFatalSignalIsTheCommandsOwn) {
  const auto end = agent().run(command("c1", "kill -ABRT $$"));
  ASSERT_TRUE(end) << end.error().to_string();
  ASSERT_TRUE(end->exit.has_value()) << end->message;
  EXPECT_EQ(end->exit->signal, SIGABRT) << end->message;
}

TEST_F(DefaultIsolationTest, AnOomKillIsALimitation) {
  const auto end = agent().run(command("c1", "exec /usr/bin/python3 -c 'x = bytearray(200 << 20)'"));
  ASSERT_TRUE(end) << end.error().to_string();
  EXPECT_TRUE(end->limitation.has_value()) << end->message;
}

TEST_F(DefaultIsolationTest, ARunningOneIsAdopted) {
  const auto started = agent().launch(command("c1", "while [ ! -e go ]; do sleep 0.05; done; exit 5"));
  ASSERT_TRUE(started) << started.error().to_string();
  drop_agent();
  const auto report = agent().start(kIsolation);
  ASSERT_TRUE(report) << report.error().to_string();
  EXPECT_THAT(report->running, ElementsAre("c1"));
  std::ofstream(started->sandbox + "/go") << "go";
  const auto end = agent().wait("c1");
  ASSERT_TRUE(end) << end.error().to_string();
  ASSERT_TRUE(end->exit.has_value()) << end->message;
  EXPECT_EQ(end->exit->code, 5);
}

}  // namespace
}  // namespace tepui::agent

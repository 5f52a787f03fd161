// Containers with namespaces of their own: pid 1 is our init, and the rules of life are the same.
#include <csignal>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/containerizer/real_containerizer.hpp"

namespace tepui::agent {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ContainerNamespacesTest : public RealContainerizerFixture {
 protected:
  static constexpr const char* kIsolation = "cgroups/cpu,cgroups/mem,namespaces/pid,namespaces/ipc";
  void SetUp() override {
    RealContainerizerFixture::SetUp();
    if (IsSkipped()) return;
    const auto recovered = agent().start(kIsolation);
    ASSERT_TRUE(recovered) << recovered.error().to_string();
  }
};

TEST_F(ContainerNamespacesTest, TheCommandSeesProcessesOfItsOwnAlone) {
  const auto end = agent().run(command("c1", "echo pid $$; ls /proc | grep -c '^[0-9]'; exit 3"));
  ASSERT_TRUE(end) << end.error().to_string();
  ASSERT_TRUE(end->exit.has_value()) << end->message;
  EXPECT_EQ(end->exit->code, 3);
  EXPECT_THAT(output_of("c1"), HasSubstr("pid 2\n"));
}

TEST_F(ContainerNamespacesTest, TermReachesTheCommandOnce) {
  const std::string ready = make_fifo("ready");
  const auto started = agent().launch(
      command("c1", "trap 'echo term' TERM; echo > " + ready + "; i=0; while [ $i -lt 4 ]; do sleep 0.1; i=$((i+1)); done"));
  ASSERT_TRUE(started) << started.error().to_string();
  await_fifo(ready);
  ASSERT_TRUE(agent()->kill("c1", std::chrono::seconds(20)));
  const auto end = agent().wait("c1");
  ASSERT_TRUE(end) << end.error().to_string();
  EXPECT_EQ(output_of("c1"), "term\n");
}

TEST_F(ContainerNamespacesTest, AFatalSignalIsTheCommandsOwn) {
  const auto end = agent().run(command("c1", "kill -ABRT $$"));
  ASSERT_TRUE(end) << end.error().to_string();
  ASSERT_TRUE(end->exit.has_value()) << end->message;
  EXPECT_EQ(end->exit->signal, SIGABRT) << end->message;
}

TEST_F(ContainerNamespacesTest, AnOomKillIsALimitation) {
  const auto end = agent().run(command("c1", "exec /usr/bin/python3 -c 'x = bytearray(200 << 20)'"));
  ASSERT_TRUE(end) << end.error().to_string();
  EXPECT_TRUE(end->limitation.has_value()) << end->message;
}

TEST_F(ContainerNamespacesTest, ARunningOneIsAdopted) {
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

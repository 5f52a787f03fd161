// `tepui run` without a master: a cluster of its own for the length of the run.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <set>

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include "tests/fakes/requires.hpp"
#include "tests/integration/cli/command.hpp"

namespace tepui {
namespace {

class RunTest : public testing::Test {
 protected:
  void SetUp() override { TEPUI_REQUIRES(root, cgroup1("memory"), pidns); }
};

TEST_F(RunTest, TheCommandsOutputIsOursAndItsCodeToo) {
  const auto run = tepui("run --user nobody -- sh -c 'echo out; echo err >&2; exit 7'");
  EXPECT_EQ(run.exit_code, 7) << run.err;
  EXPECT_EQ(run.out, "out\n");
  EXPECT_EQ(run.err, "err\n");
}

TEST_F(RunTest, RootWithoutAUserIsToldWhomTheTaskRunsAs) {
  const auto run = tepui("run -- id -un");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.out, "nobody\n");
  EXPECT_NE(run.err.find("--user"), std::string::npos) << run.err;
}

TEST_F(RunTest, ASignalAMissingAndAForbiddenCommandHaveTheirCodes) {
  EXPECT_EQ(tepui("run --user nobody -- sh -c 'kill -9 $$'").exit_code, 137);
  const auto missing = tepui("run --user nobody -- no-such-command");
  EXPECT_EQ(missing.exit_code, 127);
  EXPECT_NE(missing.err.find("no-such-command"), std::string::npos) << missing.err;
  EXPECT_EQ(tepui("run --user nobody -- /etc/passwd").exit_code, 126);
}

TEST_F(RunTest, ATaskThatNoAgentCanHoldIsOurErrorAndNamesBothNumbers) {
  const auto run = tepui("run --user nobody --cpus 1000 -- true");
  EXPECT_EQ(run.exit_code, 125);
  EXPECT_NE(run.err.find("1000 cpus"), std::string::npos) << run.err;
}

TEST_F(RunTest, TheMemoryLimitEndsTheTaskAndTheReasonIsPrinted) {
  const auto run = tepui("run --user nobody --mem 40 -- sh -c 'head -c 200000000 /dev/zero | tail'");
  EXPECT_EQ(run.exit_code, 137) << run.err;
  EXPECT_NE(run.err.find("40 MiB"), std::string::npos) << run.err;
}

TEST_F(RunTest, InstancesRunSideBySideWithTheirNumberBeforeEachLine) {
  const auto run = tepui("run --user nobody --cpus 0.1 --mem 32 --instances 3 --env GREETING='hello there' -- "
                         "sh -c 'echo $GREETING $TEPUI_INSTANCE'");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  std::set<std::string> lines;
  std::istringstream stream(run.out);
  for (std::string line; std::getline(stream, line);) lines.insert(line);
  EXPECT_EQ(lines, (std::set<std::string>{"0| hello there 0", "1| hello there 1", "2| hello there 2"}));
}

TEST_F(RunTest, AMebibyteOfOutputArrivesWholeAndInOrder) {
  const auto run = tepui("run --user nobody -- seq 1 150000");
  EXPECT_EQ(run.exit_code, 0) << run.err;
  std::string expected;
  for (int i = 1; i <= 150000; ++i) expected += std::to_string(i) + '\n';
  EXPECT_TRUE(run.out == expected) << run.out.size() << " bytes instead of " << expected.size();
}

TEST_F(RunTest, CtrlCEndsTheTaskAndTheCluster) {
  const auto run = tepui("run --user nobody -- sh -c 'echo started; exec sleep 600'", "timeout --foreground -s INT 5");
  EXPECT_EQ(run.out, "started\n");
  EXPECT_EQ(std::system("pgrep -x -f 'sleep 600' >/dev/null"), 1 << 8) << "the task outlived its run";
}

TEST_F(RunTest, AReaderThatHasEnoughEndsTheTaskAndTheCluster) {
  const auto run = tepui("run --user nobody -- yes tepui-test-yes | { head -n 1 <&3; } 3<&0");
  EXPECT_EQ(run.out, "tepui-test-yes\n") << run.err;
  EXPECT_EQ(std::system("pgrep -x -f 'yes tepui-test-yes' >/dev/null"), 1 << 8) << "the task outlived its run";
}

TEST_F(RunTest, ItEndsSoonAfterItsCommand) {
  auto soonest = std::chrono::nanoseconds::max();  // of several: the machine may be busy
  for (int i = 0; i < 3; ++i) {
    const auto run = tepui("run --user nobody -- date +%s%N");
    ASSERT_EQ(run.exit_code, 0) << run.err;
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    soonest = std::min<std::chrono::nanoseconds>(soonest, now - std::chrono::nanoseconds(std::stoll(run.out)));
  }
  EXPECT_LT(soonest, std::chrono::milliseconds(900)) << soonest.count() << " ns";
}

TEST_F(RunTest, NothingIsLeftBehind) {
  const auto list = [] {
    std::set<std::string> found;
    for (const char* root : {"/tmp", "/sys/fs/cgroup/memory", "/sys/fs/cgroup/cpu"}) {
      for (const auto& entry : std::filesystem::directory_iterator(root)) {
        const std::string name = entry.path().filename();
        const bool is_ours = name.starts_with("tepui-") && !name.starts_with("tepui-test");
        if (is_ours) found.insert(entry.path());
      }
    }
    return found;
  };
  const auto before = list();
  const TempDir directory;
  const auto run = tepui("run --user nobody -- true", "TMPDIR=" + directory.path().string());
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_TRUE(std::filesystem::is_empty(directory.path()));
  EXPECT_EQ(list(), before);
}

TEST_F(RunTest, AsJsonTheEndsOfTheInstancesArePrinted) {
  const auto run = tepui("run --user nobody -o json -- sh -c 'exit 3'");
  EXPECT_EQ(run.exit_code, 3);
  const auto ends = boost::json::parse(run.out);
  ASSERT_EQ(ends.as_array().size(), 1U);
  EXPECT_EQ(ends.at(0).at("exit_code").as_int64(), 3);
  EXPECT_EQ(ends.at(0).at("state").as_string(), "TASK_FAILED");
}

}  // namespace
}  // namespace tepui

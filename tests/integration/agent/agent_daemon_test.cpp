// The agent as a process: how it ends, what it leaves, what it says of its containers, and a disk that fills up.
#include <sys/mount.h>
#include <sys/wait.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include "tests/cluster/cluster_fixture.hpp"

namespace tepui::cluster {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using namespace std::chrono_literals;

class AgentDaemonTest : public ClusterTest {
 protected:
  [[nodiscard]] json::value read_json(const std::string& target) const {
    const auto reply = http_request(cluster->agent_address(0), "GET", target);
    EXPECT_EQ(reply.status, 200) << target << ": " << reply.body;
    return reply.status == 200 ? json::parse(reply.body) : json::value();
  }
  void run_sleeper(const std::string& task, const std::string& seconds) {
    ASSERT_TRUE(scheduler.launch({{task, "exec sleep " + seconds}}, in(20s)));
    ASSERT_TRUE(scheduler.wait_state(task, "TASK_RUNNING", in(20s)));
  }
  int stop_agent() {
    cluster->agent(0).send_signal(SIGTERM);
    const auto status = cluster->agent(0).wait(in(20s));
    EXPECT_TRUE(status.has_value());
    return status.value_or(-1);
  }
};

TEST_F(AgentDaemonTest, SigtermEndsTheAgentAndLeavesItsTasks) {
  ASSERT_NO_FATAL_FAILURE(start());
  ASSERT_NO_FATAL_FAILURE(run_sleeper("long", "4721.1"));
  const auto before = wait_process("sleep 4721.1");
  ASSERT_TRUE(before);
  EXPECT_EQ(stop_agent(), 0);
  EXPECT_EQ(cluster->agent_address(0), "");
  EXPECT_EQ(find_process("sleep 4721.1"), before);
  ASSERT_TRUE(cluster->start_agent(0));
  EXPECT_EQ(find_process("sleep 4721.1"), before);
  EXPECT_TRUE(eventually(in(20s), [&] { return scheduler.kill("long").status == 202; }));
  EXPECT_TRUE(scheduler.wait_state("long", "TASK_KILLED", in(20s)));
  EXPECT_EQ(scheduler.terminal_count("long"), 1);
}

TEST_F(AgentDaemonTest, DestroyOnExitLeavesNothing) {
  MiniCluster::Options options;
  options.agent_flags = {"--destroy-on-exit"};
  ASSERT_NO_FATAL_FAILURE(start(options));
  ASSERT_NO_FATAL_FAILURE(run_sleeper("long", "4721.2"));
  ASSERT_TRUE(wait_process("sleep 4721.2"));
  EXPECT_EQ(stop_agent(), 0);
  EXPECT_FALSE(find_process("sleep 4721.2"));
  EXPECT_EQ(cluster->leftovers(), "");
}

TEST_F(AgentDaemonTest, TwoAgentsCannotShareAWorkDirectory) {
  ASSERT_NO_FATAL_FAILURE(start());
  ChildProcess::Options options;
  const fs::path folder = fs::path(read_json("/state").at("flags").at("work_dir").as_string().c_str());
  const fs::path log = folder / "second.log";
  options.arguments = {MiniCluster::program("tepui-agent"), "--master=127.0.0.1:1", "--port=0",
                       "--work-dir=" + folder.string(), "--runtime-dir=" + (folder / "other").string(),
                       "--cgroups-root=tepui-test-unused"};
  options.log = log;
  ChildProcess second(options);
  const auto status = second.wait(in(20s));
  ASSERT_TRUE(status);
  EXPECT_EQ(WEXITSTATUS(*status), 75);
  EXPECT_NE(read_file(log).find("another agent"), std::string::npos) << read_file(log);
  EXPECT_NE(cluster->agent_address(0), "");
}

TEST_F(AgentDaemonTest, TellsItsContainersLiveAndEnded) {
  ASSERT_NO_FATAL_FAILURE(start());
  ASSERT_TRUE(scheduler.launch({{"quick", "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; exit 3"}}, in(20s)));
  ASSERT_TRUE(scheduler.wait_state("quick", "TASK_FAILED", in(30s)));
  EXPECT_EQ(scheduler.last("quick")->message, "Command exited with status 3");
  ASSERT_NO_FATAL_FAILURE(run_sleeper("long", "4721.3"));
  const auto answer = read_json("/tepui/v1/containers");
  const auto& containers = answer.at("containers").as_array();
  ASSERT_EQ(containers.size(), 2U);
  for (const auto& container : containers) {
    EXPECT_EQ(container.at("isolators").as_array().size(), 6U);
    EXPECT_TRUE(container.at("plan").is_object());
    EXPECT_EQ(container.at("user").as_string(), "nobody");
    EXPECT_GT(container.at("memory_peak_bytes").to_number<std::uint64_t>(), 0U);
    const bool is_quick = container.at("task_id").as_string() == "quick";
    EXPECT_EQ(container.as_object().contains("termination"), is_quick);
    if (is_quick) EXPECT_GT(container.at("cpu_seconds").to_number<double>(), 0);
    if (is_quick) EXPECT_EQ(container.at("termination").at("wait_status").to_number<int>(), 3 << 8);
  }
  EXPECT_EQ(read_json("/monitor/statistics").as_array().size(), 1U);
  EXPECT_EQ(read_json("/containers").as_array().size(), 1U);
  EXPECT_EQ(read_json("/metrics/snapshot").at("slave/tasks_running").to_number<int>(), 1);
  EXPECT_EQ(read_json("/version").at("version").as_string(), "1.11.0");
  EXPECT_EQ(read_json("/slave(1)/state").at("frameworks").as_array().size(), 1U);
}

TEST_F(AgentDaemonTest, ACommandThatCannotRunFailsByName) {
  ASSERT_NO_FATAL_FAILURE(start());
  ASSERT_TRUE(scheduler.launch({{"nouser", "exit 0", 0.1, 32, "no-such-user"}, {"root", "exit 0", 0.1, 32, "root"}}, in(20s)));
  ASSERT_TRUE(scheduler.wait_all_terminal({"nouser", "root"}, in(20s)));
  EXPECT_EQ(scheduler.state("nouser"), "TASK_FAILED");
  EXPECT_NE(scheduler.last("nouser")->message.find("no-such-user"), std::string::npos) << scheduler.last("nouser")->message;
  EXPECT_EQ(scheduler.state("root"), "TASK_FAILED");
  EXPECT_NE(scheduler.last("root")->message.find("--allow-root-tasks"), std::string::npos)
      << scheduler.last("root")->message;
}

TEST_F(AgentDaemonTest, ADamagedCheckpointIsRefusedByFileAndOffset) {
  ASSERT_NO_FATAL_FAILURE(start());
  ASSERT_NO_FATAL_FAILURE(run_sleeper("long", "4721.4"));
  const fs::path work(read_json("/state").at("flags").at("work_dir").as_string().c_str());
  const fs::path file = work / "meta" / "checkpoint.log";
  cluster->agent(0).kill_now();
  const std::string whole = read_file(file);
  std::string damaged = whole;
  // The empty log of the first start is one frame of 16 bytes; damage the one behind it.
  damaged[20] = static_cast<char>(damaged[20] ^ 1);
  std::ofstream(file, std::ios::binary) << damaged;
  EXPECT_FALSE(cluster->start_agent(0, {{"TEPUI_FAULT", "none"}}));
  EXPECT_EQ(WEXITSTATUS(cluster->agent(0).status()), 65);
  EXPECT_NE(cluster->logs().find(file.string()), std::string::npos);
  EXPECT_NE(cluster->logs().find("at offset 16"), std::string::npos);
  EXPECT_TRUE(find_process("sleep 4721.4"));
  std::ofstream(file, std::ios::binary) << whole;
  ASSERT_TRUE(cluster->start_agent(0));
  EXPECT_TRUE(eventually(in(20s), [&] { return scheduler.kill("long").status == 202; }));
  EXPECT_TRUE(scheduler.wait_state("long", "TASK_KILLED", in(20s)));
}

}  // namespace
}  // namespace tepui::cluster

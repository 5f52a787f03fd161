// What a daemon refuses at its start: a clear line that names the thing, an exit code of sysexits.h, nothing half-done.
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/cluster/mini_cluster.hpp"
#include "tests/fakes/requires.hpp"

namespace tepui::cluster {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr uid_t kNobody = 65534;

class DaemonRefusalTest : public ::testing::Test {
 protected:
  void SetUp() override { TEPUI_REQUIRES(root, mntns); }
  void TearDown() override { remove_cgroups(root_name()); }

  static std::string root_name() { return "tepui-test-" + std::to_string(::getpid()) + "-r"; }
  [[nodiscard]] fs::path work() const { return folder_ / "work"; }

  [[nodiscard]] std::vector<std::string> agent(std::vector<std::string> flags = {}) const {
    std::vector<std::string> arguments = {MiniCluster::program("tepui-agent"),
                                          "--master=127.0.0.1:9",
                                          "--ip=127.0.0.1",
                                          "--port=0",
                                          "--work-dir=" + work().string(),
                                          "--runtime-dir=" + (folder_ / "run").string(),
                                          "--cgroups-root=" + root_name()};
    // A flag that is given twice takes the later value in no two programs alike, so the former one goes.
    for (const auto& flag : flags) {
      const std::string name = flag.substr(0, flag.find('=') + 1);
      std::erase_if(arguments, [&](const auto& one) { return one.rfind(name, 0) == 0; });
    }
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    return arguments;
  }

  [[nodiscard]] std::vector<std::string> master(std::vector<std::string> flags = {}) const {
    std::vector<std::string> arguments = {MiniCluster::program("tepui-master"), "--ip=127.0.0.1", "--port=0",
                                          "--work-dir=" + work().string()};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    return arguments;
  }

  /// Runs to the end; expects a code of sysexits.h and every one of `words` in what it said.
  void expect_refusal(ChildProcess::Options options, const std::vector<std::string>& words) {
    options.log = folder_ / "log";
    fs::remove(options.log);
    ChildProcess daemon(options);
    const auto status = daemon.wait(in(20s));
    const std::string said = read_file(options.log);
    ASSERT_TRUE(status) << options.arguments[0] << " goes on\n" << said;
    ASSERT_TRUE(WIFEXITED(*status)) << "ended by signal " << WTERMSIG(*status) << "\n" << said;
    EXPECT_GE(WEXITSTATUS(*status), 64) << said;
    EXPECT_LE(WEXITSTATUS(*status), 78) << said;
    for (const auto& word : words)
      EXPECT_NE(said.find(word), std::string::npos) << "nothing of '" << word << "' in\n" << said;
    EXPECT_FALSE(fs::exists(work() / "agent.address"));
    EXPECT_FALSE(fs::exists(work() / "master.address"));
  }

  void expect_refusal(std::vector<std::string> arguments, const std::vector<std::string>& words) {
    ChildProcess::Options options;
    options.arguments = std::move(arguments);
    expect_refusal(options, words);
  }

  /// An agent told to load `file` as the module of isolator acme/thing.
  void expect_module_refused(const std::string& file, const std::vector<std::string>& words) {
    const std::string modules = R"({"libraries":[{"file":")" + file + R"(","modules":[{"name":"acme/thing"}]}]})";
    expect_refusal(agent({"--modules=" + modules, "--isolation=acme/thing"}), words);
  }

  TempDir folder_{TempDir::Access::Everyone};
};

TEST_F(DaemonRefusalTest, UnknownFlagsAreNamed) {
  expect_refusal(agent({"--no-such-flag=1"}), {"no-such-flag"});
  expect_refusal(master({"--no-such-flag=1"}), {"no-such-flag"});
}

TEST_F(DaemonRefusalTest, MalformedResourcesAreNamed) { expect_refusal(agent({"--resources=cpus:many"}), {"many"}); }

TEST_F(DaemonRefusalTest, UnknownIsolatorIsNamed) {
  expect_refusal(agent({"--isolation=cgroups/cpu,no/such"}), {"no/such"});
}

TEST_F(DaemonRefusalTest, ModuleThatIsATextFileIsNamed) {
  const auto file = folder_.write("text.so", "this is no shared object\n");
  expect_module_refused(file, {file});
}

TEST_F(DaemonRefusalTest, ModuleThatIsADirectoryIsNamed) {
  fs::create_directory(folder_ / "folder.so");
  expect_module_refused(folder_ / "folder.so", {folder_ / "folder.so"});
}

TEST_F(DaemonRefusalTest, ModuleThatDoesNotExistIsNamed) {
  expect_module_refused(folder_ / "absent.so", {folder_ / "absent.so"});
}

TEST_F(DaemonRefusalTest, ModuleOfAnotherAbiIsNamed) {
  expect_module_refused(TEPUI_BINARY_DIR "/tests/modules/wrong_abi.so", {"wrong_abi.so", "abi"});
}

TEST_F(DaemonRefusalTest, ModuleWithoutTheEntrySymbolIsNamed) {
  expect_module_refused(TEPUI_BINARY_DIR "/tests/modules/no_entry.so", {"no_entry.so", "tepui_module_manifest_get"});
}

TEST_F(DaemonRefusalTest, WorkDirOnAFullDiskIsNamed) {
  fs::create_directory(work());
  for (const auto& arguments : {agent(), master()}) {
    ChildProcess::Options options;
    options.arguments = arguments;
    options.has_private_mounts = true;
    options.before_exec = "mount -t tmpfs -o size=16k tmpfs " + work().string() +
                          " && dd if=/dev/zero of=" + work().string() + "/full bs=4k 2>/dev/null; true";
    expect_refusal(options, {work(), "No space left on device"});
  }
}

TEST_F(DaemonRefusalTest, WorkDirOfAnotherUserIsNamed) {
  fs::create_directory(work());
  ASSERT_EQ(::chown(work().c_str(), kNobody, kNobody), 0);
  expect_refusal(agent(), {work()});
  expect_refusal(master(), {work()});
}

TEST_F(DaemonRefusalTest, WorkDirThatCannotBeMadeIsNamed) {
  ChildProcess::Options options;
  options.arguments = master();
  options.user = kNobody;
  expect_refusal(options, {work(), "Permission denied"});
}

TEST_F(DaemonRefusalTest, CgroupRootThatCannotBeMadeIsNamed) {
  TEPUI_REQUIRES(cgroup1("cpu"), cgroup1("memory"));
  expect_refusal(agent({"--cgroups-root=cgroup.procs/below"}), {"cgroup.procs/below"});
  expect_refusal(agent({"--cgroups-root=../../outside"}), {"../../outside"});
}

}  // namespace
}  // namespace tepui::cluster

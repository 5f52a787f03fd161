#include "agent/containerizer/sandbox.hpp"

#include <atomic>
#include <filesystem>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/linux/sys.hpp"
#include "tests/fakes/temp_dir.hpp"

namespace tepui::agent {
namespace {

class SandboxTest : public ::testing::Test {
 protected:
  SandboxTest() {
    config.container_id = "c1";
    config.agent_id = "m-S0";
    config.framework_id = "m-0000";
    config.executor_id = "t1";
    user.uid = ::geteuid();
    user.gid = ::getegid();
  }
  TempDir work;
  ContainerConfig config;
  sys::Account user;
};

TEST_F(SandboxTest, LiesWhereMesossToolsLookAndBelongsToTheUserAlone) {
  const auto sandbox = create_sandbox(work.path(), config, user);
  ASSERT_TRUE(sandbox) << sandbox.error().to_string();
  EXPECT_EQ(sandbox->path, (work / "slaves/m-S0/frameworks/m-0000/executors/t1/runs/c1").string());
  struct stat facts {};
  ASSERT_EQ(::stat(sandbox->path.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 07777U, 0700U);
  EXPECT_EQ(facts.st_uid, user.uid);
  EXPECT_TRUE(std::filesystem::exists(sandbox->path + "/stdout"));
  EXPECT_TRUE(std::filesystem::exists(sandbox->path + "/stderr"));
}

TEST_F(SandboxTest, LatestFollowsTheNewestRun) {
  ASSERT_TRUE(create_sandbox(work.path(), config, user));
  config.container_id = "c2";
  ASSERT_TRUE(create_sandbox(work.path(), config, user));
  EXPECT_EQ(std::filesystem::read_symlink(work / "slaves/m-S0/frameworks/m-0000/executors/t1/runs/latest"), "c2");
  EXPECT_EQ(std::filesystem::read_symlink(work / "slaves/latest"), "m-S0");
}

TEST_F(SandboxTest, AContainersDirectoryIsNeverUsedTwice) {
  ASSERT_TRUE(create_sandbox(work.path(), config, user));
  const auto again = create_sandbox(work.path(), config, user);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code(), ErrorCode::AlreadyExists);
}

TEST_F(SandboxTest, ManyMadeAtOnceDoNotDisturbEachOther) {
  std::vector<std::thread> makers;
  std::atomic<int> failures = 0;
  for (int i = 0; i < 16; ++i) {
    makers.emplace_back([this, i, &failures] {
      ContainerConfig own = config;
      own.container_id = "c" + std::to_string(i);
      own.executor_id = "t" + std::to_string(i % 2);
      if (!create_sandbox(work.path(), own, user)) ++failures;
    });
  }
  for (auto& maker : makers) maker.join();
  EXPECT_EQ(failures, 0);
}

TEST_F(SandboxTest, ASymlinkOnTheWayIsRefused) {
  std::filesystem::create_directories(work / "slaves/m-S0/frameworks/m-0000/executors");
  std::filesystem::create_directory_symlink("/tmp", work / "slaves/m-S0/frameworks/m-0000/executors/t1");
  EXPECT_FALSE(create_sandbox(work.path(), config, user));
  EXPECT_FALSE(std::filesystem::exists("/tmp/runs"));
}

TEST_F(SandboxTest, AnIdThatIsNoFileNameIsRefused) {
  config.executor_id = "../t1";
  const auto sandbox = create_sandbox(work.path(), config, user);
  ASSERT_FALSE(sandbox);
  EXPECT_EQ(sandbox.error().code(), ErrorCode::InvalidArgument);
}

TEST_F(SandboxTest, AMissingWorkDirectoryIsNamed) {
  const auto sandbox = create_sandbox("/no/such/work", config, user);
  ASSERT_FALSE(sandbox);
  EXPECT_NE(sandbox.error().to_string().find("/no/such/work"), std::string::npos);
}

}  // namespace
}  // namespace tepui::agent

#include "agent/daemon/effect_runner.hpp"

#include <fcntl.h>
#include <sys/mount.h>

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "lib/async/timer.hpp"
#include "tests/fakes/requires.hpp"
#include "tests/fakes/temp_dir.hpp"
#include "tests/unit/agent/daemon/fake_containerizer.hpp"

namespace tepui::agent {
namespace {

SendToMaster call(const std::string& data) {
  SendToMaster send;
  send.call.set_type(tepui::v1::AgentCall::MESSAGE);
  send.call.mutable_message()->mutable_framework_id()->set_value("F");
  send.call.mutable_message()->mutable_executor_id()->set_value("E");
  send.call.mutable_message()->set_data(data);
  return send;
}

Checkpoint framework(const std::string& id) {
  Checkpoint checkpoint;
  checkpoint.record.mutable_framework()->set_user("u");
  checkpoint.record.mutable_framework()->set_name("n");
  checkpoint.record.mutable_framework()->mutable_id()->set_value(id);
  return checkpoint;
}

class EffectRunnerTest : public ::testing::Test {
 protected:
  EffectRunnerTest() : containerizer_(loop_.executor()), pool_(1, 100) {}

  void start(const std::string& folder) {
    fd_ = UniqueFd(::open(folder.c_str(), O_RDONLY | O_CLOEXEC));
    auto log = CheckpointLog::open(fd_.borrow(), folder);
    ASSERT_TRUE(log) << log.error().to_string();
    const EffectTargets targets{
        [this, folder](const tepui::v1::AgentCall& sent) {
          const auto seen = CheckpointLog::open(fd_.borrow(), folder);
          frameworks_when_sent_.push_back(seen ? seen->state().frameworks().size() : 999);
          sent_.push_back(sent.message().data());
          changed_.notify_all();
        },
        [] {},
        [](const std::string&) {}};
    runner_ = std::make_unique<EffectRunner>(loop_.executor(), std::move(*log), pool_, targets);
    containers_ = std::make_unique<ContainerRunner>(
        loop_.executor(), containerizer_, pool_, ContainerRunnerOptions{},
        ContainerNews{[](const std::string&, int) {}, [](const std::string&, const FailedLaunch&) {},
                      [](const std::string&, const ContainerEnd&) {}});
    runner_->set_containers(*containers_);
  }

  static Async<void> wait_sent(EffectRunnerTest* self, std::size_t count) {
    while (self->sent_.size() < count) {
      auto waited = co_await self->changed_.wait();
      if (!waited) co_return waited.error();
    }
    co_return ok();
  }

  void TearDown() override {
    if (containers_) static_cast<void>(block_on(loop_, containers_->close()));
    if (runner_) static_cast<void>(block_on(loop_, runner_->close()));
  }

  TempDir dir_;
  EventLoop loop_;
  Condition changed_{loop_.executor()};
  FakeContainerizer containerizer_;
  BlockingPool pool_;
  UniqueFd fd_;
  std::unique_ptr<ContainerRunner> containers_;
  std::unique_ptr<EffectRunner> runner_;
  std::vector<std::string> sent_;
  std::vector<std::size_t> frameworks_when_sent_;
};

TEST_F(EffectRunnerTest, NothingIsSentBeforeTheRecordInFrontOfItIsOnDisk) {
  start(dir_.path());
  runner_->perform({framework("F1"), call("a"), framework("F2"), call("b")});
  runner_->perform({framework("F3"), call("c")});
  ASSERT_TRUE(block_on(loop_, wait_sent(this, 3)));
  EXPECT_EQ(sent_, (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_GE(frameworks_when_sent_[0], 1U);
  EXPECT_GE(frameworks_when_sent_[1], 2U);
  EXPECT_EQ(frameworks_when_sent_[2], 3U);
}

TEST_F(EffectRunnerTest, AStoredContainerIsOnDiskWhenStoreReturns) {
  start(dir_.path());
  ASSERT_TRUE(block_on(loop_, runner_->store({"C", "body"})));
  EXPECT_EQ(CheckpointLog::open(fd_.borrow(), dir_.path())->state().containers().at("C"), "body");
  ASSERT_TRUE(block_on(loop_, runner_->erase("C")));
  EXPECT_TRUE(CheckpointLog::open(fd_.borrow(), dir_.path())->state().containers().empty());
}

TEST_F(EffectRunnerTest, OnAFullDiskNothingIsSaidButKillsArePerformedAndItGoesOnWithSpace) {
  TEPUI_REQUIRES(root);
  const std::string small = dir_ / "small";
  std::filesystem::create_directory(small);
  if (::mount("tmpfs", small.c_str(), "tmpfs", 0, "size=64k") != 0) GTEST_SKIP() << "needs mount: refused";
  start(small);
  runner_->perform({framework("F1"), call("before")});
  ASSERT_TRUE(block_on(loop_, wait_sent(this, 1)));
  std::ofstream(small + "/ballast") << std::string(200000, 'b');

  auto large = framework("F2");
  large.record.mutable_framework()->set_name(std::string(20000, 'n'));
  runner_->perform({large, call("after"), KillContainer{"C", std::chrono::seconds(3)}});
  const auto refused = block_on(loop_, runner_->store({"C", std::string(20000, 'c')}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().sys_errno(), ENOSPC);
  EXPECT_TRUE(runner_->is_stalled());
  EXPECT_EQ(sent_.size(), 1U);
  EXPECT_EQ(containerizer_.kills.size(), 1U);

  std::filesystem::remove(small + "/ballast");
  ASSERT_TRUE(block_on(loop_, wait_sent(this, 2)));
  EXPECT_FALSE(runner_->is_stalled());
  EXPECT_EQ(sent_[1], "after");
  EXPECT_EQ(containerizer_.kills.size(), 1U);
  TearDown();
  runner_.reset();
  containers_.reset();
  fd_.reset();
  EXPECT_EQ(::umount(small.c_str()), 0);
}

}  // namespace
}  // namespace tepui::agent

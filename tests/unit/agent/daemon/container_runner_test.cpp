#include "agent/daemon/container_runner.hpp"

#include <limits>

#include <gtest/gtest.h>

#include "agent/daemon/container_request.hpp"
#include "tests/unit/agent/daemon/fake_containerizer.hpp"

namespace tepui::agent {
namespace {

LaunchContainer wish(const std::string& id, const std::string& user) {
  LaunchContainer launch;
  launch.container_id = id;
  launch.agent_id.set_value("S0");
  launch.framework.mutable_id()->set_value("F");
  launch.framework.set_user("nobody");
  launch.framework.set_checkpoint(true);
  launch.task.set_name("name");
  launch.task.mutable_task_id()->set_value("t");
  launch.task.mutable_command()->set_value("sleep 1");
  if (!user.empty()) launch.task.mutable_command()->set_user(user);
  return launch;
}

mesos::v1::Resource scalar(const std::string& name, double amount) {
  mesos::v1::Resource resource;
  resource.set_name(name);
  resource.set_type(mesos::v1::Value::SCALAR);
  resource.mutable_scalar()->set_value(amount);
  return resource;
}

class ContainerRunnerTest : public ::testing::Test {
 protected:
  ContainerRunnerTest()
      : containerizer_(loop_.executor()),
        pool_(1, 100),
        runner_(loop_.executor(), containerizer_, pool_, {{"nobody", false}, "127.0.0.1:5051"},
                {[this](const std::string& id, int pid) { tell("running " + id + " " + std::to_string(pid)); },
                 [this](const std::string& id, const FailedLaunch& failure) { tell("failed " + id + " " + failure.message); },
                 [this](const std::string& id, const ContainerEnd& end) {
                   tell("ended " + id + " " + std::to_string(end.wait_status.value_or(-1)));
                   if (end.limitation) tell(mesos::v1::TaskStatus::Reason_Name(end.limitation->reason));
                 }}) {}

  void tell(std::string news) {
    news_.push_back(std::move(news));
    changed_.notify_all();
  }
  static Async<void> wait_news(ContainerRunnerTest* self, std::size_t count) {
    while (self->news_.size() < count) {
      auto waited = co_await self->changed_.wait();
      if (!waited) co_return waited.error();
    }
    co_return ok();
  }
  void TearDown() override { static_cast<void>(block_on(loop_, runner_.close())); }

  EventLoop loop_;
  Condition changed_{loop_.executor()};
  FakeContainerizer containerizer_;
  BlockingPool pool_;
  std::vector<std::string> news_;
  ContainerRunner runner_;
};

TEST_F(ContainerRunnerTest, TellsThatItRunsAndHowItEnded) {
  runner_.launch(wish("C", "nobody"));
  ASSERT_TRUE(block_on(loop_, wait_news(this, 1)));
  EXPECT_EQ(news_[0], "running C 4711");
  EXPECT_EQ(containerizer_.configs.at(0).user, "nobody");
  ContainerTermination end;
  end.exit = ExitStatus{false, 3, 0, false};
  end.limitation = ContainerLimitation{"REASON_CONTAINER_LIMITATION_MEMORY", "too much", "cgroups/mem"};
  containerizer_.end("C", end);
  ASSERT_TRUE(block_on(loop_, wait_news(this, 3)));
  EXPECT_EQ(news_[1], "ended C 768");
  EXPECT_EQ(news_[2], "REASON_CONTAINER_LIMITATION_MEMORY");
}

TEST_F(ContainerRunnerTest, AnUnknownUserFailsTheLaunchByName) {
  runner_.launch(wish("C", "no-such-user"));
  ASSERT_TRUE(block_on(loop_, wait_news(this, 1)));
  EXPECT_TRUE(containerizer_.configs.empty());
  EXPECT_NE(news_[0].find("no-such-user"), std::string::npos) << news_[0];
}

TEST_F(ContainerRunnerTest, RootIsRefusedUnlessItIsAllowed) {
  runner_.launch(wish("C", "root"));
  ASSERT_TRUE(block_on(loop_, wait_news(this, 1)));
  EXPECT_TRUE(containerizer_.configs.empty());
  EXPECT_NE(news_[0].find("root"), std::string::npos) << news_[0];
}

TEST_F(ContainerRunnerTest, AKillBeforeTheContainerIsMadePreventsIt) {
  runner_.launch(wish("C", "nobody"));
  runner_.kill({"C", std::chrono::seconds(3)});
  ASSERT_TRUE(block_on(loop_, wait_news(this, 1)));
  EXPECT_TRUE(containerizer_.configs.empty());
  EXPECT_EQ(news_[0].substr(0, 8), "failed C");
}

TEST_F(ContainerRunnerTest, AFailedLaunchIsToldOnce) {
  containerizer_.refusal = Error(ErrorCode::NotFound, "execve \"x\"");
  runner_.launch(wish("C", "nobody"));
  ASSERT_TRUE(block_on(loop_, wait_news(this, 1)));
  runner_.launch(wish("D", "nobody"));
  ASSERT_TRUE(block_on(loop_, wait_news(this, 2)));
  EXPECT_EQ(news_, (std::vector<std::string>{"failed C execve \"x\"", "failed D execve \"x\""}));
}

TEST(ContainerRequestTest, CarriesWhatTheTaskSays) {
  auto launch = wish("C", "");
  auto& task = launch.task;
  *task.add_resources() = scalar("cpus", 0.5);
  *task.add_resources() = scalar("cpus", 0.25);
  *task.add_resources() = scalar("mem", 64);
  *task.add_resources() = scalar("licences", 2);
  auto& ports = *task.add_resources();
  ports.set_name("ports");
  ports.set_type(mesos::v1::Value::RANGES);
  ports.mutable_ranges()->add_range()->set_begin(31000);
  ports.mutable_ranges()->mutable_range(0)->set_end(31001);
  (*task.mutable_limits())["mem"].set_value(std::numeric_limits<double>::infinity());
  (*task.mutable_limits())["cpus"].set_value(2);
  auto& variable = *task.mutable_command()->mutable_environment()->add_variables();
  variable.set_name("K");
  variable.set_value("V");
  task.mutable_command()->set_shell(false);
  task.mutable_command()->add_arguments("sleep");
  task.mutable_kill_policy()->mutable_grace_period()->set_nanoseconds(7'000'000'000);
  auto& label = *task.mutable_labels()->add_labels();
  label.set_key("a");
  label.set_value("b");

  const auto config = make_container_config(launch, "127.0.0.1:5051");
  EXPECT_EQ(config.container_id, "C");
  EXPECT_EQ(config.agent_id, "S0");
  EXPECT_EQ(config.framework_id, "F");
  EXPECT_EQ(config.executor_id, "t");
  EXPECT_EQ(config.resources.cpus, 0.75);
  EXPECT_EQ(config.resources.mem_mib, 64);
  EXPECT_EQ(config.resources.others.at("licences"), 2);
  EXPECT_EQ(config.resources.ports.at(0).second, 31001U);
  EXPECT_EQ(config.limits.mem_mib, -1);
  EXPECT_EQ(config.limits.cpus, 2);
  EXPECT_EQ(config.environment.at("K"), "V");
  EXPECT_FALSE(config.command.shell);
  EXPECT_EQ(config.command.arguments, (std::vector<std::string>{"sleep"}));
  EXPECT_EQ(config.kill_grace, std::chrono::seconds(7));
  EXPECT_EQ(config.labels.at("a"), "b");
  EXPECT_TRUE(config.checkpoint);
}

}  // namespace
}  // namespace tepui::agent

// The life of a container up to its shim, with isolators that do as they are told.
#include "agent/containerizer/container.hpp"

#include <cerrno>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lib/base/try.hpp"
#include "tests/unit/agent/containerizer/fixture.hpp"

namespace tepui::agent {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class ContainerLifecycleTest : public ContainerizerFixture {
 protected:
  std::vector<std::string> calls_of(const std::string& verb) {
    std::vector<std::string> out;
    for (const auto& call : FakeIsolators::instance().calls()) {
      if (call.starts_with(verb)) out.push_back(call);
    }
    return out;
  }
};

Async<void> destroy_when_called(LinuxContainerizer* containerizer, BlockingPool* pool, std::string call,
                                std::string id) {
  auto wait = [call]() -> Result<bool> { return FakeIsolators::instance().await_call(call); };
  const Result<bool> called = co_await pool->run("await call", std::move(wait));
  EXPECT_TRUE(called && *called);
  // The request goes out while the module is still inside its call.
  auto release = [call]() -> Result<bool> {
    std::this_thread::yield();
    FakeIsolators::instance().release(call);
    return true;
  };
  TEPUI_CO_TRY(containerizer->kill(id, std::chrono::nanoseconds(0)));
  TEPUI_CO_TRY(co_await pool->run("release", std::move(release)));
  co_return co_await containerizer->destroy(id);
}

TEST_F(ContainerLifecycleTest, DestroyWhilePreparingCleansUpPreparedIsolatorsInReverse) {
  make_containerizer({FakeIsolator<'a'>::library(), FakeIsolator<'b'>::library(), FakeIsolator<'c'>::library()});
  FakeIsolators::instance().hold("prepare fake/b c1");
  TaskGroup tasks(loop.executor(), "test", nullptr);
  ASSERT_TRUE(tasks.spawn("destroy", destroy_when_called(containerizer.get(), &pool, "prepare fake/b c1", "c1")));
  const auto started = block_on(loop, containerizer->launch(sample("c1")));
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code(), ErrorCode::Cancelled);
  const auto end = block_on(loop, containerizer->wait("c1"));
  ASSERT_TRUE(end);
  EXPECT_TRUE(end->was_killed);
  EXPECT_FALSE(end->launch_failure.has_value());
  EXPECT_FALSE(end->exit.has_value());
  EXPECT_THAT(calls_of("prepare"), ElementsAre("prepare fake/a c1", "prepare fake/b c1"));
  EXPECT_THAT(calls_of("cleanup"), ElementsAre("cleanup fake/b c1", "cleanup fake/a c1"));
  EXPECT_TRUE(end->cleanup_errors.empty());
  ASSERT_TRUE(block_on(loop, tasks.drain()));
}

TEST_F(ContainerLifecycleTest, AFailedPrepareIsTheLaunchsErrorAndIsCleanedUpAfter) {
  make_containerizer({FakeIsolator<'a'>::library(), FakeIsolator<'b'>::library(), FakeIsolator<'c'>::library()});
  FakeIsolators::instance().fail("prepare fake/b c1");
  const auto started = block_on(loop, containerizer->launch(sample("c1")));
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().to_string(),
            "launch container 'c1': isolator 'fake/b': fail as told: Invalid argument (EINVAL)");
  const auto end = block_on(loop, containerizer->wait("c1"));
  ASSERT_TRUE(end);
  ASSERT_TRUE(end->launch_failure.has_value());
  EXPECT_EQ(end->launch_failure->message, started.error().to_string());
  EXPECT_EQ(end->launch_failure->sys_errno, EINVAL);
  EXPECT_EQ(end->launch_failure->step, "prepare fake/b");
  EXPECT_THAT(calls_of("cleanup"), ElementsAre("cleanup fake/b c1", "cleanup fake/a c1"));
}

TEST_F(ContainerLifecycleTest, EveryCleanupRunsAndItsErrorsAreCollected) {
  make_containerizer({FakeIsolator<'a'>::library(), FakeIsolator<'b'>::library(), FakeIsolator<'c'>::library()});
  FakeIsolators::instance().fail("prepare fake/c c1");
  FakeIsolators::instance().fail("cleanup fake/c c1");
  FakeIsolators::instance().fail("cleanup fake/b c1");
  ASSERT_FALSE(block_on(loop, containerizer->launch(sample("c1"))));
  const auto end = block_on(loop, containerizer->wait("c1"));
  ASSERT_TRUE(end);
  EXPECT_THAT(calls_of("cleanup"), ElementsAre("cleanup fake/c c1", "cleanup fake/b c1", "cleanup fake/a c1"));
  EXPECT_EQ(end->cleanup_errors.size(), 2U);
}

TEST_F(ContainerLifecycleTest, AnIsolatorThatIsNotReadyYetIsAskedAgain) {
  make_containerizer({FakeIsolator<'a'>::library(), FakeIsolator<'b'>::library()});
  FakeIsolators::instance().be_not_ready("prepare fake/a c1", 2);
  FakeIsolators::instance().fail("prepare fake/b c1");  // so that nothing is started
  ASSERT_FALSE(block_on(loop, containerizer->launch(sample("c1"))));
  EXPECT_THAT(calls_of("prepare"), ElementsAre("prepare fake/a c1", "prepare fake/a c1", "prepare fake/a c1",
                                               "prepare fake/b c1"));
}

TEST_F(ContainerLifecycleTest, APlanThatCannotBeMadeDurableFailsTheLaunch) {
  make_containerizer({FakeIsolator<'a'>::library()});
  checkpoints.is_failing = true;
  const auto started = block_on(loop, containerizer->launch(sample("c1")));
  ASSERT_FALSE(started);
  EXPECT_THAT(started.error().to_string(), HasSubstr("checkpoint plan: write the log: No space left on device"));
  ASSERT_TRUE(block_on(loop, containerizer->wait("c1")));
  EXPECT_THAT(calls_of("cleanup"), ElementsAre("cleanup fake/a c1"));
  EXPECT_FALSE(std::filesystem::exists(directory / "cgroup/freezer/tepui/c1"));
}

TEST_F(ContainerLifecycleTest, TwoIsolatorsThatClaimTheSameThingAreBothNamed) {
  make_containerizer({FakeIsolator<'a'>::library(), FakeIsolator<'b'>::library()});
  const auto claim = [](tepui_launch_plan* plan, tepui_error* error) { return plan->set_hostname(plan, {"h", 1}, error); };
  FakeIsolators::instance().plan("fake/a", claim);
  FakeIsolators::instance().plan("fake/b", claim);
  const auto started = block_on(loop, containerizer->launch(sample("c1")));
  ASSERT_FALSE(started);
  EXPECT_THAT(started.error().to_string(), HasSubstr("fake/a"));
  EXPECT_THAT(started.error().to_string(), HasSubstr("fake/b"));
}

TEST_F(ContainerLifecycleTest, AnUnknownUserFailsTheLaunchByName) {
  make_containerizer({});
  auto config = sample("c1");
  config.user = "no-such-account";
  const auto started = block_on(loop, containerizer->launch(config));
  ASSERT_FALSE(started);
  EXPECT_THAT(started.error().to_string(), HasSubstr("no-such-account"));
}

TEST_F(ContainerLifecycleTest, AnIdInUseIsRefused) {
  make_containerizer({FakeIsolator<'a'>::library()});
  FakeIsolators::instance().fail("prepare fake/a c1");
  ASSERT_FALSE(block_on(loop, containerizer->launch(sample("c1"))));
  ASSERT_TRUE(block_on(loop, containerizer->wait("c1")));
  const auto again = block_on(loop, containerizer->launch(sample("c1")));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code(), ErrorCode::AlreadyExists);
}

TEST_F(ContainerLifecycleTest, AnUnknownContainerIsNotFound) {
  make_containerizer({});
  EXPECT_EQ(containerizer->kill("c9", std::nullopt).error().code(), ErrorCode::NotFound);
  EXPECT_EQ(block_on(loop, containerizer->wait("c9")).error().code(), ErrorCode::NotFound);
  EXPECT_EQ(block_on(loop, containerizer->destroy("c9")).error().code(), ErrorCode::NotFound);
}

TEST_F(ContainerLifecycleTest, AnEndedContainerIsStillListedWithItsEnd) {
  make_containerizer({FakeIsolator<'a'>::library()});
  FakeIsolators::instance().fail("prepare fake/a c1");
  ASSERT_FALSE(block_on(loop, containerizer->launch(sample("c1"))));
  ASSERT_TRUE(block_on(loop, containerizer->wait("c1")));
  const auto list = containerizer->list();
  ASSERT_EQ(list.size(), 1U);
  EXPECT_EQ(list[0].state, "DESTROYED");
  EXPECT_THAT(list[0].isolators, ElementsAre("fake/a"));
  ASSERT_TRUE(list[0].termination.has_value());
  EXPECT_TRUE(list[0].termination->launch_failure.has_value());
}

TEST_F(ContainerLifecycleTest, TheEndIsDurableBeforeAnIsolatorCleansUpAndToldAgainUntilForgotten) {
  make_containerizer({FakeIsolator<'a'>::library()});
  FakeIsolators::instance().fail("prepare fake/a c1");
  ASSERT_FALSE(block_on(loop, containerizer->launch(sample("c1"))));
  const auto first = block_on(loop, containerizer->wait("c1"));
  ASSERT_TRUE(first);
  ASSERT_TRUE(block_on(loop, containerizer->close()));
  containerizer.reset();

  make_containerizer({FakeIsolator<'a'>::library()});  // the next agent
  const auto second = block_on(loop, containerizer->wait("c1"));
  ASSERT_TRUE(second);
  EXPECT_EQ(second->message, first->message);
  ASSERT_TRUE(block_on(loop, containerizer->forget("c1")));
  EXPECT_TRUE(checkpoints.records.empty());
}

TEST_F(ContainerLifecycleTest, TheListKeepsTheLastThousandAndWhatIsNotYetForgotten) {
  make_containerizer({FakeIsolator<'a'>::library()});
  auto config = sample("c0");
  config.user = "no-such-account";  // ends at once
  for (int i = 0; i < 1010; ++i) {
    config.container_id = "c" + std::to_string(i);
    ASSERT_FALSE(block_on(loop, containerizer->launch(config)));
    ASSERT_TRUE(block_on(loop, containerizer->wait(config.container_id)));
  }
  EXPECT_EQ(containerizer->list().size(), 1010U);
  for (int i = 0; i < 1010; ++i) ASSERT_TRUE(block_on(loop, containerizer->forget("c" + std::to_string(i))));
  EXPECT_EQ(containerizer->list().size(), LinuxContainerizer::kEndedLimit);
  EXPECT_FALSE(containerizer->find("c9").has_value());
  EXPECT_TRUE(containerizer->find("c10").has_value());
}

TEST_F(ContainerLifecycleTest, OrphansAreRemovedThroughEveryIsolator) {
  std::filesystem::create_directories(directory / "run/containers/stranger");
  make_containerizer({FakeIsolator<'a'>::library(), FakeIsolator<'b'>::library()});
  EXPECT_FALSE(std::filesystem::exists(directory / "run/containers/stranger"));
  EXPECT_THAT(calls_of("cleanup"), ElementsAre("cleanup fake/b stranger", "cleanup fake/a stranger"));
}

}  // namespace
}  // namespace tepui::agent

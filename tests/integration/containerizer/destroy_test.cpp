// Destroy in the middle: with the child parked, and with a shim that somebody killed.
#include <csignal>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lib/base/try.hpp"
#include "tests/fakes/fake_isolator.hpp"
#include "tests/integration/containerizer/real_containerizer.hpp"

namespace tepui::agent {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ContainerDestroyTest : public RealContainerizerFixture {
 protected:
  void start_with_fakes() {
    FakeIsolators::instance().reset();
    const auto recovered = agent().start_with([](modules::IsolatorSetOptions options) {
      return modules::IsolatorSet::from_libraries({FakeIsolator<'a'>::library(), FakeIsolator<'b'>::library()},
                                                  std::move(options));
    });
    ASSERT_TRUE(recovered) << recovered.error().to_string();
  }
  static std::vector<std::string> cleanups() {
    std::vector<std::string> out;
    for (const auto& call : FakeIsolators::instance().calls()) {
      if (call.starts_with("cleanup")) out.push_back(call);
    }
    return out;
  }
};

Async<void> destroy_inside(LinuxContainerizer* containerizer, BlockingPool* pool, std::string call, std::string id) {
  auto wait = [call]() -> Result<bool> { return FakeIsolators::instance().await_call(call); };
  const Result<bool> called = co_await pool->run("await call", std::move(wait));
  EXPECT_TRUE(called && *called);
  TEPUI_CO_TRY(containerizer->kill(id, std::chrono::nanoseconds(0)));
  FakeIsolators::instance().release(call);
  co_return co_await containerizer->destroy(id);
}

TEST_F(ContainerDestroyTest, DestroyWhileIsolatingEndsTheParkedChildAndCleansUpInReverse) {
  start_with_fakes();
  FakeIsolators::instance().hold("isolate fake/a c1");
  BlockingPool pool(1, 10);
  TaskGroup tasks(agent().loop().executor(), "test", nullptr);
  ASSERT_TRUE(tasks.spawn("destroy", destroy_inside(&*agent(), &pool, "isolate fake/a c1", "c1")));
  const auto started = agent().launch(command("c1", "touch ran"));
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code(), ErrorCode::Cancelled);
  ASSERT_TRUE(block_on(agent().loop(), tasks.drain()));
  const auto end = agent().wait("c1");
  ASSERT_TRUE(end) << end.error().to_string();
  EXPECT_TRUE(end->was_killed);
  EXPECT_FALSE(end->exit.has_value()) << end->message;
  EXPECT_FALSE(end->launch_failure.has_value());
  EXPECT_TRUE(end->cleanup_errors.empty());
  EXPECT_THAT(cleanups(), ElementsAre("cleanup fake/b c1", "cleanup fake/a c1"));
  EXPECT_FALSE(std::filesystem::exists(directory_ / "work/slaves/m-S0/frameworks/m-0000/executors/t-c1/runs/c1/ran"));
}

TEST_F(ContainerDestroyTest, AFailedIsolateEndsTheParkedChild) {
  start_with_fakes();
  FakeIsolators::instance().fail("isolate fake/b c1");
  const auto started = agent().launch(command("c1", "touch ran"));
  ASSERT_FALSE(started);
  EXPECT_THAT(started.error().to_string(), HasSubstr("isolator 'fake/b'"));
  const auto end = agent().wait("c1");
  ASSERT_TRUE(end && end->launch_failure) << end->message;
  EXPECT_EQ(end->launch_failure->step, "isolate fake/b");
  EXPECT_THAT(cleanups(), ElementsAre("cleanup fake/b c1", "cleanup fake/a c1"));
  EXPECT_FALSE(std::filesystem::exists(directory_ / "work/slaves/m-S0/frameworks/m-0000/executors/t-c1/runs/c1/ran"));
}

TEST_F(ContainerDestroyTest, ALimitationThatAnIsolatorReportsEndsTheContainerWithItsWords) {
  start_with_fakes();
  ASSERT_TRUE(agent().launch(command("c1", "sleep 300")));
  const tepui_host* host = FakeIsolators::instance().host("fake/a");
  const std::string id = "c1";
  const std::string reason = "REASON_CONTAINER_LIMITATION_DISK";
  const std::string message = "disk of 3 MiB is above the limit of 2 MiB";
  tepui_limitation limitation{sizeof(limitation), 0, {reason.data(), reason.size()}, {message.data(), message.size()}};
  tepui_error error{};
  error.struct_size = sizeof(error);
  ASSERT_EQ(host->report_limitation(host, {id.data(), id.size()}, &limitation, &error), TEPUI_OK) << error.message;
  const auto end = agent().wait("c1");
  ASSERT_TRUE(end) << end.error().to_string();
  ASSERT_TRUE(end->limitation.has_value());
  EXPECT_EQ(end->limitation->reason, reason);
  EXPECT_EQ(end->limitation->isolator, "fake/a");
  EXPECT_EQ(end->message, message);
  EXPECT_FALSE(end->was_killed);
}

TEST_F(ContainerDestroyTest, AShimThatWasKilledLosesTheExitStatusButLeavesNothing) {
  ASSERT_TRUE(agent().start());
  const auto started = agent().launch(command("c1", "sleep 300"));
  ASSERT_TRUE(started) << started.error().to_string();
  const auto stored = parse_container_record(read(directory_ / "records/c1"));
  ASSERT_TRUE(stored && stored->shim);
  const auto container = sys::open_process({started->process.pid, started->process.start_time_ticks});
  const auto shim = sys::open_process({stored->shim->pid, stored->shim->start_time_ticks});
  ASSERT_TRUE(container && shim);
  ASSERT_TRUE(sys::pidfd_signal(shim->borrow(), SIGKILL));
  const auto end = agent().wait("c1");
  ASSERT_TRUE(end) << end.error().to_string();
  EXPECT_FALSE(end->exit.has_value());
  EXPECT_THAT(end->message, HasSubstr("the exit status is lost"));
  const auto ended = sys::has_ended(container->borrow());
  EXPECT_TRUE(ended && *ended);
}

TEST_F(ContainerDestroyTest, AForkStormEndsWhole) {
  ASSERT_TRUE(agent().start());
  const std::string ready = make_fifo("ready");
  // Each generation leaves the session and is replaced at once: faster than a reader of cgroup.procs.
  auto config = command("c1", "storm() { while :; do (setsid sh -c 'exec sleep 0.01' &) ; done; }; "
                              "storm & storm & storm & echo > " + ready + "; wait");
  config.resources.cpus = 2;
  ASSERT_TRUE(agent().launch(config));
  await_fifo(ready);
  ASSERT_TRUE(agent().destroy("c1"));
  const auto end = agent().wait("c1");
  ASSERT_TRUE(end) << end.error().to_string();
  EXPECT_TRUE(end->cleanup_errors.empty()) << end->cleanup_errors.front();
}

TEST_F(ContainerDestroyTest, DestroyIsIdempotentAndLegalAfterTheEnd) {
  ASSERT_TRUE(agent().start());
  ASSERT_TRUE(agent().launch(command("c1", "sleep 300")));
  EXPECT_TRUE(agent().destroy("c1"));
  EXPECT_TRUE(agent().destroy("c1"));
}

TEST_F(ContainerDestroyTest, AnAgentThatCannotStartHasMadeNothing) {
  const auto refused = agent().start("no/such");
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().to_string(), HasSubstr("no/such"));
  EXPECT_FALSE(std::filesystem::exists(directory_ / "run"));
  EXPECT_FALSE(std::filesystem::exists(cgroup_path("freezer", "")));
}

TEST_F(ContainerDestroyTest, ASandboxThatItsUserCannotReachIsExplained) {
  std::filesystem::permissions(directory_.path(), std::filesystem::perms(0700));
  ASSERT_TRUE(agent().start());
  const auto started = agent().launch(command("c1", "true"));
  ASSERT_FALSE(started);
  EXPECT_THAT(started.error().to_string(), HasSubstr("chmod o+x"));
  ASSERT_TRUE(agent().wait("c1"));
}

}  // namespace
}  // namespace tepui::agent

// A task outlives its agent: the starting process dies at several points, another one finds out what became of the task.
#include <unistd.h>

#include <cstring>

#include "tests/fakes/requires.hpp"
#include "tests/integration/launcher/container_run.hpp"

namespace tepui::launcher {
namespace {

struct Handed {
  sys::ProcessId container;
  sys::ProcessId shim;
};

/// Forks an "agent" that starts a container and is killed; `has_said_go`: after go and Running, else before go.
Handed start_and_die(const LaunchPlan& plan, const std::string& folder, bool has_said_go) {
  const auto& launcher = test_launcher();
  auto pipe = sys::make_pipe().value();
  const pid_t agent = ::fork();
  if (agent == 0) {
    const UniqueFd null = sys::open_file("/dev/null", O_RDWR).value();
    const UniqueFd output = sys::open_file(folder + "/output", O_RDWR | O_CREAT | O_APPEND, 0644).value();
    const UniqueFd runtime_dir = sys::open_directory_at(AT_FDCWD, folder).value();
    auto launch = launcher.start(plan, {null.borrow(), output.borrow(), output.borrow()}, runtime_dir.borrow());
    auto event = launch->wait_event(kPatience);
    Handed handed{.container = std::get<Parked>(*event).container, .shim = launch->shim()};
    if (has_said_go) {
      static_cast<void>(launch->go());
      event = launch->wait_event(kPatience);
    }
    static_cast<void>(
        sys::write_all(pipe.write_end.borrow(), {reinterpret_cast<const char*>(&handed), sizeof handed}));
    ::kill(::getpid(), SIGKILL);
  }
  pipe.write_end.reset();
  Handed handed{};
  const std::string bytes = sys::read_all(pipe.read_end.borrow()).value();
  if (bytes.size() == sizeof handed) std::memcpy(&handed, bytes.data(), sizeof handed);
  ::waitpid(agent, nullptr, 0);
  return handed;
}

class LauncherSurvivalTest : public ::testing::Test {
 protected:
  TempDir folder_;
  UniqueFd runtime_dir_ = sys::open_directory_at(AT_FDCWD, folder_.path().string()).value();
};

TEST_F(LauncherSurvivalTest, ATaskThatEndsWithoutAnAgentLeavesItsTrueStatus) {
  TEPUI_REQUIRES(root);
  const Handed handed = start_and_die(shell_plan("sleep 0.1; exit 17"), folder_.path().string(), true);
  auto adopted = adopt(handed.container, handed.shim, runtime_dir_.borrow());
  ASSERT_TRUE(adopted) << adopted.error().to_string();
  if (adopted->state == Adopted::State::Alive) {
    ASSERT_TRUE(sys::wait_readable(adopted->shim_pidfd.borrow(), kPatience));
    adopted = adopt(handed.container, handed.shim, runtime_dir_.borrow());
    ASSERT_TRUE(adopted);
  }
  EXPECT_EQ(adopted->state, Adopted::State::Ended);
  ASSERT_TRUE(adopted->record);
  EXPECT_EQ(WEXITSTATUS(adopted->record->wait_status), 17);
  EXPECT_EQ(adopted->record->pid, handed.container.pid);
}

TEST_F(LauncherSurvivalTest, ARunningTaskIsAdoptedAndCanBeKilled) {
  TEPUI_REQUIRES(root);
  const Handed handed = start_and_die(shell_plan("exec sleep 1000"), folder_.path().string(), true);
  auto adopted = adopt(handed.container, handed.shim, runtime_dir_.borrow());
  ASSERT_TRUE(adopted);
  ASSERT_EQ(adopted->state, Adopted::State::Alive);
  ASSERT_TRUE(signal_container(adopted->container_pidfd.borrow(), SIGKILL));
  ASSERT_TRUE(sys::wait_readable(adopted->shim_pidfd.borrow(), kPatience));
  auto record = read_exit_record(runtime_dir_.borrow());
  ASSERT_TRUE(record && *record);
  EXPECT_EQ(WTERMSIG((*record)->wait_status), SIGKILL);
}

TEST_F(LauncherSurvivalTest, AnAgentThatDiesBeforeGoTakesTheParkedContainerWithIt) {
  TEPUI_REQUIRES(root);
  const Handed handed = start_and_die(shell_plan("echo ran"), folder_.path().string(), false);
  auto shim = sys::open_process(handed.shim);
  if (shim) {
    ASSERT_TRUE(sys::wait_readable(shim->borrow(), kPatience));
  }
  auto adopted = adopt(handed.container, handed.shim, runtime_dir_.borrow());
  ASSERT_TRUE(adopted);
  EXPECT_EQ(adopted->state, Adopted::State::Ended);
  ASSERT_TRUE(adopted->record);
  EXPECT_EQ(adopted->record->kind, ExitKind::Cancelled);
  EXPECT_EQ(folder_.read("output"), "");
}

TEST_F(LauncherSurvivalTest, AKilledShimTakesTheContainerWithItAndTheTaskIsLost) {
  TEPUI_REQUIRES(root);
  const Handed handed = start_and_die(shell_plan("exec sleep 1000"), folder_.path().string(), true);
  auto container = sys::open_process(handed.container);
  ASSERT_TRUE(container);
  {
    auto shim = sys::open_process(handed.shim);
    ASSERT_TRUE(shim);
    ASSERT_TRUE(sys::pidfd_signal(shim->borrow(), SIGKILL));
    ASSERT_TRUE(sys::wait_readable(shim->borrow(), kPatience));
  }
  EXPECT_TRUE(sys::wait_readable(container->borrow(), kPatience));
  auto adopted = adopt(handed.container, handed.shim, runtime_dir_.borrow());
  ASSERT_TRUE(adopted);
  EXPECT_EQ(adopted->state, Adopted::State::Lost);
  EXPECT_FALSE(adopted->record);
}

TEST_F(LauncherSurvivalTest, APidOfAnotherStartTimeIsNotAdopted) {
  const sys::ProcessId own = sys::read_process_id(::getpid()).value();
  const sys::ProcessId stranger{.pid = own.pid, .start_time_ticks = own.start_time_ticks + 1};
  auto adopted = adopt(stranger, stranger, runtime_dir_.borrow());
  ASSERT_TRUE(adopted);
  EXPECT_EQ(adopted->state, Adopted::State::Lost);
  EXPECT_FALSE(adopted->container_pidfd);
}

}  // namespace
}  // namespace tepui::launcher

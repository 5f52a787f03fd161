#include "lib/linux/process.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include <gtest/gtest.h>

#include "lib/linux/sys.hpp"

namespace tepui::sys {
namespace {

/// A child that waits for a signal.
pid_t start_child() {
  const pid_t pid = ::fork();
  if (pid == 0) {
    while (true) ::pause();
  }
  return pid;
}

TEST(ProcessTest, AnIdIsFoundAgainAndAnotherStartTimeIsNot) {
  const ProcessId own = read_process_id(::getpid()).value();
  EXPECT_TRUE(open_process(own));
  EXPECT_EQ(open_process({own.pid, own.start_time_ticks + 1}).error().code(), ErrorCode::NotFound);
  for (const pid_t pid : {0, -1, -17}) EXPECT_FALSE(open_process({pid, 1})) << pid;
}

TEST(ProcessTest, ANameWithBracketsDoesNotConfuseTheStartTime) {
  const Pipe ready = make_pipe().value();
  const Pipe done = make_pipe().value();
  const pid_t pid = ::fork();
  if (pid == 0) {
    static_cast<void>(write_file_at(AT_FDCWD, "/proc/self/comm", ") R 1 2 (3"));
    static_cast<void>(write_all(ready.write_end.borrow(), "x"));
    while (true) ::pause();
  }
  ASSERT_TRUE(wait_readable(ready.read_end.borrow(), std::chrono::seconds(10)));
  const ProcessId child = read_process_id(pid).value();
  EXPECT_GE(child.start_time_ticks, read_process_id(::getpid()).value().start_time_ticks);
  const Process owned(child, pidfd_open(pid).value(), Process::AtEnd::KillAndReap);
}

TEST(ProcessTest, ReapingTellsStatusOnceItIsThere) {
  const pid_t pid = start_child();
  const UniqueFd pidfd = pidfd_open(pid).value();
  EXPECT_FALSE(try_reap(pidfd.borrow()).value());
  EXPECT_FALSE(has_ended(pidfd.borrow()).value());
  ASSERT_TRUE(pidfd_signal(pidfd.borrow(), SIGTERM));
  ASSERT_TRUE(wait_readable(pidfd.borrow(), std::chrono::seconds(10)));
  const auto reaped = try_reap(pidfd.borrow()).value();
  ASSERT_TRUE(reaped);
  EXPECT_TRUE(WIFSIGNALED(reaped->wait_status));
  EXPECT_EQ(WTERMSIG(reaped->wait_status), SIGTERM);
  EXPECT_EQ(try_reap(pidfd.borrow()).error().code(), ErrorCode::FailedPrecondition);
  EXPECT_EQ(pidfd_signal(pidfd.borrow(), SIGTERM).error().code(), ErrorCode::NotFound);
}

TEST(ProcessTest, AnOwnedProcessEndsWithItsOwnerAndAReleasedOneDoesNot) {
  const pid_t first = start_child();
  { const Process owned(read_process_id(first).value(), pidfd_open(first).value(), Process::AtEnd::KillAndReap); }
  EXPECT_EQ(::waitpid(first, nullptr, 0), -1);
  EXPECT_EQ(errno, ECHILD);
  const pid_t second = start_child();
  UniqueFd kept;
  {
    Process owned(read_process_id(second).value(), pidfd_open(second).value(), Process::AtEnd::KillAndReap);
    kept = owned.release();
    EXPECT_FALSE(owned);
  }
  EXPECT_FALSE(has_ended(kept.borrow()).value());
  const Process again(read_process_id(second).value(), std::move(kept), Process::AtEnd::KillAndReap);
}

TEST(ProcessTest, MoveAssigningEndsTheProcessThatWasOwned) {
  const pid_t first = start_child();
  const pid_t second = start_child();
  Process owned(read_process_id(first).value(), pidfd_open(first).value(), Process::AtEnd::KillAndReap);
  owned = Process(read_process_id(second).value(), pidfd_open(second).value(), Process::AtEnd::KillAndReap);
  EXPECT_EQ(owned.id().pid, second);
  EXPECT_EQ(::waitpid(first, nullptr, 0), -1);
}

TEST(ProcessTest, TheBootIdHasItsShape) { EXPECT_EQ(read_boot_id().value().size(), 36U); }

}  // namespace
}  // namespace tepui::sys

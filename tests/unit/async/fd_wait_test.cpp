// Waiting for descriptors that others own.
#include "lib/async/fd_wait.hpp"

#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "lib/base/unique_fd.hpp"
#include "tests/unit/async/fixture.hpp"

namespace tepui {
namespace {

struct Pipe {
  UniqueFd reader, writer;
  Pipe() {
    int ends[2];
    EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    reader = UniqueFd(ends[0]);
    writer = UniqueFd(ends[1]);
  }
};

Async<void> count_readable(int fd, int* count) {
  auto waited = co_await wait_readable(fd);
  if (waited) ++*count;
  co_return waited;
}

TEST(FdWaitTest, SeveralMayWaitForOneDescriptor) {
  EventLoop loop;
  Pipe pipe;
  TaskGroup group(loop.executor(), "test", nullptr);
  int count = 0;
  ASSERT_TRUE(group.spawn("one", count_readable(pipe.reader.borrow(), &count)));
  ASSERT_TRUE(group.spawn("two", count_readable(pipe.reader.borrow(), &count)));
  loop.post([&] { EXPECT_EQ(::write(pipe.writer.borrow(), "x", 1), 1); });
  ASSERT_TRUE(block_on(loop, group.drain()));
  EXPECT_EQ(count, 2);
}

TEST(FdWaitTest, EndOfFileIsReadable) {
  EventLoop loop;
  Pipe pipe;
  pipe.writer.reset();
  ASSERT_TRUE(block_on(loop, wait_readable(pipe.reader.borrow())));
}

TEST(FdWaitTest, CancellationEndsTheWaitAndLeavesTheDescriptorOpen) {
  EventLoop loop;
  Pipe pipe;
  TaskGroup group(loop.executor(), "test", nullptr);
  int count = 0;
  ASSERT_TRUE(group.spawn("one", count_readable(pipe.reader.borrow(), &count)));
  ASSERT_TRUE(block_on(loop, group.close()));
  EXPECT_EQ(count, 0);
  EXPECT_EQ(::write(pipe.writer.borrow(), "x", 1), 1);
}

TEST(FdWaitTest, TheEndOfAProcessIsSeenThroughItsPidfd) {
  EventLoop loop;
  const pid_t child = ::fork();
  if (child == 0) ::_exit(3);
  UniqueFd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, child, 0)));
  ASSERT_TRUE(pidfd);
  ASSERT_TRUE(block_on(loop, wait_process_end(pidfd.borrow())));
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, WNOHANG), child);
  EXPECT_EQ(WEXITSTATUS(status), 3);
}

TEST(FdWaitTest, AClosedDescriptorIsAnError) {
  EventLoop loop;
  auto waited = block_on(loop, wait_readable(-1));
  ASSERT_FALSE(waited);
  EXPECT_EQ(waited.error().sys_errno(), EBADF);
}

}  // namespace
}  // namespace tepui

#include "lib/linux/sys.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include <gtest/gtest.h>

#include "tests/fakes/temp_dir.hpp"

namespace tepui::sys {
namespace {

class SysTest : public ::testing::Test {
 protected:
  TempDir folder_;
  UniqueFd directory_ = open_directory_at(AT_FDCWD, folder_.path().string()).value();
};

TEST_F(SysTest, AnErrorNamesCallAndObject) {
  auto file = open_file("/no/such/file", O_RDONLY);
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code(), ErrorCode::NotFound);
  EXPECT_EQ(file.error().to_string(), "open \"/no/such/file\": No such file or directory (ENOENT)");
}

TEST_F(SysTest, DescriptorsAreCloseOnExec) {
  const UniqueFd file = open_file("/dev/null", O_RDONLY).value();
  const Pipe pipe = make_pipe().value();
  const auto sockets = make_socket_pair(SOCK_SEQPACKET).value();
  const UniqueFd event = make_event_fd(0, 0).value();
  const UniqueFd copy = duplicate(file.borrow()).value();
  for (const int fd : {file.borrow(), pipe.read_end.borrow(), pipe.write_end.borrow(), sockets.first.borrow(),
                       event.borrow(), copy.borrow(), directory_.borrow()}) {
    EXPECT_EQ(::fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
  }
}

TEST_F(SysTest, OpenBeneathRefusesToLeaveAndToFollow) {
  folder_.write("plain", "x");
  ASSERT_TRUE(symlink_at("plain", directory_.borrow(), "link"));
  EXPECT_TRUE(open_beneath(directory_.borrow(), "plain", O_RDONLY));
  EXPECT_EQ(open_beneath(directory_.borrow(), "link", O_RDONLY).error().sys_errno(), ELOOP);
  EXPECT_EQ(open_beneath(directory_.borrow(), "../x", O_RDONLY).error().sys_errno(), EXDEV);
  EXPECT_EQ(open_beneath(directory_.borrow(), "/etc/passwd", O_RDONLY).error().sys_errno(), EXDEV);
}

TEST_F(SysTest, OpenInRootTakesAbsoluteLinksForInside) {
  folder_.write("etc/inside", "inside");
  ASSERT_TRUE(symlink_at("/etc/inside", directory_.borrow(), "link"));
  const UniqueFd file = open_in_root(directory_.borrow(), "link", O_RDONLY).value();
  EXPECT_EQ(read_all(file.borrow()).value(), "inside");
}

TEST_F(SysTest, ReadAllKeepsItsBound) {
  folder_.write("big", std::string(100000, 'x'));
  EXPECT_EQ(read_file_at(directory_.borrow(), "big").value().size(), 100000U);
  EXPECT_EQ(read_file_at(directory_.borrow(), "big", 1000).error().code(), ErrorCode::ResourceExhausted);
}

TEST_F(SysTest, ReplacingAFileLeavesNoTemporary) {
  ASSERT_TRUE(replace_file_at(directory_.borrow(), "state", "one"));
  ASSERT_TRUE(replace_file_at(directory_.borrow(), "state", "two"));
  EXPECT_EQ(folder_.read("state"), "two");
  EXPECT_EQ(list_directory(directory_.borrow()).value(), std::vector<std::string>{"state"});
}

TEST_F(SysTest, DirectoriesAreMadeWithTheirParentsAndFoundAgain) {
  const std::string path = (folder_.path() / "a/b/c").string();
  ASSERT_TRUE(ensure_directories(path, 0755));
  ASSERT_TRUE(ensure_directories(path, 0755));
  folder_.write("file", "x");
  EXPECT_FALSE(ensure_directories((folder_.path() / "file").string(), 0755));
}

TEST_F(SysTest, ASealedMemfdCannotBeChanged) {
  const UniqueFd sealed = make_sealed_memfd("test", "content", false).value();
  EXPECT_FALSE(write_all(sealed.borrow(), "x"));
  EXPECT_FALSE(truncate(sealed.borrow(), 1));
  std::array<char, 16> buffer{};
  EXPECT_EQ(pread_some(sealed.borrow(), buffer, 0).value(), 7U);
}

TEST_F(SysTest, MessagesCarryDescriptorsAndClosedPeersReadAsEmpty) {
  auto sockets = make_socket_pair(SOCK_SEQPACKET).value();
  folder_.write("passed", "through");
  const UniqueFd file = open_at(directory_.borrow(), "passed", O_RDONLY).value();
  const std::array<int, 1> fds{file.borrow()};
  ASSERT_TRUE(send_message(sockets.first.borrow(), "hello", fds));
  const ReceivedMessage message = receive_message(sockets.second.borrow(), 100, 4).value();
  EXPECT_EQ(message.bytes, "hello");
  ASSERT_EQ(message.fds.size(), 1U);
  EXPECT_EQ(read_all(message.fds[0].borrow()).value(), "through");
  ASSERT_TRUE(send_message(sockets.first.borrow(), std::string(200, 'x')));
  EXPECT_EQ(receive_message(sockets.second.borrow(), 100, 0).error().code(), ErrorCode::DataLoss);
  sockets.first.reset();
  EXPECT_EQ(receive_message(sockets.second.borrow(), 100, 0).value().bytes, "");
  EXPECT_FALSE(send_message(sockets.second.borrow(), "nobody"));
}

TEST_F(SysTest, WaitingHasADeadline) {
  const Pipe pipe = make_pipe().value();
  EXPECT_EQ(wait_readable(pipe.read_end.borrow(), std::chrono::milliseconds(5)).error().code(),
            ErrorCode::DeadlineExceeded);
  ASSERT_TRUE(write_all(pipe.write_end.borrow(), "x"));
  EXPECT_TRUE(wait_readable(pipe.read_end.borrow(), std::chrono::seconds(5)));
}

TEST_F(SysTest, AnExclusiveLockIsRefusedToASecond) {
  folder_.write("lock", "");
  const UniqueFd first = open_at(directory_.borrow(), "lock", O_RDWR).value();
  const UniqueFd second = open_at(directory_.borrow(), "lock", O_RDWR).value();
  EXPECT_TRUE(lock_exclusive(first.borrow()));
  EXPECT_EQ(lock_exclusive(second.borrow()).error().code(), ErrorCode::Unavailable);
}

TEST_F(SysTest, ExistsSaysNoForWhatIsNotThereAndYesForADanglingLink) {
  ASSERT_TRUE(symlink_at("nowhere", directory_.borrow(), "dangling"));
  EXPECT_TRUE(exists_at(directory_.borrow(), "dangling").value());
  EXPECT_FALSE(exists_at(directory_.borrow(), "nothing").value());
}

}  // namespace
}  // namespace tepui::sys

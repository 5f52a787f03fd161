#include "launcher/exit_record.hpp"

#include <sys/wait.h>

#include <cerrno>

#include <gtest/gtest.h>

#include "lib/linux/sys.hpp"
#include "tests/fakes/temp_dir.hpp"

namespace tepui::launcher {
namespace {

constexpr const char* kExited =
    "tepui-exit 1\nkind exited\nwait_status 256\npid 4711\nstart_time_ticks 99\nended_at_nsec 1500000000\n"
    "user_usec 12\nsystem_usec 34\nmax_rss_kib 56\nsome_later_key 1\nend\n";

TEST(ExitRecordTest, AnExitedRecordIsRead) {
  const ExitRecord record = parse_exit_record(kExited).value();
  EXPECT_EQ(record.kind, ExitKind::Exited);
  EXPECT_EQ(WEXITSTATUS(record.wait_status), 1);
  EXPECT_EQ(record.pid, 4711);
  EXPECT_EQ(record.start_time_ticks, 99U);
  EXPECT_EQ(record.ended_at.time_since_epoch(), std::chrono::milliseconds(1500));
  EXPECT_EQ(record.user_time, std::chrono::microseconds(12));
  EXPECT_EQ(record.max_rss_kib, 56U);
  EXPECT_FALSE(record.failure);
}

TEST(ExitRecordTest, AFailedRecordNamesStepErrnoAndObject) {
  const std::string text =
      "tepui-exit 1\nkind failed\nwait_status 0\npid -1\nstart_time_ticks 0\nended_at_nsec 1\nuser_usec 0\n"
         "system_usec 0\nmax_rss_kib 0\nstep " +
         std::to_string(static_cast<int>(LaunchStep::Mount)) + "\nerrno 2\nobject /a b/c\nend\n";
  const ExitRecord record = parse_exit_record(text).value();
  ASSERT_TRUE(record.failure);
  EXPECT_EQ(record.failure->step, LaunchStep::Mount);
  EXPECT_EQ(record.failure->sys_errno, ENOENT);
  EXPECT_EQ(record.failure->object, "/a b/c");
  EXPECT_EQ(record.failure->to_string(), "mount \"/a b/c\": No such file or directory (ENOENT)");
  EXPECT_EQ(record.failure->shell_exit_code(), 125);
}

TEST(ExitRecordTest, EveryTruncationIsDamage) {
  const std::string text(kExited);
  for (std::size_t size = 0; size < text.size(); ++size) {
    auto record = parse_exit_record(std::string_view(text).substr(0, size));
    ASSERT_FALSE(record) << size;
    EXPECT_EQ(record.error().code(), ErrorCode::DataLoss);
  }
}

TEST(ExitRecordTest, AMissingFileIsNoRecordAndASymlinkIsNotFollowed) {
  const TempDir folder;
  const UniqueFd directory = sys::open_directory_at(AT_FDCWD, folder.path().string()).value();
  EXPECT_FALSE(read_exit_record(directory.borrow()).value());
  folder.write("elsewhere", kExited);
  ASSERT_TRUE(sys::symlink_at("elsewhere", directory.borrow(), "exit"));
  EXPECT_FALSE(read_exit_record(directory.borrow()));
}

TEST(LaunchFailureTest, NotFoundIs127AndNotInvocableIs126) {
  EXPECT_EQ((LaunchFailure{LaunchStep::Exec, ENOENT, "x"}).shell_exit_code(), 127);
  EXPECT_EQ((LaunchFailure{LaunchStep::Exec, EACCES, "x"}).shell_exit_code(), 126);
  EXPECT_EQ((LaunchFailure{LaunchStep::Exec, ENOEXEC, "x"}).shell_exit_code(), 126);
}

TEST(LaunchFailureTest, ARefusedRlimitSaysWhatIsMissing) {
  const LaunchFailure failure{LaunchStep::Rlimit, EPERM, "RLIMIT_NOFILE"};
  EXPECT_EQ(failure.to_string(),
            "set rlimit \"RLIMIT_NOFILE\": Operation not permitted (EPERM) (hint: the hard limit is above the agent's "
            "own, and the agent lacks CAP_SYS_RESOURCE)");
}

TEST(LaunchStepTest, EveryStepHasAName) {
  for (auto step = 1U; step <= static_cast<unsigned>(LaunchStep::Supervise); ++step) {
    EXPECT_STRNE(launch_step_name(static_cast<LaunchStep>(step)), "launch") << step;
  }
}

}  // namespace
}  // namespace tepui::launcher

#include <linux/audit.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

#include <cerrno>
#include <cstring>

#include <gtest/gtest.h>

#include "isolators/linux_seccomp/profile.hpp"
#include "lib/linux/sys.hpp"
#include "tests/fakes/bpf_evaluator.hpp"
#include "tests/fakes/temp_dir.hpp"
#include "tests/unit/isolators/linked_isolator.hpp"

namespace tepui {
namespace {

using isolators::choose_rules;
using isolators::parse_seccomp_profile;

#if defined(__x86_64__)
constexpr std::uint32_t kNative = AUDIT_ARCH_X86_64;
#else
constexpr std::uint32_t kNative = AUDIT_ARCH_AARCH64;
#endif
constexpr std::uint32_t kAllow = SECCOMP_RET_ALLOW;
constexpr std::uint32_t kEperm = SECCOMP_RET_ERRNO | EPERM;

class LinuxSeccompTest : public LinkedIsolatorTest {
 protected:
  /// The filter that a task with this uid gets.
  std::vector<sock_filter> filter_for(std::uint32_t uid) {
    auto view = container(100, 0);
    view.uid = uid;
    RecordingPlanSink sink;
    EXPECT_TRUE(create()->prepare(view, sink, claims_));
    EXPECT_TRUE(sink.has("linux/seccomp set_no_new_privs"));
    std::vector<sock_filter> filter(sink.seccomp.size() / sizeof(sock_filter));
    std::memcpy(filter.data(), sink.seccomp.data(), filter.size() * sizeof(sock_filter));
    return filter;
  }
  static std::uint32_t ask(const std::vector<sock_filter>& filter, long number,
                           std::initializer_list<std::uint64_t> arguments = {}) {
    return evaluate_bpf(filter, system_call(static_cast<int>(number), kNative, arguments)).value_or(0xdeadU);
  }
};

TEST_F(LinuxSeccompTest, TheDefaultProfileAllowsWhatProgramsNeed) {
  const auto filter = filter_for(65534);
  for (const long number : {SYS_read, SYS_openat, SYS_execve, SYS_mmap, SYS_futex, SYS_exit_group, SYS_rt_sigaction,
                            SYS_epoll_wait, SYS_getrandom, SYS_prlimit64, SYS_rseq, SYS_statx}) {
    EXPECT_EQ(ask(filter, number), kAllow) << number;
  }
  EXPECT_LE(filter.size(), 4096U);
}

TEST_F(LinuxSeccompTest, WhatReachesTheHostIsDenied) {
  for (const std::uint32_t uid : {0U, 65534U}) {
    const auto filter = filter_for(uid);
    for (const long number : {SYS_mount, SYS_umount2, SYS_pivot_root, SYS_setns, SYS_unshare, SYS_init_module,
                              SYS_finit_module, SYS_kexec_load, SYS_reboot, SYS_swapon, SYS_ptrace, SYS_bpf,
                              SYS_perf_event_open, SYS_userfaultfd, SYS_keyctl, SYS_add_key, SYS_request_key,
                              SYS_io_uring_setup, SYS_open_by_handle_at, SYS_settimeofday, SYS_move_mount}) {
      EXPECT_EQ(ask(filter, number), kEperm) << number << " for uid " << uid;
    }
  }
}

TEST_F(LinuxSeccompTest, NewNamespacesAreDeniedAndThreadsAreNot) {
  const auto filter = filter_for(65534);
  EXPECT_EQ(ask(filter, SYS_clone, {0x3d0f00}), kAllow);
  for (const std::uint64_t flag : {0x00020000ULL, 0x02000000ULL, 0x04000000ULL, 0x08000000ULL, 0x10000000ULL, 0x20000000ULL,
                                   0x40000000ULL}) {
    EXPECT_EQ(ask(filter, SYS_clone, {flag | 0x11}), kEperm) << flag;
  }
  EXPECT_EQ(ask(filter, SYS_clone3), static_cast<std::uint32_t>(SECCOMP_RET_ERRNO | ENOSYS));
}

TEST_F(LinuxSeccompTest, TypingIntoTerminalsIsDeniedAlsoWithGarbageInTheHighHalf) {
  const auto filter = filter_for(65534);
  constexpr std::uint64_t kTiocLinux = 0x541c;
  for (const std::uint64_t high : {std::uint64_t{0}, std::uint64_t{1} << 32U, std::uint64_t{0xdeadbeef} << 32U}) {
    EXPECT_EQ(ask(filter, SYS_ioctl, {0, high | TIOCSTI}), kEperm);
    EXPECT_EQ(ask(filter, SYS_ioctl, {0, high | kTiocLinux}), kEperm);
  }
  EXPECT_EQ(ask(filter, SYS_ioctl, {0, TIOCGWINSZ}), kAllow);
  EXPECT_EQ(ask(filter, SYS_ioctl, {0, FIONREAD}), kAllow);
}

TEST_F(LinuxSeccompTest, VsockIsDeniedAndOtherSocketsAreNot) {
  const auto filter = filter_for(65534);
  EXPECT_EQ(ask(filter, SYS_socket, {2}), kAllow);
  EXPECT_EQ(ask(filter, SYS_socket, {1}), kAllow);
  EXPECT_EQ(ask(filter, SYS_socket, {40}), static_cast<std::uint32_t>(SECCOMP_RET_ERRNO | EAFNOSUPPORT));
  EXPECT_EQ(ask(filter, SYS_socket, {0x100000000ULL | 40}), static_cast<std::uint32_t>(SECCOMP_RET_ERRNO | EAFNOSUPPORT));
}

TEST_F(LinuxSeccompTest, OtherArchitecturesAreKilled) {
  const auto filter = filter_for(65534);
  EXPECT_EQ(evaluate_bpf(filter, system_call(1, AUDIT_ARCH_I386)), SECCOMP_RET_KILL_PROCESS);
#if defined(__x86_64__)
  EXPECT_EQ(ask(filter, SYS_ioctl | 0x40000000, {0, TIOCSTI}), SECCOMP_RET_KILL_PROCESS);
#endif
}

TEST_F(LinuxSeccompTest, RootMayChrootAndOthersMayNot) {
  EXPECT_EQ(ask(filter_for(0), SYS_chroot), kAllow);
  EXPECT_EQ(ask(filter_for(65534), SYS_chroot), kEperm);
}

TEST_F(LinuxSeccompTest, AProfileThatIsMissingOrDamagedKeepsTheIsolatorFromStarting) {
  const TempDir folder;
  const std::string path = (folder.path() / "profile.json").string();
  auto missing = try_create({{"profile", path}});
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().to_string().find(path), std::string::npos);
  for (const char* text : {"", "{}", "[]", "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[]}", "not json"}) {
    folder.write("profile.json", text);
    EXPECT_FALSE(try_create({{"profile", path}})) << text;
  }
  EXPECT_FALSE(try_create({{"profil", path}}));
}

TEST(SeccompProfileTest, EveryTruncationOfTheDefaultProfileIsRefused) {
  const std::string text = sys::read_file(TEPUI_SOURCE_DIR "/packaging/seccomp/default.json").value();
  ASSERT_TRUE(parse_seccomp_profile(text));
  const std::size_t end = text.rfind('}');
  for (std::size_t size = 0; size < end; size += 37) EXPECT_FALSE(parse_seccomp_profile(text.substr(0, size))) << size;
}

TEST(SeccompProfileTest, UnknownWordsAreNamed) {
  struct Case {
    const char* text;
    const char* part;
  };
  for (const Case& wrong : {
           Case{R"({"defaultAction":"SCMP_ACT_MAYBE","syscalls":[]})", "SCMP_ACT_MAYBE"},
           Case{R"({"defaultAction":"SCMP_ACT_ERRNO","syscall":[]})", "\"syscall\""},
           Case{R"({"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["read"],"action":"X"}]})", "\"X\""},
           Case{R"({"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":[],"action":"SCMP_ACT_ALLOW"}]})", "without names"},
           Case{R"({"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["read"],"action":"SCMP_ACT_ALLOW",
                    "includes":{"caps":["CAP_NOTHING"]}}]})", "CAP_NOTHING"},
           Case{R"({"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["read"],"action":"SCMP_ACT_ALLOW",
                    "args":[{"index":6,"value":1,"op":"SCMP_CMP_EQ"}]}]})", "above 5"},
           Case{R"({"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["read"],"action":"SCMP_ACT_ALLOW",
                    "args":[{"index":0,"value":1,"op":"SCMP_CMP_XX"}]}]})", "SCMP_CMP_XX"},
           Case{R"({"defaultAction":"SCMP_ACT_ERRNO","architectures":["VAX"],"syscalls":[]})", "VAX"},
       }) {
    auto profile = parse_seccomp_profile(wrong.text);
    ASSERT_FALSE(profile) << wrong.text;
    EXPECT_EQ(profile.error().code(), ErrorCode::InvalidArgument);
    EXPECT_NE(profile.error().to_string().find(wrong.part), std::string::npos) << profile.error().to_string();
  }
}

TEST(SeccompProfileTest, DeepNestingIsRefused) {
  EXPECT_FALSE(parse_seccomp_profile(std::string(1000000, '[')));
}

TEST(SeccompProfileTest, GroupsCountByCapabilityArchitectureAndKernel) {
  const auto profile = parse_seccomp_profile(R"({"defaultAction":"SCMP_ACT_ERRNO","syscalls":[
      {"names":["read"],"action":"SCMP_ACT_ALLOW"},
      {"names":["chroot"],"action":"SCMP_ACT_ALLOW","includes":{"caps":["CAP_SYS_CHROOT"]}},
      {"names":["clone"],"action":"SCMP_ACT_ALLOW","excludes":{"caps":["CAP_SYS_ADMIN"]}},
      {"names":["arm_thing"],"action":"SCMP_ACT_ALLOW","includes":{"arches":["arm64"]}},
      {"names":["ptrace"],"action":"SCMP_ACT_ALLOW","includes":{"minKernel":"4.8"}}]})").value();
  const auto names_for = [&](const isolators::ProfileHost& host, sys::CapabilitySet capabilities) {
    std::string names;
    for (const auto& rule : choose_rules(profile, host, capabilities).rules) names += rule.syscall + " ";
    return names;
  };
  EXPECT_EQ(names_for({"amd64", 6, 1}, 0), "read clone ptrace ");
  EXPECT_EQ(names_for({"amd64", 4, 7}, 1U << 18U), "read chroot clone ");
  EXPECT_EQ(names_for({"arm64", 4, 8}, 1U << 21U), "read arm_thing ptrace ");
}

}  // namespace
}  // namespace tepui

#include "launcher/plan.hpp"

#include <sys/mount.h>
#include <sys/resource.h>

#include <cstring>
#include <random>

#include <gtest/gtest.h>

#include "launcher/init/plan_view.hpp"

namespace tepui::launcher {
namespace {

LaunchPlan full_plan() {
  LaunchPlan plan;
  plan.executable = "/bin/echo";
  plan.argv = {"echo", "", "two words"};
  plan.env = {"A=1", "B="};
  plan.cwd = "/sandbox";
  plan.user = {.uid = 1000, .gid = 1001, .additional_gids = {1, 2, 3}};
  plan.umask = 077;
  const FdIndex fd = plan.add_fd(UniqueFd());
  plan.namespaces = {{NamespaceKind::Mount}, {NamespaceKind::Ipc}, {NamespaceKind::Uts}, {NamespaceKind::Network, fd}};
  plan.uid_map = {{0, 100000, 65536}};
  plan.root = {.path = "/", .fd = kNoFd, .is_readonly = true};
  plan.mounts.push_back({.source = "tmpfs", .target = "/tmp", .fstype = "tmpfs", .flags = MS_NOSUID,
                         .propagation = MS_PRIVATE, .data = "mode=1777"});
  plan.mounts.push_back({.source_fd = fd, .target = "/data", .flags = MS_BIND | MS_REC | MS_RDONLY,
                         .missing_target = MissingTarget::MakeDirectory});
  plan.masked_paths = {"/proc/kcore"};
  plan.readonly_paths = {"/proc/sys", "/proc/bus"};
  plan.devices.push_back({.path = "/dev/null", .mode = S_IFCHR | 0666, .major = 1, .minor = 3});
  plan.cgroups.push_back({"cpu", {{"cpu.shares", "1024"}, {"cpu.cfs_quota_us", "-1"}}});
  plan.rlimits.push_back({.resource = RLIMIT_NOFILE, .soft = 10, .hard = ~0ULL});
  plan.capabilities.bounding = 1U << 10U;
  plan.no_new_privs = true;
  plan.seccomp = {{0x06, 0, 0, 0x7fff0000U}};
  plan.hostname = "mesa";
  plan.sysctl.push_back({"kernel.shmmni", "1"});
  plan.has_oom_score_adj = true;
  plan.oom_score_adj = -5;
  plan.inherited_fds.push_back({.fd = fd, .container_fd = 7});
  plan.wants_init = false;
  return plan;
}

LaunchPlan smallest_plan() {
  LaunchPlan plan;
  plan.argv = {"true"};
  return plan;
}

void expect_refused(const LaunchPlan& plan, const std::string& part) {
  auto encoded = encode_plan(plan);
  ASSERT_FALSE(encoded) << part;
  EXPECT_EQ(encoded.error().code(), ErrorCode::InvalidArgument);
  EXPECT_NE(encoded.error().to_string().find(part), std::string::npos) << encoded.error().to_string();
}

TEST(LaunchPlanTest, EveryFieldSurvivesEncodingAndDecoding) {
  const std::string bytes = encode_plan(full_plan()).value();
  const LaunchPlan decoded = decode_plan(bytes).value();
  EXPECT_EQ(decoded.argv, full_plan().argv);
  EXPECT_EQ(decoded.mounts[1].missing_target, MissingTarget::MakeDirectory);
  EXPECT_EQ(decoded.oom_score_adj, -5);
  EXPECT_EQ(decoded.fds.size(), 1U);
  EXPECT_FALSE(decoded.wants_init);
  // Encoding again says the same of all the others.
  EXPECT_EQ(encode_plan(decoded).value(), bytes);
}

TEST(LaunchPlanTest, AnEmptyCommandIsRefused) { expect_refused(LaunchPlan{}, "no command"); }

TEST(LaunchPlanTest, ANulInsideATextIsRefused) {
  LaunchPlan plan = smallest_plan();
  plan.argv.emplace_back("a\0b", 3);
  expect_refused(plan, "NUL");
}

TEST(LaunchPlanTest, ADescriptorThatIsNotInThePlanIsRefused) {
  LaunchPlan plan = smallest_plan();
  plan.inherited_fds.push_back({.fd = 0, .container_fd = 3});
  expect_refused(plan, "descriptor");
}

TEST(LaunchPlanTest, MountsNeedAMountNamespace) {
  LaunchPlan plan = smallest_plan();
  plan.mounts.push_back({.source = "tmpfs", .target = "/tmp", .fstype = "tmpfs"});
  expect_refused(plan, "mount namespace");
}

TEST(LaunchPlanTest, ANamespaceTwiceIsRefused) {
  LaunchPlan plan = smallest_plan();
  plan.namespaces = {{NamespaceKind::Pid}, {NamespaceKind::Pid}};
  expect_refused(plan, "twice");
}

TEST(LaunchPlanTest, IdsOutOfRangeAreRefused) {
  LaunchPlan plan = smallest_plan();
  plan.user.uid = 0xffffffffU;
  expect_refused(plan, "out of range");
  plan.user.uid = 0x7fffffffU;
  expect_refused(plan, "out of range");
}

TEST(LaunchPlanTest, OnlyNamespacedSysctlsPassAndNoControlBytes) {
  for (const auto& [name, value] : std::vector<std::pair<std::string, std::string>>{
           {"kernel.core_pattern", "|/x"}, {"net.ipv4.ip_forward", "1"}, {"kernel.shmmni", "1\nkernel.core_pattern=x"},
           {"kernel..shmmni", "1"}, {"kernel/../vm.overcommit_memory", "1"}}) {
    LaunchPlan plan = smallest_plan();
    plan.namespaces = {{NamespaceKind::Ipc}};
    plan.sysctl.push_back({name, value});
    EXPECT_FALSE(encode_plan(plan)) << name;
  }
}

TEST(LaunchPlanTest, RelativePathsAreRefused) {
  LaunchPlan plan = smallest_plan();
  plan.cwd = "sandbox";
  expect_refused(plan, "working directory");
}

TEST(LaunchPlanTest, APlanOverOneMebibyteIsRefused) {
  LaunchPlan plan = smallest_plan();
  plan.argv.emplace_back(kMaxPlanBytes, 'x');
  expect_refused(plan, "more than");
}

TEST(LaunchPlanTest, ARlimitWhoseSoftValueIsAboveTheHardOneIsRefused) {
  LaunchPlan plan = smallest_plan();
  plan.rlimits.push_back({.resource = RLIMIT_CORE, .soft = 2, .hard = 1});
  expect_refused(plan, "rlimit");
}

TEST(LaunchPlanTest, EveryTruncationIsRefused) {
  const std::string bytes = encode_plan(full_plan()).value();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(decode_plan(std::string_view(bytes).substr(0, size))) << size;
  }
  EXPECT_FALSE(decode_plan(bytes + "x"));
}

TEST(LaunchPlanTest, ALengthThatWouldOverflowIsRefused) {
  const std::string bytes = encode_plan(full_plan()).value();
  for (std::size_t at = 12; at + 4 <= bytes.size(); ++at) {
    for (const std::uint32_t length : {0xffffffffU, 0xfffffffeU, 0x80000000U, 0x40000000U, 0x00100000U}) {
      std::string damaged = bytes;
      std::memcpy(damaged.data() + at, &length, sizeof length);
      static_cast<void>(decode_plan(damaged));  // must neither crash nor read outside; the sanitizers watch
    }
  }
}

TEST(LaunchPlanTest, RandomDamageNeverReadsOutside) {
  const std::string bytes = encode_plan(full_plan()).value();
  std::mt19937 chance(1);
  for (int round = 0; round < 5000; ++round) {
    // A copy of the exact size on the heap, so that a sanitizer sees the first byte too far.
    std::vector<char> damaged(bytes.begin(), bytes.end());
    const int changes = 1 + static_cast<int>(chance() % 4);
    for (int i = 0; i < changes; ++i) damaged[chance() % damaged.size()] = static_cast<char>(chance());
    damaged.resize(1 + chance() % damaged.size());
    static_cast<void>(decode_plan({damaged.data(), damaged.size()}));
  }
}

TEST(LaunchPlanTest, RlimitNamesAreReadInBothSpellings) {
  EXPECT_EQ(rlimit_of_name("RLIMIT_NOFILE"), RLIMIT_NOFILE);
  EXPECT_EQ(rlimit_of_name("nofile"), RLIMIT_NOFILE);
  EXPECT_EQ(rlimit_of_name("RLMT_NOFILE"), -1);
  EXPECT_STREQ(rlimit_name(RLIMIT_CORE), "RLIMIT_CORE");
  EXPECT_STREQ(rlimit_name(99), "RLIMIT_?");
}

TEST(ArenaTest, GivesAlignedMemoryUntilItIsUsedUp) {
  alignas(8) char memory[64];
  Arena arena(memory + 1, 63);
  auto* first = static_cast<char*>(arena.take(8, 8));
  EXPECT_EQ(first, memory + 8);
  EXPECT_EQ(arena.take(49, 1), nullptr);
  EXPECT_NE(arena.take(48, 1), nullptr);
  EXPECT_EQ(arena.take(1, 1), nullptr);
  EXPECT_EQ(arena.take(~std::size_t{0}, 8), nullptr);
}

}  // namespace
}  // namespace tepui::launcher

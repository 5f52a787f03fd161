#include "lib/linux/seccomp.hpp"

#include <linux/audit.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

#include <cerrno>

#include <gtest/gtest.h>

#include "lib/linux/capabilities.hpp"
#include "tests/fakes/bpf_evaluator.hpp"

namespace tepui::sys {
namespace {

#if defined(__x86_64__)
constexpr std::uint32_t kNative = AUDIT_ARCH_X86_64;
#else
constexpr std::uint32_t kNative = AUDIT_ARCH_AARCH64;
#endif
constexpr std::uint32_t kEperm = SECCOMP_RET_ERRNO | EPERM;

const SeccompAction kAllow{.kind = SeccompAction::Kind::Allow, .value = 0};
const SeccompAction kDeny{.kind = SeccompAction::Kind::Error, .value = EPERM};

std::uint32_t ask(const SeccompFilter& filter, int number, std::initializer_list<std::uint64_t> arguments = {}) {
  return evaluate_bpf(filter.instructions, system_call(number, kNative, arguments)).value();
}

TEST(SeccompTest, NamedCallsGetTheirActionAndOthersTheDefault) {
  const SeccompFilter filter =
      compile_seccomp({.default_action = kDeny, .architectures = {}, .rules = {{"read", kAllow, {}}, {"write", kAllow, {}}}})
          .value();
  EXPECT_EQ(ask(filter, SYS_read), static_cast<std::uint32_t>(SECCOMP_RET_ALLOW));
  EXPECT_EQ(ask(filter, SYS_write), static_cast<std::uint32_t>(SECCOMP_RET_ALLOW));
  EXPECT_EQ(ask(filter, SYS_openat), kEperm);
}

TEST(SeccompTest, AnotherArchitectureIsKilled) {
  const SeccompFilter filter = compile_seccomp({.default_action = kAllow, .architectures = {}, .rules = {{"ptrace", kDeny, {}}}}).value();
  EXPECT_EQ(evaluate_bpf(filter.instructions, system_call(3, AUDIT_ARCH_I386)), SECCOMP_RET_KILL_PROCESS);
#if defined(__x86_64__)
  EXPECT_EQ(ask(filter, SYS_read | 0x40000000), SECCOMP_RET_KILL_PROCESS) << "x32";
#endif
}

TEST(SeccompTest, UnknownNamesAreSkippedAndUnknownArchitecturesRefused) {
  EXPECT_TRUE(compile_seccomp({.default_action = kDeny, .architectures = {}, .rules = {{"no_such_call", kAllow, {}}}}));
  auto wrong = compile_seccomp({.default_action = kDeny, .architectures = {"pdp11"}, .rules = {}});
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code(), ErrorCode::InvalidArgument);
}

TEST(SeccompTest, AMaskedArgumentDecides) {
  constexpr std::uint64_t kNamespaces = 0x7e020000;
  const SeccompFilter filter =
      compile_seccomp({.default_action = kDeny,
                       .architectures = {},
                       .rules = {{"clone", kAllow,
                                  {{.index = 0, .compare = SeccompArgument::Compare::MaskedEqual,
                                    .value = kNamespaces, .value_two = 0}}}}}).value();
  EXPECT_EQ(ask(filter, SYS_clone, {0x11}), static_cast<std::uint32_t>(SECCOMP_RET_ALLOW));
  EXPECT_EQ(ask(filter, SYS_clone, {0x10000000 | 0x11}), kEperm);
}

TEST(SeccompTest, AnExceptionWinsOverTheAllowedCallAlsoWithGarbageInTheHighBits) {
  const SeccompFilter filter =
      compile_seccomp({.default_action = kDeny,
                       .architectures = {},
                       .rules = {{"ioctl", kAllow, {}},
                                 {"ioctl", kDeny,
                                  {{.index = 1, .compare = SeccompArgument::Compare::MaskedEqual,
                                    .value = 0xffffffff, .value_two = TIOCSTI}}}}}).value();
  EXPECT_EQ(ask(filter, SYS_ioctl, {0, TIOCSTI}), kEperm);
  EXPECT_EQ(ask(filter, SYS_ioctl, {0, 0xdeadbeef00000000ULL | TIOCSTI}), kEperm);
  EXPECT_EQ(ask(filter, SYS_ioctl, {0, TIOCGWINSZ}), static_cast<std::uint32_t>(SECCOMP_RET_ALLOW));
  EXPECT_EQ(ask(filter, SYS_openat), kEperm);
}

TEST(CapabilitiesTest, NamesAreReadInAllSpellings) {
  EXPECT_EQ(capability_of_name("CAP_NET_RAW"), 13);
  EXPECT_EQ(capability_of_name("net_raw"), 13);
  EXPECT_EQ(capability_name(13), "CAP_NET_RAW");
  for (const char* name : {"", "CAP_", "CAP_NONSENSE", "13", "cap_13"}) EXPECT_FALSE(capability_of_name(name)) << name;
  EXPECT_EQ(capability_set({"CAP_CHOWN", "kill"}).value(), 0x21U);
  EXPECT_EQ(capability_set({"CAP_CHOWN", "what"}).error().code(), ErrorCode::InvalidArgument);
}

TEST(CapabilitiesTest, TheUsualSetHasNeitherAdminNorRawSockets) {
  EXPECT_EQ(usual_capabilities() & (CapabilitySet{1} << 21U), 0U);
  EXPECT_EQ(usual_capabilities() & (CapabilitySet{1} << 13U), 0U);
  EXPECT_EQ(usual_capabilities() & ~all_capabilities(), 0U);
}

}  // namespace
}  // namespace tepui::sys

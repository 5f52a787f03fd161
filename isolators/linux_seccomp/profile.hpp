// SeccompProfile: a profile in the JSON format of Docker and containerd, and what it means for one set of capabilities.
// Pure: text in, rules out. Source: the format's public description (defaultAction, archMap, syscalls with includes and
// excludes by arches, caps and minKernel); containers/common pkg/seccomp types (names).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/base/result.hpp"
#include "lib/linux/capabilities.hpp"
#include "lib/linux/seccomp.hpp"

namespace tepui::isolators {

/// A profile's file is never larger.
inline constexpr std::size_t kMaxProfileBytes = 4U << 20U;

/// When a group of rules counts. Empty lists say nothing.
struct ProfileCondition {
  std::vector<std::string> architectures;  ///< in Go's words: "amd64", "arm64", "s390x"
  sys::CapabilitySet capabilities = 0;
  std::optional<std::pair<unsigned, unsigned>> min_kernel;
};

struct ProfileGroup {
  std::vector<std::string> names;
  sys::SeccompAction action;
  std::vector<sys::SeccompArgument> arguments;
  ProfileCondition includes;
  ProfileCondition excludes;
};

struct SeccompProfile {
  sys::SeccompAction default_action;
  std::vector<std::string> architectures;  ///< beside the native one, in libseccomp's words
  std::vector<ProfileGroup> groups;
};

/// Errors: InvalidArgument, naming the member: not JSON, an unknown member, action, operator, capability or architecture,
/// a profile without rules that would confine nothing (CVE-2023-2431: an empty profile is no profile).
Result<SeccompProfile> parse_seccomp_profile(std::string_view text);

/// What a profile is held against.
struct ProfileHost {
  std::string architecture;  ///< Go's word for this machine
  unsigned kernel_major = 0;
  unsigned kernel_minor = 0;
  static Result<ProfileHost> read();
};

/// The rules that count on `host` for a task with `capabilities`. A group counts when its includes hold (any of the
/// architectures, all of the capabilities, the kernel) and none of its excludes does (any of them).
sys::SeccompRules choose_rules(const SeccompProfile& profile, const ProfileHost& host, sys::CapabilitySet capabilities);

}  // namespace tepui::isolators

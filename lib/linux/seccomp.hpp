// Seccomp filters: rules by syscall name, compiled by libseccomp to the program that the kernel takes. Compiled once per
// profile and kept as a value; the container's child only loads it. Not here: the profile's file format (isolators/).
#pragma once

#include <linux/filter.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.hpp"

namespace tepui::sys {

/// What happens to a system call. Only `error` uses `value` (the errno); `trace` is not offered.
struct SeccompAction {
  enum class Kind { Allow, Error, KillThread, KillProcess, Trap, Log };
  Kind kind = Kind::Error;
  std::uint16_t value = 1;  // EPERM
  auto operator<=>(const SeccompAction&) const = default;
};

/// One comparison of an argument. MaskedEqual: (argument & value) == value_two.
struct SeccompArgument {
  enum class Compare { NotEqual, Less, LessOrEqual, Equal, GreaterOrEqual, Greater, MaskedEqual };
  unsigned index = 0;  ///< 0 to 5
  Compare compare = Compare::Equal;
  std::uint64_t value = 0;
  std::uint64_t value_two = 0;
};

/// `action` for a call of this name whose arguments satisfy all of `arguments`. A name that no architecture of the
/// filter has is skipped (profiles name calls of many kernels); a name libseccomp does not know likewise.
/// A rule with arguments beside one without for the same call is an exception from that one and wins: libseccomp alone
/// would drop it. So "ioctl is allowed, but not TIOCSTI" can be said.
struct SeccompRule {
  std::string syscall;
  SeccompAction action;
  std::vector<SeccompArgument> arguments;
};

struct SeccompRules {
  SeccompAction default_action;
  /// Beside the native one: "x86", "x32", "arm"…, in libseccomp's words. Calls of every other architecture are killed.
  std::vector<std::string> architectures;
  std::vector<SeccompRule> rules;
};

/// A program for the kernel: a value that can be compared, printed and evaluated.
struct SeccompFilter {
  std::vector<sock_filter> instructions;
  [[nodiscard]] std::string_view bytes() const {
    return {reinterpret_cast<const char*>(instructions.data()), instructions.size() * sizeof(sock_filter)};
  }
  bool operator==(const SeccompFilter& other) const { return bytes() == other.bytes(); }
};

/// The native architecture in libseccomp's word: "x86_64".
std::string native_seccomp_architecture();
/// True when libseccomp knows the architecture.
bool is_seccomp_architecture(const std::string& name);

/// Compiles with the binary tree optimisation (100-150 us to install against 290; performance.md part 1.2).
/// Errors: InvalidArgument (an unknown architecture; an argument index above 5; an exception that compares otherwise than
/// by Equal and MaskedEqual), ResourceExhausted (more than 4096 instructions). A rule whose action is the default one is
/// skipped unless it is an exception.
Result<SeccompFilter> compile_seccomp(const SeccompRules& rules);

/// Number of a syscall on the native architecture; no value where it has none.
std::optional<int> syscall_number(const std::string& name);

}  // namespace tepui::sys

#include "lib/linux/seccomp.hpp"

#include <fcntl.h>
#include <linux/seccomp.h>
#include <seccomp.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <memory>

#include <fmt/format.h>

#include "lib/base/try.hpp"
#include "lib/linux/sys.hpp"

namespace tepui::sys {
namespace {

struct ReleaseContext {
  void operator()(void* context) const { ::seccomp_release(context); }
};
using Context = std::unique_ptr<void, ReleaseContext>;

std::uint32_t action_word(const SeccompAction& action) {
  switch (action.kind) {
    case SeccompAction::Kind::Allow: return SCMP_ACT_ALLOW;
    case SeccompAction::Kind::Error: return SCMP_ACT_ERRNO(action.value);
    case SeccompAction::Kind::KillThread: return SCMP_ACT_KILL_THREAD;
    case SeccompAction::Kind::KillProcess: return SCMP_ACT_KILL_PROCESS;
    case SeccompAction::Kind::Trap: return SCMP_ACT_TRAP;
    case SeccompAction::Kind::Log: return SCMP_ACT_LOG;
  }
  return SCMP_ACT_KILL_PROCESS;
}

scmp_compare compare_word(SeccompArgument::Compare compare) {
  switch (compare) {
    case SeccompArgument::Compare::NotEqual: return SCMP_CMP_NE;
    case SeccompArgument::Compare::Less: return SCMP_CMP_LT;
    case SeccompArgument::Compare::LessOrEqual: return SCMP_CMP_LE;
    case SeccompArgument::Compare::Equal: return SCMP_CMP_EQ;
    case SeccompArgument::Compare::GreaterOrEqual: return SCMP_CMP_GE;
    case SeccompArgument::Compare::Greater: return SCMP_CMP_GT;
    case SeccompArgument::Compare::MaskedEqual: return SCMP_CMP_MASKED_EQ;
  }
  return SCMP_CMP_EQ;
}

Result<void> add_architectures(scmp_filter_ctx context, const SeccompRules& rules) {
  for (const std::string& name : rules.architectures) {
    const std::uint32_t token = ::seccomp_arch_resolve_name(name.c_str());
    if (token == 0) return Error(ErrorCode::InvalidArgument, fmt::format("compile seccomp: architecture \"{}\"", name));
    const int outcome = ::seccomp_arch_add(context, token);
    // EDOM: of another endianness or word order than the machine, which cannot run its programs anyway.
    if (outcome < 0 && outcome != -EEXIST && outcome != -EDOM) {
      return Error::from_errno(-outcome, fmt::format("compile seccomp: architecture \"{}\"", name));
    }
  }
  return ok();
}

Result<void> add_rule(scmp_filter_ctx context, const SeccompRule& rule, const SeccompAction& default_action) {
  if (rule.action == default_action) return ok();
  const int number = ::seccomp_syscall_resolve_name(rule.syscall.c_str());
  if (number == __NR_SCMP_ERROR) return ok();
  std::vector<scmp_arg_cmp> comparisons;
  for (const SeccompArgument& argument : rule.arguments) {
    if (argument.index > 5) {
      return Error(ErrorCode::InvalidArgument,
                   fmt::format("compile seccomp rule for \"{}\": argument {}", rule.syscall, argument.index));
    }
    comparisons.push_back({argument.index, compare_word(argument.compare), argument.value, argument.value_two});
  }
  const int outcome = ::seccomp_rule_add_array(context, action_word(rule.action), number,
                                               static_cast<unsigned>(comparisons.size()), comparisons.data());
  // EDOM: a pseudo call that this architecture does not have. EEXIST: said before.
  if (outcome < 0 && outcome != -EDOM && outcome != -EEXIST) {
    return Error::from_errno(-outcome, fmt::format("compile seccomp rule for \"{}\"", rule.syscall));
  }
  return ok();
}

bool is_exception(const SeccompRule& rule, const std::vector<SeccompRule>& rules) {
  if (rule.arguments.empty()) return false;
  return std::any_of(rules.begin(), rules.end(), [&](const SeccompRule& other) {
    return other.arguments.empty() && other.syscall == rule.syscall && other.action != rule.action;
  });
}

sock_filter statement(int code, std::uint32_t value) { return BPF_STMT(static_cast<std::uint16_t>(code), value); }
sock_filter load(std::size_t offset) { return statement(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset)); }

/// Adds: leave this rule unless a 32-bit half of the argument, masked, is `value`. The distance of the jump is filled in
/// when the rule's end is known: 255 marks it.
constexpr std::uint8_t kToEnd = 255;
void compare_half(std::vector<sock_filter>& out, std::size_t offset, std::uint32_t mask, std::uint32_t value) {
  if (mask == 0) return;
  out.push_back(load(offset));
  if (mask != 0xffffffffU) out.push_back(statement(BPF_ALU | BPF_AND | BPF_K, mask));
  out.push_back(sock_filter{BPF_JMP | BPF_JEQ | BPF_K, 0, kToEnd, value});
}

/// The instructions of one exception on one architecture. The kernel's layout: struct seccomp_data of linux/seccomp.h,
/// little endian.
Result<std::vector<sock_filter>> compile_exception(const SeccompRule& rule, std::uint32_t audit_architecture, int number) {
  std::vector<sock_filter> out{load(offsetof(seccomp_data, arch)),
                               sock_filter{BPF_JMP | BPF_JEQ | BPF_K, 0, kToEnd, audit_architecture},
                               load(offsetof(seccomp_data, nr)),
                               sock_filter{BPF_JMP | BPF_JEQ | BPF_K, 0, kToEnd, static_cast<std::uint32_t>(number)}};
  for (const SeccompArgument& argument : rule.arguments) {
    std::uint64_t mask = ~std::uint64_t{0};
    std::uint64_t value = argument.value;
    if (argument.compare == SeccompArgument::Compare::MaskedEqual) {
      mask = argument.value;
      value = argument.value_two;
    }
    const bool is_equality = argument.compare == SeccompArgument::Compare::MaskedEqual ||
                             argument.compare == SeccompArgument::Compare::Equal;
    if (argument.index > 5 || !is_equality) {
      return Error(ErrorCode::InvalidArgument,
                   fmt::format("compile seccomp exception for \"{}\": argument {}", rule.syscall, argument.index));
    }
    const std::size_t offset = offsetof(seccomp_data, args) + argument.index * sizeof(std::uint64_t);
    compare_half(out, offset, static_cast<std::uint32_t>(mask), static_cast<std::uint32_t>(value));
    compare_half(out, offset + 4, static_cast<std::uint32_t>(mask >> 32U), static_cast<std::uint32_t>(value >> 32U));
  }
  out.push_back(statement(BPF_RET | BPF_K, action_word(rule.action)));
  for (std::size_t i = 0; i < out.size(); ++i) {
    const bool is_jump = BPF_CLASS(out[i].code) == BPF_JMP && out[i].jf == kToEnd;
    if (is_jump) out[i].jf = static_cast<std::uint8_t>(out.size() - 1 - i);
  }
  return out;
}

/// Exceptions stand before libseccomp's program, whose jumps are relative and do not mind.
Result<std::vector<sock_filter>> compile_exceptions(const SeccompRules& rules) {
  std::vector<std::uint32_t> tokens{::seccomp_arch_native()};
  for (const std::string& name : rules.architectures) {
    const std::uint32_t token = ::seccomp_arch_resolve_name(name.c_str());
    if (std::find(tokens.begin(), tokens.end(), token) == tokens.end()) tokens.push_back(token);
  }
  std::vector<sock_filter> out;
  for (const SeccompRule& rule : rules.rules) {
    if (!is_exception(rule, rules.rules)) continue;
    for (const std::uint32_t token : tokens) {
      const int number = ::seccomp_syscall_resolve_name_arch(token, rule.syscall.c_str());
      if (number < 0) continue;
      // x32 is a bit in the call's number and no architecture of its own to the kernel.
      const std::uint32_t audit = token == SCMP_ARCH_X32 ? SCMP_ARCH_X86_64 : token;
      TEPUI_ASSIGN(const std::vector<sock_filter> part, compile_exception(rule, audit, number));
      out.insert(out.end(), part.begin(), part.end());
    }
  }
  return out;
}

Result<SeccompFilter> export_program(scmp_filter_ctx context) {
  // libseccomp writes to a descriptor only; a file in memory holds a program of any size.
  TEPUI_ASSIGN(const UniqueFd file, make_memfd("seccomp"));
  const int outcome = ::seccomp_export_bpf(context, file.borrow());
  if (outcome < 0) return Error::from_errno(-outcome, "compile seccomp: export");
  std::string bytes;
  std::string chunk(65536, '\0');
  while (true) {
    TEPUI_ASSIGN(const std::size_t count, pread_some(file.borrow(), chunk, static_cast<off_t>(bytes.size())));
    if (count == 0) break;
    bytes.append(chunk.data(), count);
  }
  SeccompFilter filter;
  filter.instructions.resize(bytes.size() / sizeof(sock_filter));
  std::memcpy(filter.instructions.data(), bytes.data(), filter.instructions.size() * sizeof(sock_filter));
  return filter;
}

}  // namespace

std::string native_seccomp_architecture() {
#if defined(__x86_64__)
  return "x86_64";
#elif defined(__aarch64__)
  return "aarch64";
#else
#error "tepui knows x86_64 and aarch64"
#endif
}

bool is_seccomp_architecture(const std::string& name) { return ::seccomp_arch_resolve_name(name.c_str()) != 0; }

Result<SeccompFilter> compile_seccomp(const SeccompRules& rules) {
  const Context context(::seccomp_init(action_word(rules.default_action)));
  if (!context) return Error(ErrorCode::InvalidArgument, "compile seccomp: default action");
  ::seccomp_attr_set(context.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
  ::seccomp_attr_set(context.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2);
  TEPUI_TRY(add_architectures(context.get(), rules));
  for (const SeccompRule& rule : rules.rules) {
    if (is_exception(rule, rules.rules)) continue;
    TEPUI_TRY(add_rule(context.get(), rule, rules.default_action));
  }
  TEPUI_ASSIGN(SeccompFilter filter, export_program(context.get()));
  TEPUI_ASSIGN(const std::vector<sock_filter> exceptions, compile_exceptions(rules));
  filter.instructions.insert(filter.instructions.begin(), exceptions.begin(), exceptions.end());
  if (filter.instructions.size() > BPF_MAXINSNS) {
    return Error(ErrorCode::ResourceExhausted,
                 fmt::format("compile seccomp: {} instructions are more than {}", filter.instructions.size(), BPF_MAXINSNS));
  }
  return filter;
}

std::optional<int> syscall_number(const std::string& name) {
  const int number = ::seccomp_syscall_resolve_name(name.c_str());
  if (number < 0) return std::nullopt;
  return number;
}

}  // namespace tepui::sys

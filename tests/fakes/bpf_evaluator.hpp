// bpf_evaluator: runs a seccomp program in user space, so that a filter can be asked what it says without the kernel.
// Knows the classic BPF instructions that libseccomp writes and our own prefix uses; anything else is an error.
#pragma once

#include <linux/filter.h>
#include <linux/seccomp.h>

#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <optional>
#include <span>

namespace tepui {

/// What the program returns (SECCOMP_RET_…), or no value: it is malformed (an unknown instruction, a jump outside, no end).
inline std::optional<std::uint32_t> evaluate_bpf(std::span<const sock_filter> program, const seccomp_data& data) {
  std::uint32_t accumulator = 0;
  for (std::size_t at = 0; at < program.size();) {
    const sock_filter& in = program[at++];
    switch (in.code) {
      case BPF_LD | BPF_W | BPF_ABS:
        if (in.k + 4 > sizeof data || in.k % 4 != 0) return std::nullopt;
        std::memcpy(&accumulator, reinterpret_cast<const char*>(&data) + in.k, 4);
        break;
      case BPF_ALU | BPF_AND | BPF_K: accumulator &= in.k; break;
      case BPF_JMP | BPF_JA: at += in.k; break;
      case BPF_JMP | BPF_JEQ | BPF_K: at += accumulator == in.k ? in.jt : in.jf; break;
      case BPF_JMP | BPF_JGT | BPF_K: at += accumulator > in.k ? in.jt : in.jf; break;
      case BPF_JMP | BPF_JGE | BPF_K: at += accumulator >= in.k ? in.jt : in.jf; break;
      case BPF_JMP | BPF_JSET | BPF_K: at += (accumulator & in.k) != 0 ? in.jt : in.jf; break;
      case BPF_RET | BPF_K: return in.k;
      default: return std::nullopt;
    }
  }
  return std::nullopt;
}

/// A call as the kernel shows it to a filter.
inline seccomp_data system_call(int number, std::uint32_t audit_architecture,
                                std::initializer_list<std::uint64_t> arguments = {}) {
  seccomp_data data{};
  data.nr = number;
  data.arch = audit_architecture;
  std::size_t i = 0;
  for (const std::uint64_t argument : arguments) data.args[i++] = argument;
  return data;
}

}  // namespace tepui

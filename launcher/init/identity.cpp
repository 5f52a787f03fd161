// Who the command is and what it may: rlimits, groups, user, capabilities, no_new_privs, seccomp, descriptors.
#include <linux/capability.h>
#include <linux/close_range.h>
#include <linux/prctl.h>
#include <linux/seccomp.h>

#include <cerrno>

#include "launcher/init/container.hpp"
#include "launcher/init/words.hpp"
#include "lib/linux/raw_sys.hpp"

#ifndef SECCOMP_SET_MODE_FILTER
#define SECCOMP_SET_MODE_FILTER 1
#endif

namespace tepui::launcher {
namespace {

/// Source: man 2 getrlimit, in the kernel's numbering.
const char* const kRlimitNames[16] = {
    "RLIMIT_CPU",   "RLIMIT_FSIZE",   "RLIMIT_DATA", "RLIMIT_STACK", "RLIMIT_CORE",       "RLIMIT_RSS",
    "RLIMIT_NPROC", "RLIMIT_NOFILE",  "RLIMIT_MEMLOCK", "RLIMIT_AS", "RLIMIT_LOCKS",      "RLIMIT_SIGPENDING",
    "RLIMIT_MSGQUEUE", "RLIMIT_NICE", "RLIMIT_RTPRIO",  "RLIMIT_RTTIME"};

constexpr unsigned kMaxCapability = 63;

bool has_bit(std::uint64_t set, unsigned bit) { return ((set >> bit) & 1U) != 0; }

/// Bits that this kernel knows; the others are dropped without a word (CVE-2022-24769 and its kin).
std::uint64_t known_capabilities() {
  std::uint64_t known = 0;
  for (unsigned capability = 0; capability <= kMaxCapability; ++capability) {
    if (raw::prctl(PR_CAPBSET_READ, capability) >= 0) known |= std::uint64_t{1} << capability;
  }
  return known;
}

}  // namespace

bool take_inherited_fds(Container& container) {
  const auto& list = container.plan->inherited_fds;
  // First all of them out of the way, then each to its number: targets and sources may overlap.
  for (auto& inherited : list) {
    const long copy =
        raw::fcntl(kFirstPlanFd + static_cast<int>(inherited.fd), F_DUPFD_CLOEXEC, kLowestInternalFd);
    if (copy < 0) return fail(container, LaunchStep::InheritFd, copy, "dup");
    inherited.fd = static_cast<std::uint32_t>(copy);
  }
  for (const auto& inherited : list) {
    const long outcome =
        raw::dup3(static_cast<int>(inherited.fd), static_cast<int>(inherited.container_fd), O_CLOEXEC);
    if (outcome < 0) return fail(container, LaunchStep::InheritFd, outcome, "dup3");
    raw::close(static_cast<int>(inherited.fd));
  }
  return true;
}

bool set_rlimits(Container& container) {
  for (const auto& limit : container.plan->rlimits) {
    rlimit64 values{};
    values.rlim_cur = limit.soft;
    values.rlim_max = limit.hard;
    const long outcome = raw::prlimit(limit.resource, &values);
    if (outcome < 0) return fail(container, LaunchStep::Rlimit, outcome, kRlimitNames[limit.resource]);
  }
  return true;
}

bool drop_bounding_set(Container& container) {
  const std::uint64_t wanted = container.plan->capabilities.bounding;
  for (unsigned capability = 0; capability <= kMaxCapability; ++capability) {
    if (has_bit(wanted, capability)) continue;
    const long there = raw::prctl(PR_CAPBSET_READ, capability);
    if (there <= 0) continue;  // not in the set, or unknown to this kernel
    const long outcome = raw::prctl(PR_CAPBSET_DROP, capability);
    if (outcome < 0) {
      FixedText<32> object;
      object.add("capability ").add_number(capability);
      return fail(container, LaunchStep::BoundingSet, outcome, object.text());
    }
  }
  return true;
}

bool set_groups(Container& container) {
  const auto& user = container.plan->user;
  long outcome = raw::setgroups(user.additional_gids.count, user.additional_gids.items);
  if (outcome < 0) return fail(container, LaunchStep::Groups, outcome, "setgroups");
  outcome = raw::setresgid(user.gid);
  if (outcome < 0) return fail(container, LaunchStep::Groups, outcome, "setresgid");
  return true;
}

bool set_user(Container& container) {
  // Permitted capabilities survive the change, so that set_capabilities can choose among them.
  long outcome = raw::prctl(PR_SET_KEEPCAPS, 1);
  if (outcome < 0) return fail(container, LaunchStep::User, outcome, "keep capabilities");
  FixedText<16> object;
  object.add_number(container.plan->user.uid);
  outcome = raw::setresuid(container.plan->user.uid);
  if (outcome < 0) return fail(container, LaunchStep::User, outcome, object.text());
  raw::prctl(PR_SET_KEEPCAPS, 0);
  raw::umask(container.plan->umask);
  return true;
}

bool enter_working_directory(Container& container) {
  // Entered as the container's user, and never through /proc/self/fd or /proc/PID/cwd (CVE-2024-21626).
  const char* path = container.plan->cwd.data;
  const long directory = raw::openat2(AT_FDCWD, path, O_PATH | O_DIRECTORY, RESOLVE_NO_MAGICLINKS);
  if (directory < 0) return fail(container, LaunchStep::WorkingDirectory, directory, path);
  const long outcome = raw::fchdir(static_cast<int>(directory));
  raw::close(static_cast<int>(directory));
  if (outcome < 0) return fail(container, LaunchStep::WorkingDirectory, outcome, path);
  char there[4096];
  const long length = raw::getcwd(there, sizeof there);
  if (length < 0) return fail(container, LaunchStep::WorkingDirectory, length, path);
  if (there[0] != '/') return fail(container, LaunchStep::WorkingDirectory, -ENOENT, path);
  return true;
}

bool set_capabilities(Container& container) {
  const std::uint64_t known = known_capabilities();
  const auto& wanted = container.plan->capabilities;
  struct Header {
    std::uint32_t version;
    int pid;
  } header{_LINUX_CAPABILITY_VERSION_3, 0};
  struct Data {
    std::uint32_t effective;
    std::uint32_t permitted;
    std::uint32_t inheritable;
  } data[2] = {};
  for (unsigned word = 0; word < 2; ++word) {
    data[word].effective = static_cast<std::uint32_t>((wanted.effective & known) >> (32 * word));
    data[word].permitted = static_cast<std::uint32_t>((wanted.permitted & known) >> (32 * word));
    data[word].inheritable = static_cast<std::uint32_t>((wanted.inheritable & known) >> (32 * word));
  }
  raw::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL);
  long outcome = raw::capset(&header, data);
  if (outcome < 0) return fail(container, LaunchStep::Capabilities, outcome, "capset");
  for (unsigned capability = 0; capability <= kMaxCapability; ++capability) {
    if (!has_bit(wanted.ambient & known, capability)) continue;
    outcome = raw::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability);
    if (outcome < 0) {
      FixedText<32> object;
      object.add("ambient capability ").add_number(capability);
      return fail(container, LaunchStep::Capabilities, outcome, object.text());
    }
  }
  return true;
}

bool set_no_new_privs(Container& container) {
  if (!container.plan->no_new_privs) return true;
  const long outcome = raw::prctl(PR_SET_NO_NEW_PRIVS, 1);
  return outcome < 0 ? fail(container, LaunchStep::NoNewPrivs, outcome, "prctl") : true;
}

bool mark_fds(Container& container) {
  const long outcome = raw::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
  if (outcome < 0) return fail(container, LaunchStep::CloseFds, outcome, "close_range");
  for (const auto& inherited : container.plan->inherited_fds) {
    const long kept = raw::fcntl(static_cast<int>(inherited.container_fd), F_SETFD, 0);
    if (kept < 0) return fail(container, LaunchStep::CloseFds, kept, "fcntl");
  }
  return true;
}

bool load_seccomp(Container& container) {
  const auto& filter = container.plan->seccomp;
  if (filter.count == 0) return true;
  sock_fprog program{};
  program.len = static_cast<unsigned short>(filter.count);
  program.filter = filter.items;
  const long outcome = raw::seccomp(SECCOMP_SET_MODE_FILTER, container.plan->seccomp_flags, &program);
  return outcome < 0 ? fail(container, LaunchStep::Seccomp, outcome, "filter") : true;
}

}  // namespace tepui::launcher

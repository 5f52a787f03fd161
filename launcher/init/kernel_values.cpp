// Values written to /proc: sysctls and the oom score. Through a proc of our own that is mounted nowhere, so that nothing
// lying over /proc can redirect the write (CVE-2025-52881).
#include <cerrno>

#include "launcher/init/container.hpp"
#include "launcher/init/words.hpp"
#include "lib/linux/raw_sys.hpp"

namespace tepui::launcher {
namespace {

/// Returns a descriptor of a fresh proc or -errno.
long open_private_proc() {
  const long context = raw::fsopen("proc");
  if (context < 0) return context;
  long outcome = raw::fsconfig(static_cast<int>(context), FSCONFIG_CMD_CREATE, nullptr, nullptr);
  if (outcome == 0) outcome = raw::fsmount(static_cast<int>(context), 0);
  raw::close(static_cast<int>(context));
  return outcome;
}

/// Returns 0 or -errno.
long write_value(const char* path, const char* value, std::size_t size) {
  const long proc = open_private_proc();
  if (proc < 0) return proc;
  const long file = raw::openat2(static_cast<int>(proc), path, O_WRONLY, RESOLVE_BENEATH | RESOLVE_NO_XDEV);
  raw::close(static_cast<int>(proc));
  if (file < 0) return file;
  const long written = raw::write(static_cast<int>(file), value, size);
  raw::close(static_cast<int>(file));
  if (written < 0) return written;
  return static_cast<std::size_t>(written) == size ? 0 : -EIO;
}

}  // namespace

bool write_sysctls(Container& container) {
  for (const auto& sysctl : container.plan->sysctl) {
    FixedText<512> path;
    path.add("sys/");
    for (std::uint32_t i = 0; i < sysctl.name.size; ++i) {
      const char c = sysctl.name.data[i];
      path.add(c == '.' ? '/' : c);
    }
    const long outcome = path.is_cut() ? -ENAMETOOLONG : write_value(path.text(), sysctl.value.data, sysctl.value.size);
    if (outcome < 0) return fail(container, LaunchStep::Sysctl, outcome, sysctl.name.data);
  }
  return true;
}

bool set_oom_score(Container& container) {
  if (!container.plan->has_oom_score_adj) return true;
  FixedText<16> value;
  value.add_signed(container.plan->oom_score_adj);
  const long outcome = write_value("self/oom_score_adj", value.text(), value.size());
  return outcome < 0 ? fail(container, LaunchStep::OomScoreAdj, outcome, value.text()) : true;
}

}  // namespace tepui::launcher

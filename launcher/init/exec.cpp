// The last step: the command is found and executed.
#include <cerrno>

#include "launcher/init/container.hpp"
#include "launcher/init/words.hpp"
#include "lib/linux/raw_sys.hpp"

namespace tepui::launcher {
namespace {

constexpr const char* kDefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

const char* search_path(const TextList& env) {
  for (const char* entry : env) {
    if (begins_with(entry, "PATH=")) return entry + 5;
  }
  return kDefaultPath;
}

bool has_slash(const char* text) {
  for (; *text != '\0'; ++text) {
    if (*text == '/') return true;
  }
  return false;
}

/// Tries each directory of PATH. Returns -EACCES if one had it and none could be executed, else the last errno.
long search_and_execute(const PlanView& plan, const char* name) {
  long outcome = -ENOENT;
  bool is_forbidden = false;
  const char* path = search_path(plan.env);
  while (true) {
    const char* end = path;
    while (*end != '\0' && *end != ':') ++end;
    FixedText<4096> candidate;
    candidate.add(path, static_cast<std::size_t>(end - path));
    if (candidate.size() > 0) candidate.add('/');  // an empty entry is the working directory
    candidate.add(name);
    if (!candidate.is_cut()) {
      outcome = raw::execve(candidate.text(), plan.argv.items, plan.env.items);
      if (outcome == -EACCES) is_forbidden = true;
      const bool goes_on = outcome == -ENOENT || outcome == -ENOTDIR || outcome == -EACCES || outcome == -ELOOP ||
                           outcome == -ENAMETOOLONG || outcome == -ESTALE || outcome == -ENODEV;
      if (!goes_on) return outcome;
    }
    if (*end == '\0') break;
    path = end + 1;
  }
  return is_forbidden ? -EACCES : -ENOENT;
}

}  // namespace

void execute(Container& container) {
  const PlanView& plan = *container.plan;
  const char* name = plan.executable.is_empty() ? plan.argv.items[0] : plan.executable.data;
  const long outcome =
      has_slash(name) ? raw::execve(name, plan.argv.items, plan.env.items) : search_and_execute(plan, name);
  fail(container, LaunchStep::Exec, outcome, name);
}

}  // namespace tepui::launcher

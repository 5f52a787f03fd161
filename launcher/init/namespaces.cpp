// Namespaces that are joined, the cgroup namespace, and the hostname.
#include "launcher/init/container.hpp"
#include "launcher/init/words.hpp"
#include "lib/linux/raw_sys.hpp"

namespace tepui::launcher {

bool join_namespaces(Container& container) {
  for (const auto& entry : container.plan->namespaces) {
    const std::uint64_t kind = clone_flag_of(entry.kind);
    // The pid namespace was joined by the shim: it takes effect for children alone.
    if (entry.join == PlanView::kNone || kind == CLONE_NEWPID) continue;
    const long outcome = raw::setns(kFirstPlanFd + static_cast<int>(entry.join), static_cast<int>(kind));
    if (outcome < 0) {
      FixedText<32> object;
      object.add("namespace ").add_number(entry.kind);
      return fail(container, LaunchStep::JoinNamespace, outcome, object.text());
    }
  }
  return true;
}

bool unshare_cgroup_namespace(Container& container) {
  // Only now: the namespace's root is the cgroup a process sits in when it is made, and on v1 the parked child was moved.
  if ((container.plan->new_namespaces() & CLONE_NEWCGROUP) == 0) return true;
  const long outcome = raw::unshare(CLONE_NEWCGROUP);
  return outcome < 0 ? fail(container, LaunchStep::CgroupNamespace, outcome, "unshare") : true;
}

bool set_hostname(Container& container) {
  const Text name = container.plan->hostname;
  if (name.is_empty()) return true;
  const long outcome = raw::sethostname(name.data, name.size);
  return outcome < 0 ? fail(container, LaunchStep::Hostname, outcome, name.data) : true;
}

}  // namespace tepui::launcher

// linux/seccomp: a filter of system calls for every container, from a profile in Docker's format. The profile is read and
// compiled once, when the agent starts; what cannot be read or compiled keeps the agent from starting.
#include <dlfcn.h>
#include <fcntl.h>

#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "isolators/linux_seccomp/profile.hpp"
#include "lib/base/try.hpp"
#include "lib/linux/sys.hpp"
#include "tepui/sdk/isolator.hpp"

namespace tepui::isolators {
namespace {

using sdk::Container;
using sdk::Status;

/// The folder that this very code was loaded from.
std::string own_folder() {
  static const int anchor = 0;
  Dl_info info{};
  if (::dladdr(&anchor, &info) == 0 || info.dli_fname == nullptr) return ".";
  const std::string path(info.dli_fname);
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash);
}

/// build/PRESET/modules, and <prefix>/lib/tepui/modules.
Result<std::string> find_default_profile() {
  const std::string folder = own_folder();
  for (const char* relative : {"../share/tepui/seccomp/default.json", "../../../share/tepui/seccomp/default.json"}) {
    std::string path = fmt::format("{}/{}", folder, relative);
    TEPUI_ASSIGN(const bool is_there, sys::exists_at(AT_FDCWD, path));
    if (is_there) return path;
  }
  return Error(ErrorCode::NotFound, fmt::format("find the default seccomp profile beside \"{}\"", folder))
      .with_hint("pass the module's parameter profile=/path/to/profile.json");
}

struct Filters {
  sys::SeccompFilter for_root;
  sys::SeccompFilter for_others;
};

Result<Filters> load_filters(const std::string& wanted) {
  std::string path = wanted;
  if (path.empty()) {
    TEPUI_ASSIGN(path, find_default_profile());
  }
  const std::string context = fmt::format("use seccomp profile \"{}\"", path);
  TEPUI_ASSIGN(const std::string text, sys::read_file(path, kMaxProfileBytes), context);
  TEPUI_ASSIGN(const SeccompProfile profile, parse_seccomp_profile(text), context);
  TEPUI_ASSIGN(const ProfileHost host, ProfileHost::read(), context);
  Filters filters;
  TEPUI_ASSIGN(filters.for_root, sys::compile_seccomp(choose_rules(profile, host, sys::usual_capabilities())), context);
  TEPUI_ASSIGN(filters.for_others, sys::compile_seccomp(choose_rules(profile, host, 0)), context);
  return filters;
}

/// Stateless after create: a filter goes with its container.
class LinuxSeccomp final : public sdk::Isolator {
 public:
  static Status create(sdk::Host, const sdk::Config& config, std::unique_ptr<Isolator>& out) {
    if (Status s = config.allow_only({"profile"}); !s.ok()) return s;
    auto filters = load_filters(config.text("profile", ""));
    if (!filters) return filters.error();
    out = std::make_unique<LinuxSeccomp>(std::move(*filters));
    return {};
  }
  explicit LinuxSeccomp(Filters filters) : filters_(std::move(filters)) {}

  Status prepare(const Container& container, sdk::LaunchPlan& plan) override {
    const sys::SeccompFilter& filter = container.uid() == 0 ? filters_.for_root : filters_.for_others;
    if (Status s = plan.set_no_new_privs(); !s.ok()) return s;
    const std::string_view bytes = filter.bytes();
    return plan.set_seccomp_filter({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
  }

 private:
  Filters filters_;
};

}  // namespace
}  // namespace tepui::isolators

TEPUI_ISOLATOR_MODULE(tepui::isolators::LinuxSeccomp, "linux/seccomp", "0.1.0",
                      "filters system calls by a profile in Docker's format")

// The rules themselves; the two parsers call them with their own context.
#include "lib/modules/module_config_rules.hpp"

#include <fmt/format.h>

namespace tepui::modules {

Result<void> check_module_name(std::string_view name) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./";
  if (name.empty() || name.size() > 128 || name.find_first_not_of(kAllowed) != std::string_view::npos ||
      name.front() == '/' || name.front() == '.' || name.find("..") != std::string_view::npos) {
    return Error(ErrorCode::InvalidArgument, fmt::format("read module name '{}': not a name", name.substr(0, 128)));
  }
  return ok();
}

Result<void> check_module_host(std::string_view module, std::string_view host) {
  if (host.empty() || host == "inline") return ok();
  if (host == "process") {
    return Error(ErrorCode::Unimplemented,
                 fmt::format("use host 'process' for module '{}': only 'inline' is offered so far", module));
  }
  return Error(ErrorCode::InvalidArgument, fmt::format("use host '{}' for module '{}': it is 'inline' or 'process'", host, module));
}

Result<void> check_module_path(std::string_view file) {
  if (file.empty() || file.front() != '/') {
    return Error(ErrorCode::InvalidArgument, fmt::format("read module file \"{}\": not an absolute path", file));
  }
  return ok();
}

}  // namespace tepui::modules

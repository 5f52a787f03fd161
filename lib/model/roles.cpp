// Role names: the rule, component by component.
#include "lib/model/roles.hpp"

#include <fmt/format.h>

namespace tepui {

Result<void> check_role(std::string_view role) {
  const auto refuse = [role](std::string_view why) {
    return Error(ErrorCode::InvalidArgument, fmt::format("check role '{}': {}", role, why));
  };
  if (role == "*") return ok();
  if (role.empty()) return refuse("it is empty");
  if (role.front() == '/') return refuse("it starts with a slash");
  if (role.back() == '/') return refuse("it ends with a slash");
  for (const char c : role) {
    if (c == ' ' || (c >= '\t' && c <= '\r') || c == '\b' || c == '\x7f') return refuse("it has whitespace or backspace");
  }
  std::string_view rest = role;
  for (;;) {
    const auto slash = rest.find('/');
    const std::string_view component = rest.substr(0, slash);
    if (component.empty()) return refuse("it has two slashes in a row");
    if (component == "." || component == "..") return refuse("a component is '.' or '..'");
    if (component == "*") return refuse("a component is '*'");
    if (component.front() == '-') return refuse("a component starts with '-'");
    if (slash == std::string_view::npos) return ok();
    rest.remove_prefix(slash + 1);
  }
}

bool is_strict_ancestor_role(std::string_view ancestor, std::string_view role) {
  return role.size() > ancestor.size() && role.substr(0, ancestor.size()) == ancestor && role[ancestor.size()] == '/';
}

}  // namespace tepui

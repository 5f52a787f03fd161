#include "isolators/linux_seccomp/profile.hpp"

#include <sys/utsname.h>

#include <algorithm>
#include <array>
#include <cstdio>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "lib/base/try.hpp"

namespace tepui::isolators {
namespace {

namespace json = boost::json;
using Compare = sys::SeccompArgument::Compare;
using Kind = sys::SeccompAction::Kind;

Error wrong(std::string what) { return {ErrorCode::InvalidArgument, fmt::format("read seccomp profile: {}", what)}; }

Result<void> allow_members(const json::object& object, std::initializer_list<std::string_view> known, const char* where) {
  for (const auto& member : object) {
    const std::string_view key(member.key().data(), member.key().size());
    if (std::find(known.begin(), known.end(), key) == known.end()) {
      return wrong(fmt::format("unknown member \"{}\" in {}", key, where));
    }
  }
  return ok();
}

Result<std::string> read_text(const json::value& value, const char* what) {
  if (!value.is_string()) return wrong(fmt::format("{} is not a text", what));
  return std::string(value.as_string());
}

Result<std::uint64_t> read_number(const json::value& value, const char* what) {
  if (value.is_uint64()) return value.as_uint64();
  if (value.is_int64() && value.as_int64() >= 0) return static_cast<std::uint64_t>(value.as_int64());
  return wrong(fmt::format("{} is not a whole number from 0", what));
}

Result<std::vector<std::string>> read_texts(const json::value& value, const char* what) {
  std::vector<std::string> texts;
  if (value.is_null()) return texts;
  if (!value.is_array()) return wrong(fmt::format("{} is not a list", what));
  for (const json::value& entry : value.as_array()) {
    TEPUI_ASSIGN(std::string text, read_text(entry, what));
    texts.push_back(std::move(text));
  }
  return texts;
}

Result<sys::SeccompAction> read_action(const json::value& value, const json::value* errno_value, const char* what) {
  TEPUI_ASSIGN(const std::string name, read_text(value, what));
  sys::SeccompAction action;
  constexpr std::array<std::pair<std::string_view, Kind>, 7> kKinds = {{{"SCMP_ACT_ALLOW", Kind::Allow},
                                                                       {"SCMP_ACT_ERRNO", Kind::Error},
                                                                       {"SCMP_ACT_KILL", Kind::KillThread},
                                                                       {"SCMP_ACT_KILL_THREAD", Kind::KillThread},
                                                                       {"SCMP_ACT_KILL_PROCESS", Kind::KillProcess},
                                                                       {"SCMP_ACT_TRAP", Kind::Trap},
                                                                       {"SCMP_ACT_LOG", Kind::Log}}};
  const auto found = std::find_if(kKinds.begin(), kKinds.end(), [&](const auto& entry) { return entry.first == name; });
  if (found == kKinds.end()) return wrong(fmt::format("unknown action \"{}\" in {}", name, what));
  action.kind = found->second;
  action.value = action.kind == Kind::Error ? std::uint16_t{1} : std::uint16_t{0};
  if (errno_value != nullptr && action.kind == Kind::Error) {
    TEPUI_ASSIGN(const std::uint64_t number, read_number(*errno_value, "errnoRet"));
    if (number > 4095) return wrong("errnoRet is above 4095");
    action.value = static_cast<std::uint16_t>(number);
  }
  return action;
}

/// "SCMP_ARCH_X86_64" as libseccomp says it. "SCMP_ARCH_NATIVE" is the machine's own.
Result<std::string> read_architecture(const std::string& name) {
  constexpr std::string_view kPrefix = "SCMP_ARCH_";
  if (!name.starts_with(kPrefix)) return wrong(fmt::format("unknown architecture \"{}\"", name));
  std::string word = name.substr(kPrefix.size());
  std::transform(word.begin(), word.end(), word.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (word == "native") return sys::native_seccomp_architecture();
  // Others exist that this libseccomp does not know: their programs cannot run here.
  if (!sys::is_seccomp_architecture(word)) return std::string();
  return word;
}

Result<void> add_architectures(const std::vector<std::string>& names, std::vector<std::string>& out) {
  for (const std::string& name : names) {
    TEPUI_ASSIGN(std::string word, read_architecture(name));
    if (!word.empty() && std::find(out.begin(), out.end(), word) == out.end()) out.push_back(std::move(word));
  }
  return ok();
}

/// archMap: the entry of this machine's architecture names the others that its programs may have.
Result<void> read_arch_map(const json::value& value, std::vector<std::string>& out) {
  if (!value.is_array()) return wrong("archMap is not a list");
  for (const json::value& entry : value.as_array()) {
    if (!entry.is_object()) return wrong("archMap holds something that is no object");
    const json::object& object = entry.as_object();
    TEPUI_TRY(allow_members(object, {"architecture", "subArchitectures"}, "archMap"));
    const json::value* main = object.if_contains("architecture");
    if (main == nullptr) return wrong("archMap without architecture");
    TEPUI_ASSIGN(const std::string name, read_text(*main, "architecture"));
    TEPUI_ASSIGN(const std::string word, read_architecture(name));
    if (word != sys::native_seccomp_architecture()) continue;
    const json::value* others = object.if_contains("subArchitectures");
    if (others == nullptr) continue;
    TEPUI_ASSIGN(const std::vector<std::string> names, read_texts(*others, "subArchitectures"));
    TEPUI_TRY(add_architectures(names, out));
  }
  return ok();
}

Result<Compare> read_operator(const std::string& name) {
  constexpr std::array<std::pair<std::string_view, Compare>, 7> kOperators = {
      {{"SCMP_CMP_NE", Compare::NotEqual},
       {"SCMP_CMP_LT", Compare::Less},
       {"SCMP_CMP_LE", Compare::LessOrEqual},
       {"SCMP_CMP_EQ", Compare::Equal},
       {"SCMP_CMP_GE", Compare::GreaterOrEqual},
       {"SCMP_CMP_GT", Compare::Greater},
       {"SCMP_CMP_MASKED_EQ", Compare::MaskedEqual}}};
  for (const auto& [word, compare] : kOperators) {
    if (word == name) return compare;
  }
  return wrong(fmt::format("unknown operator \"{}\"", name));
}

Result<sys::SeccompArgument> read_argument(const json::value& value) {
  if (!value.is_object()) return wrong("args holds something that is no object");
  const json::object& object = value.as_object();
  TEPUI_TRY(allow_members(object, {"index", "value", "valueTwo", "op"}, "args"));
  sys::SeccompArgument argument;
  if (const json::value* index = object.if_contains("index")) {
    TEPUI_ASSIGN(const std::uint64_t number, read_number(*index, "index"));
    if (number > 5) return wrong("an argument's index is above 5");
    argument.index = static_cast<unsigned>(number);
  }
  if (const json::value* first = object.if_contains("value")) {
    TEPUI_ASSIGN(argument.value, read_number(*first, "value"));
  }
  if (const json::value* second = object.if_contains("valueTwo")) {
    TEPUI_ASSIGN(argument.value_two, read_number(*second, "valueTwo"));
  }
  const json::value* op = object.if_contains("op");
  if (op == nullptr) return wrong("an argument without op");
  TEPUI_ASSIGN(const std::string name, read_text(*op, "op"));
  TEPUI_ASSIGN(argument.compare, read_operator(name));
  return argument;
}

Result<ProfileCondition> read_condition(const json::object& group, const char* which) {
  ProfileCondition condition;
  const json::value* value = group.if_contains(which);
  if (value == nullptr || value->is_null()) return condition;
  if (!value->is_object()) return wrong(fmt::format("{} is not an object", which));
  const json::object& object = value->as_object();
  TEPUI_TRY(allow_members(object, {"arches", "caps", "minKernel"}, which));
  if (const json::value* arches = object.if_contains("arches")) {
    TEPUI_ASSIGN(condition.architectures, read_texts(*arches, "arches"));
  }
  if (const json::value* caps = object.if_contains("caps")) {
    TEPUI_ASSIGN(const std::vector<std::string> names, read_texts(*caps, "caps"));
    auto set = sys::capability_set(names);
    if (!set) return set.error().wrap("read seccomp profile");
    condition.capabilities = *set;
  }
  if (const json::value* kernel = object.if_contains("minKernel")) {
    TEPUI_ASSIGN(const std::string text, read_text(*kernel, "minKernel"));
    std::pair<unsigned, unsigned> version;
    if (std::sscanf(text.c_str(), "%u.%u", &version.first, &version.second) != 2) {
      return wrong(fmt::format("minKernel \"{}\" is not like 4.8", text));
    }
    condition.min_kernel = version;
  }
  return condition;
}

Result<ProfileGroup> read_group(const json::value& value) {
  if (!value.is_object()) return wrong("syscalls holds something that is no object");
  const json::object& object = value.as_object();
  TEPUI_TRY(allow_members(object, {"name", "names", "action", "errnoRet", "errno", "args", "comment", "includes", "excludes"},
                          "syscalls"));
  ProfileGroup group;
  if (const json::value* names = object.if_contains("names")) {
    TEPUI_ASSIGN(group.names, read_texts(*names, "names"));
  }
  if (const json::value* name = object.if_contains("name"); name != nullptr && *name != json::value("")) {
    TEPUI_ASSIGN(std::string only, read_text(*name, "name"));
    group.names.push_back(std::move(only));
  }
  if (group.names.empty()) return wrong("a rule without names");
  const json::value* action = object.if_contains("action");
  if (action == nullptr) return wrong(fmt::format("the rule for \"{}\" has no action", group.names[0]));
  TEPUI_ASSIGN(group.action, read_action(*action, object.if_contains("errnoRet"), "syscalls"));
  const json::value* arguments = object.if_contains("args");
  if (arguments != nullptr && !arguments->is_null()) {
    if (!arguments->is_array()) return wrong("args is not a list");
    for (const json::value& entry : arguments->as_array()) {
      TEPUI_ASSIGN(const sys::SeccompArgument argument, read_argument(entry));
      group.arguments.push_back(argument);
    }
  }
  TEPUI_ASSIGN(group.includes, read_condition(object, "includes"));
  TEPUI_ASSIGN(group.excludes, read_condition(object, "excludes"));
  return group;
}

Result<SeccompProfile> read_profile(const json::object& object) {
  TEPUI_TRY(allow_members(object, {"comment", "defaultAction", "defaultErrnoRet", "defaultErrno", "architectures", "archMap",
                                   "syscalls", "flags"}, "the profile"));
  SeccompProfile profile;
  const json::value* action = object.if_contains("defaultAction");
  if (action == nullptr) return wrong("no defaultAction");
  TEPUI_ASSIGN(profile.default_action, read_action(*action, object.if_contains("defaultErrnoRet"), "defaultAction"));
  if (const json::value* architectures = object.if_contains("architectures")) {
    TEPUI_ASSIGN(const std::vector<std::string> names, read_texts(*architectures, "architectures"));
    TEPUI_TRY(add_architectures(names, profile.architectures));
  }
  if (const json::value* map = object.if_contains("archMap"); map != nullptr && !map->is_null()) {
    TEPUI_TRY(read_arch_map(*map, profile.architectures));
  }
  const json::value* syscalls = object.if_contains("syscalls");
  if (syscalls == nullptr || !syscalls->is_array()) return wrong("no list of syscalls");
  for (const json::value& entry : syscalls->as_array()) {
    TEPUI_ASSIGN(ProfileGroup group, read_group(entry));
    profile.groups.push_back(std::move(group));
  }
  const bool confines = std::any_of(profile.groups.begin(), profile.groups.end(),
                                    [](const ProfileGroup& group) { return group.action.kind != Kind::Allow; });
  if (profile.default_action.kind == Kind::Allow && !confines) return wrong("it allows everything");
  return profile;
}

bool is_met(const ProfileCondition& condition, const ProfileHost& host, sys::CapabilitySet capabilities) {
  const auto& arches = condition.architectures;
  if (!arches.empty() && std::find(arches.begin(), arches.end(), host.architecture) == arches.end()) return false;
  if ((condition.capabilities & ~capabilities) != 0) return false;
  return !condition.min_kernel || std::pair(host.kernel_major, host.kernel_minor) >= *condition.min_kernel;
}

bool is_excluded(const ProfileCondition& condition, const ProfileHost& host, sys::CapabilitySet capabilities) {
  const auto& arches = condition.architectures;
  if (std::find(arches.begin(), arches.end(), host.architecture) != arches.end()) return true;
  if ((condition.capabilities & capabilities) != 0) return true;
  return condition.min_kernel && std::pair(host.kernel_major, host.kernel_minor) >= *condition.min_kernel;
}

}  // namespace

Result<SeccompProfile> parse_seccomp_profile(std::string_view text) {
  if (text.size() > kMaxProfileBytes) return wrong(fmt::format("more than {} bytes", kMaxProfileBytes));
  boost::system::error_code failure;
  const json::value document = json::parse(json::string_view(text.data(), text.size()), failure);
  if (failure) return wrong(failure.message());
  if (!document.is_object()) return wrong("not an object");
  return read_profile(document.as_object());
}

Result<ProfileHost> ProfileHost::read() {
  ProfileHost host;
  utsname name{};
  if (::uname(&name) != 0) return Error(ErrorCode::Internal, "uname");
  if (std::sscanf(name.release, "%u.%u", &host.kernel_major, &host.kernel_minor) != 2) {
    return Error(ErrorCode::Internal, fmt::format("read kernel version \"{}\"", name.release));
  }
  const std::string native = sys::native_seccomp_architecture();
  host.architecture = native == "x86_64" ? "amd64" : "arm64";
  return host;
}

sys::SeccompRules choose_rules(const SeccompProfile& profile, const ProfileHost& host, sys::CapabilitySet capabilities) {
  sys::SeccompRules rules{
      .default_action = profile.default_action, .architectures = profile.architectures, .rules = {}};
  for (const ProfileGroup& group : profile.groups) {
    if (!is_met(group.includes, host, capabilities) || is_excluded(group.excludes, host, capabilities)) continue;
    for (const std::string& name : group.names) rules.rules.push_back({name, group.action, group.arguments});
  }
  return rules;
}

}  // namespace tepui::isolators

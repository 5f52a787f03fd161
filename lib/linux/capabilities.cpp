#include "lib/linux/capabilities.hpp"

#include <linux/capability.h>
#include <sys/capability.h>
#include <sys/prctl.h>

#include <cctype>

#include <fmt/format.h>

namespace tepui::sys {
namespace {

constexpr int kMaxCapability = 63;

CapabilitySet bit(int capability) { return CapabilitySet{1} << static_cast<unsigned>(capability); }

}  // namespace

std::optional<int> capability_of_name(std::string_view name) {
  std::string lower;
  for (const char c : name) lower += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (!lower.starts_with("cap_")) lower = "cap_" + lower;
  // cap_from_name also reads bare numbers; names alone are wanted here.
  if (lower.find_first_of("0123456789") != std::string::npos) return std::nullopt;
  cap_value_t value = 0;
  if (::cap_from_name(lower.c_str(), &value) != 0) return std::nullopt;
  return value;
}

std::string capability_name(int capability) {
  char* name = ::cap_to_name(capability);
  std::string upper;
  if (name != nullptr && std::string_view(name).starts_with("cap_")) {
    for (const char* c = name; *c != '\0'; ++c) upper += static_cast<char>(std::toupper(static_cast<unsigned char>(*c)));
  } else {
    upper = fmt::format("CAP_{}", capability);
  }
  ::cap_free(name);
  return upper;
}

Result<CapabilitySet> capability_set(const std::vector<std::string>& names) {
  CapabilitySet set = 0;
  for (const std::string& name : names) {
    const std::optional<int> capability = capability_of_name(name);
    if (!capability) return Error(ErrorCode::InvalidArgument, fmt::format("read capability \"{}\": unknown", name));
    set |= bit(*capability);
  }
  return set;
}

CapabilitySet all_capabilities() {
  CapabilitySet set = 0;
  for (int capability = 0; capability <= kMaxCapability; ++capability) {
    if (::prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0) set |= bit(capability);
  }
  return set;
}

CapabilitySet usual_capabilities() {
  return bit(CAP_CHOWN) | bit(CAP_DAC_OVERRIDE) | bit(CAP_FOWNER) | bit(CAP_FSETID) | bit(CAP_KILL) | bit(CAP_SETGID) |
         bit(CAP_SETUID) | bit(CAP_SETPCAP) | bit(CAP_NET_BIND_SERVICE) | bit(CAP_SYS_CHROOT) | bit(CAP_SETFCAP);
}

Result<CapabilitySet> read_bounding_set() {
  CapabilitySet set = 0;
  for (int capability = 0; capability <= kMaxCapability; ++capability) {
    if (::prctl(PR_CAPBSET_READ, capability, 0, 0, 0) == 1) set |= bit(capability);
  }
  return set;
}

}  // namespace tepui::sys

#include "lib/base/fault.hpp"

#include <csignal>
#include <cstdlib>
#include <mutex>
#include <string_view>

#include <unistd.h>

namespace tepui::detail {

void reach_fault_point(const char* name) {
  static const char* const wanted = std::getenv("TEPUI_FAULT");
  if (wanted == nullptr) return;
  const std::string_view text(wanted);
  const auto at = text.rfind('@');
  const std::string_view point = text.substr(0, at);
  if (point != name) return;
  const int count = at == std::string_view::npos ? 1 : std::atoi(wanted + at + 1);
  static std::mutex mutex;
  static int reached = 0;
  const std::lock_guard lock(mutex);
  if (++reached >= count) ::kill(::getpid(), SIGKILL);
}

}  // namespace tepui::detail

#include "cli/settings.hpp"

#include <unistd.h>

#include <cstdlib>
#include <string_view>

#include <fmt/format.h>

namespace tepui::cli {
namespace {

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

}  // namespace

Settings Settings::from_environment() {
  Settings settings;
  if (const auto master = environment("TEPUI_MASTER"); !master.empty()) {
    settings.master = master;
    settings.is_master_given = true;
  }
  if (environment("TEPUI_OUTPUT") == "json") settings.output = OutputFormat::Json;
  return settings;
}

bool is_progress_welcome() { return ::isatty(STDERR_FILENO) == 1 && environment("TERM") != "dumb"; }

bool is_color_welcome() { return environment("NO_COLOR").empty() && is_progress_welcome(); }

void print_error(const std::string& message) {
  if (is_color_welcome()) {
    fmt::print(stderr, "\x1b[31mtepui:\x1b[0m {}\n", message);
  } else {
    fmt::print(stderr, "tepui: {}\n", message);
  }
}

}  // namespace tepui::cli

// Settings: what every verb of the command line shares.
#pragma once

#include <string>

namespace tepui::cli {

enum class OutputFormat { Table, Json };

/// Filled from flags, then the environment, then defaults.
struct Settings {
  /// HOST:PORT of the master; flag --master, TEPUI_MASTER, 127.0.0.1:5050.
  std::string master = "127.0.0.1:5050";
  /// Whether --master or TEPUI_MASTER said so: `run` makes its own cluster otherwise.
  bool is_master_given = false;
  OutputFormat output = OutputFormat::Table;

  /// Reads TEPUI_MASTER and TEPUI_OUTPUT.
  static Settings from_environment();
};

/// Whether standard error is a terminal on which progress and colour are welcome (NO_COLOR non-empty forbids colour).
bool is_progress_welcome();
bool is_color_welcome();

/// Prints `error` to standard error as `tepui: …`.
void print_error(const std::string& message);

/// Exit codes of every verb but `run`, whose codes are a container command's (see run.cpp).
inline constexpr int kExitOk = 0;
inline constexpr int kExitFailure = 1;
inline constexpr int kExitUsage = 2;
/// `tepui run`: our own failure, the command cannot be invoked, the command was not found, and 128 + signal number.
inline constexpr int kExitOurError = 125;
inline constexpr int kExitCannotInvoke = 126;
inline constexpr int kExitNotFound = 127;
inline constexpr int kExitSignalBase = 128;

}  // namespace tepui::cli

// A verb of the command line: each file of this folder that is named after one adds itself to the program here.
#pragma once

#include <functional>
#include <string>

#include "cli/settings.hpp"
#include "lib/async/async.hpp"

namespace CLI {
class App;
}

namespace tepui::cli {

/// Set by the verb that was chosen; main() runs it on a loop and ends with its exit code. An Error is printed, and is exit
/// code 1 (`run` maps its own errors to 125).
using Action = std::function<Async<int>()>;

/// Each adds its subcommand to `app`; when the user chose it, `action` is set after parsing. Both outlive the parse.
void add_run(CLI::App& app, Settings& settings, Action& action);
void add_local(CLI::App& app, Settings& settings, Action& action);
void add_task(CLI::App& app, Settings& settings, Action& action);
void add_agent(CLI::App& app, Settings& settings, Action& action);
void add_framework(CLI::App& app, Settings& settings, Action& action);
void add_module(CLI::App& app, Settings& settings, Action& action);

/// Adds --master and -o to a subcommand that asks a cluster.
void add_cluster_options(CLI::App& verb, Settings& settings);
/// Adds -o alone.
void add_output_option(CLI::App& verb, Settings& settings);

/// Prints `value` as one indented JSON text and a newline on standard output.
void print_json(const std::string& compact_json);

}  // namespace tepui::cli

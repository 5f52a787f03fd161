// tepui: the command line. Chooses the verb, runs it on a loop, and turns its outcome into an exit code.
#include <cstdio>
#include <exception>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/settings.hpp"
#include "cli/verb.hpp"
#include "cli/version.hpp"
#include "lib/async/event_loop.hpp"
#include "lib/async/task_group.hpp"

namespace {

constexpr const char* kExamples = R"(Examples:
  tepui run -- echo hello                        a task in a container of its own
  tepui run --cpus 0.5 --mem 64 --instances 3 -- sh -c 'echo $MESOS_TASK_ID'
  tepui local                                    a cluster in the foreground
  tepui task ls -o json                          what runs on the cluster of --master or TEPUI_MASTER
)";

/// The first word that no verb took; empty when every word has its place.
std::string unknown_verb(const CLI::App& app, const CLI::ParseError& error) {
  if (dynamic_cast<const CLI::RequiredError*>(&error) == nullptr) return {};
  for (const std::string& word : app.remaining(true)) {
    if (!word.starts_with('-')) return word;
  }
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  using namespace tepui::cli;
  CLI::App app("Tepui: runs tasks in isolated containers on a cluster that speaks the Mesos v1 API.", "tepui");
  app.set_version_flag("--version", std::string("tepui ") + kVersion);
  app.require_subcommand(1);
  app.footer(kExamples);
  Settings settings = Settings::from_environment();
  Action action;
  add_run(app, settings, action);
  add_local(app, settings, action);
  add_task(app, settings, action);
  add_agent(app, settings, action);
  add_framework(app, settings, action);
  add_module(app, settings, action);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (const std::string word = unknown_verb(app, error); !word.empty()) {
      print_error(fmt::format("there is no verb '{}' (hint: --help names them)", word));
      return kExitUsage;
    }
    if (app.exit(error) == 0) return kExitOk;
    return app.got_subcommand("run") ? kExitOurError : kExitUsage;
  }
  tepui::EventLoop loop;
  const auto outcome = tepui::block_on(loop, action());
  if (outcome) return *outcome;
  print_error(outcome.error().to_string());
  return kExitFailure;
}

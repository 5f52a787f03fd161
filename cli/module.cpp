// tepui module inspect
#include <filesystem>
#include <memory>

#include <CLI/CLI.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/table.hpp"
#include "cli/verb.hpp"
#include "lib/base/try.hpp"
#include "lib/modules/module_check.hpp"

namespace tepui::cli {
namespace {

boost::json::array to_json(const std::vector<std::string>& texts) {
  boost::json::array array;
  for (const std::string& text : texts) array.emplace_back(text);
  return array;
}

void print_report(const Settings& settings, const modules::ModuleReport& report) {
  const std::string abi = fmt::format("{}.{}", report.manifest.abi_major, report.manifest.abi_minor);
  if (settings.output == OutputFormat::Json) {
    const boost::json::object object = {{"file", report.file},
                                        {"size_bytes", report.size_bytes},
                                        {"owner_uid", report.owner_uid},
                                        {"mode", fmt::format("{:04o}", report.mode)},
                                        {"name", report.manifest.name},
                                        {"version", report.manifest.version},
                                        {"description", report.manifest.description},
                                        {"abi", abi},
                                        {"interfaces", to_json(report.manifest.interfaces)},
                                        {"needed", to_json(report.elf.needed)}};
    print_json(boost::json::serialize(object));
    return;
  }
  const auto print_line = [](const char* key, const std::string& value) { fmt::print("{:<12} {}\n", key, printable(value)); };
  print_line("file", report.file);
  print_line("name", report.manifest.name);
  print_line("version", report.manifest.version);
  print_line("description", report.manifest.description);
  print_line("abi", abi);
  print_line("interfaces", fmt::format("{}", fmt::join(report.manifest.interfaces, ", ")));
  print_line("needs", fmt::format("{}", fmt::join(report.elf.needed, ", ")));
  print_line("size", fmt::format("{} bytes", report.size_bytes));
  print_line("owner", fmt::format("uid {}, mode {:04o}", report.owner_uid, report.mode));
}

Async<int> inspect(Settings settings, std::string file) {
  TEPUI_CO_ASSIGN(const modules::ModuleReport report, modules::inspect_module(file));
  print_report(settings, report);
  co_return kExitOk;
}

}  // namespace

void add_module(CLI::App& app, Settings& settings, Action& action) {
  CLI::App* module = app.add_subcommand("module", "Isolator modules");
  module->require_subcommand(1);
  const auto file = std::make_shared<std::string>();
  CLI::App* verb = module->add_subcommand("inspect", "Check a module's file and print its manifest, from a child process");
  verb->add_option("FILE", *file, "the .so")->required();
  add_output_option(*verb, settings);
  verb->callback([&action, &settings, file] {
    action = [&settings, file] { return inspect(settings, std::filesystem::absolute(*file).lexically_normal().string()); };
  });
}

}  // namespace tepui::cli

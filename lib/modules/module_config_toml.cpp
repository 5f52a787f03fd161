// Our own module configuration: [[module]] tables with name, file, host and parameters.
#include <optional>

#include <fmt/format.h>
#include <toml++/toml.h>

#include "lib/base/try.hpp"
#include "lib/modules/module_config.hpp"
#include "lib/modules/module_config_rules.hpp"

namespace tepui::modules {
namespace {

Error invalid(std::string why) { return {ErrorCode::InvalidArgument, std::move(why)}; }

/// Parameters are text to a module; numbers and booleans are written as TOML writes them.
Result<std::string> parameter_text(const toml::node& node, std::string_view where) {
  if (auto text = node.value_exact<std::string>()) return *text;
  if (auto flag = node.value_exact<bool>()) return std::string(*flag ? "true" : "false");
  if (auto whole = node.value_exact<std::int64_t>()) return fmt::format("{}", *whole);
  if (auto real = node.value_exact<double>()) return fmt::format("{}", *real);
  return invalid(fmt::format("read '{}': neither text nor number nor boolean", where));
}

Result<std::string> text_in(const toml::table& table, std::string_view key, std::string_view where) {
  const toml::node* node = table.get(key);
  if (node == nullptr) return std::string();
  if (auto text = node->value_exact<std::string>()) return *text;
  return invalid(fmt::format("read '{}.{}': not a string", where, key));
}

Result<ModuleEntry> read_module(const toml::table& table, const std::string& where) {
  for (const auto& [key, node] : table) {
    if (key != "name" && key != "file" && key != "host" && key != "parameters") {
      return invalid(fmt::format("read '{}': no such field '{}'", where, key.str()));
    }
  }
  ModuleEntry entry;
  TEPUI_ASSIGN(entry.name, text_in(table, "name", where));
  TEPUI_TRY(check_module_name(entry.name), fmt::format("read '{}'", where));
  TEPUI_ASSIGN(entry.file, text_in(table, "file", where));
  if (!entry.file.empty()) {
    TEPUI_TRY(check_module_path(entry.file), fmt::format("read '{}.file'", where));
  }
  TEPUI_ASSIGN(const std::string host, text_in(table, "host", where));
  TEPUI_TRY(check_module_host(entry.name, host));
  if (const toml::node* parameters = table.get("parameters"); parameters != nullptr) {
    if (!parameters->is_table()) return invalid(fmt::format("read '{}.parameters': not a table", where));
    for (const auto& [key, node] : *parameters->as_table()) {
      const std::string name(key.str());
      TEPUI_ASSIGN(entry.parameters[name], parameter_text(node, fmt::format("{}.parameters.{}", where, name)));
    }
  }
  return entry;
}

/// The system's toml++ is built to throw; nothing of it goes further than here.
Result<toml::table> parse_text(std::string_view text) {
  try {
    return toml::parse(text);
  } catch (const toml::parse_error& failure) {
    return invalid(fmt::format("parse TOML: line {}: {}", failure.source().begin.line, failure.description()));
  }
}

}  // namespace

Result<std::vector<ModuleEntry>> parse_module_toml(std::string_view text, std::string_view origin) {
  const std::string context = fmt::format("read module configuration \"{}\"", origin);
  TEPUI_ASSIGN(const toml::table parsed, parse_text(text), context);
  std::vector<ModuleEntry> entries;
  for (const auto& [key, node] : parsed) {
    if (key != "module" || !node.is_array_of_tables()) {
      return invalid(fmt::format("read '{}': only [[module]] tables are known here", key.str())).wrap(context);
    }
    const toml::array& modules = *node.as_array();
    for (std::size_t i = 0; i < modules.size(); ++i) {
      TEPUI_ASSIGN(ModuleEntry entry, read_module(*modules[i].as_table(), fmt::format("module[{}]", i)), context);
      entries.push_back(std::move(entry));
    }
  }
  return entries;
}

}  // namespace tepui::modules

// Mesos's module manifest, {"libraries":[{"file"|"name":…, "modules":[{"name":…, "parameters":[{"key":…,"value":…}]}]}]},
// with one addition of ours in a module: "host". Source: Mesos docs/modules.md (behaviour).
#include <boost/json.hpp>
#include <fmt/format.h>

#include "lib/base/try.hpp"
#include "lib/modules/module_config.hpp"
#include "lib/modules/module_config_rules.hpp"

namespace tepui::modules {
namespace {

namespace json = boost::json;

Error invalid(std::string why) { return {ErrorCode::InvalidArgument, std::move(why)}; }

Result<const json::object*> object_of(const json::value& value, std::string_view where) {
  if (!value.is_object()) return invalid(fmt::format("read '{}': not an object", where));
  return &value.as_object();
}

/// An empty array when the field is missing.
Result<const json::array*> array_in(const json::object& object, std::string_view key, std::string_view where) {
  static const json::array kNone;
  const json::value* value = object.if_contains(key);
  if (value == nullptr) return &kNone;
  if (!value->is_array()) return invalid(fmt::format("read '{}.{}': not an array", where, key));
  return &value->as_array();
}

/// Empty text when the field is missing.
Result<std::string> text_in(const json::object& object, std::string_view key, std::string_view where) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr) return std::string();
  if (!value->is_string()) return invalid(fmt::format("read '{}.{}': not a string", where, key));
  return std::string(value->as_string());
}

Result<ModuleEntry> read_module(const json::value& value, const std::string& file, const std::string& where) {
  TEPUI_ASSIGN(const json::object* object, object_of(value, where));
  ModuleEntry entry;
  entry.file = file;
  TEPUI_ASSIGN(entry.name, text_in(*object, "name", where));
  TEPUI_TRY(check_module_name(entry.name), fmt::format("read '{}'", where));
  TEPUI_ASSIGN(const std::string host, text_in(*object, "host", where));
  TEPUI_TRY(check_module_host(entry.name, host));
  TEPUI_ASSIGN(const json::array* parameters, array_in(*object, "parameters", where));
  for (std::size_t i = 0; i < parameters->size(); ++i) {
    const std::string here = fmt::format("{}.parameters[{}]", where, i);
    TEPUI_ASSIGN(const json::object* parameter, object_of((*parameters)[i], here));
    TEPUI_ASSIGN(const std::string key, text_in(*parameter, "key", here));
    TEPUI_ASSIGN(const std::string text, text_in(*parameter, "value", here));
    if (key.empty()) return invalid(fmt::format("read '{}': no key", here));
    if (!entry.parameters.emplace(key, text).second) return invalid(fmt::format("read '{}': '{}' comes twice", here, key));
  }
  return entry;
}

Result<void> read_library(const json::value& value, const std::string& where, std::vector<ModuleEntry>& entries) {
  TEPUI_ASSIGN(const json::object* object, object_of(value, where));
  TEPUI_ASSIGN(std::string file, text_in(*object, "file", where));
  TEPUI_ASSIGN(const std::string name, text_in(*object, "name", where));
  if (file.empty() && !name.empty()) {
    return invalid(fmt::format("read '{}.name': a library is named by its file", where)).with_hint("say \"file\": \"/path/x.so\"");
  }
  if (!file.empty()) {
    TEPUI_TRY(check_module_path(file), fmt::format("read '{}.file'", where));
  }
  TEPUI_ASSIGN(const json::array* modules, array_in(*object, "modules", where));
  for (std::size_t i = 0; i < modules->size(); ++i) {
    TEPUI_ASSIGN(ModuleEntry entry, read_module((*modules)[i], file, fmt::format("{}.modules[{}]", where, i)));
    entries.push_back(std::move(entry));
  }
  return ok();
}

}  // namespace

Result<std::vector<ModuleEntry>> parse_module_json(std::string_view text, std::string_view origin) {
  const std::string context = fmt::format("read module configuration \"{}\"", origin);
  boost::system::error_code failure;
  const json::value parsed = json::parse({text.data(), text.size()}, failure);
  if (failure) return invalid(fmt::format("parse JSON: {}", failure.message())).wrap(context);
  TEPUI_ASSIGN(const json::object* top, object_of(parsed, "(top)"), context);
  TEPUI_ASSIGN(const json::array* libraries, array_in(*top, "libraries", "(top)"), context);
  if (top->if_contains("libraries") == nullptr) return invalid("read 'libraries': it is missing").wrap(context);
  std::vector<ModuleEntry> entries;
  for (std::size_t i = 0; i < libraries->size(); ++i) {
    TEPUI_TRY(read_library((*libraries)[i], fmt::format("libraries[{}]", i), entries), context);
  }
  return entries;
}

}  // namespace tepui::modules

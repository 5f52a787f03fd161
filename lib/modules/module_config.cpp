// The flags' side: which files are read, in which order, and what may not come twice. Shapes: module_config_json.cpp,
// module_config_toml.cpp.
#include "lib/modules/module_config.hpp"

#include <fcntl.h>

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "lib/base/try.hpp"
#include "lib/linux/sys.hpp"

namespace tepui::modules {
namespace {

constexpr std::size_t kMaxConfigBytes = 1U << 20U;

Error invalid(std::string why) { return {ErrorCode::InvalidArgument, std::move(why)}; }

std::string_view trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const auto begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

Result<std::vector<ModuleEntry>> read_config_file(const std::string& path) {
  TEPUI_ASSIGN(const std::string text, sys::read_file(path, kMaxConfigBytes), fmt::format("read module configuration \"{}\"", path));
  return path.ends_with(".toml") ? parse_module_toml(text, path) : parse_module_json(text, path);
}

Result<std::vector<ModuleEntry>> read_modules_flag(const std::string& value) {
  const std::string_view text = trim(value);
  if (text.starts_with('{')) return parse_module_json(text, "--modules");
  constexpr std::string_view kScheme = "file://";
  return read_config_file(std::string(text.starts_with(kScheme) ? text.substr(kScheme.size()) : text));
}

Result<std::vector<ModuleEntry>> read_config_folder(const std::string& folder) {
  const std::string context = fmt::format("read module folder \"{}\"", folder);
  TEPUI_ASSIGN(UniqueFd directory, sys::open_directory_at(AT_FDCWD, folder), context);
  TEPUI_ASSIGN(std::vector<std::string> names, sys::list_directory(directory.borrow()), context);
  std::sort(names.begin(), names.end());
  std::vector<ModuleEntry> all;
  for (const auto& name : names) {
    if (!name.ends_with(".json") && !name.ends_with(".toml")) continue;
    TEPUI_ASSIGN(std::vector<ModuleEntry> entries, read_config_file(fmt::format("{}/{}", folder, name)));
    all.insert(all.end(), entries.begin(), entries.end());
  }
  return all;
}

Result<void> add_entries(ModuleSelection& selection, std::vector<ModuleEntry> entries) {
  for (auto& entry : entries) {
    const bool is_known = std::any_of(selection.entries.begin(), selection.entries.end(),
                                      [&](const auto& known) { return known.name == entry.name; });
    if (is_known) return invalid(fmt::format("read the module configuration: module '{}' is named twice", entry.name));
    selection.entries.push_back(std::move(entry));
  }
  return ok();
}

}  // namespace

std::vector<std::string> default_module_folders() {
  const auto program = sys::read_link_at(AT_FDCWD, "/proc/self/exe");
  if (!program) return {};
  const std::string folder = program->substr(0, program->rfind('/'));
  return {folder + "/../modules", folder + "/../lib/tepui/modules"};
}

Result<ModuleSelection> parse_module_selection(const ModuleFlags& flags) {
  ModuleSelection selection;
  if (!flags.modules.empty()) {
    TEPUI_ASSIGN(std::vector<ModuleEntry> entries, read_modules_flag(flags.modules));
    TEPUI_TRY(add_entries(selection, std::move(entries)));
  }
  if (!flags.modules_dir.empty()) {
    TEPUI_ASSIGN(std::vector<ModuleEntry> entries, read_config_folder(flags.modules_dir));
    TEPUI_TRY(add_entries(selection, std::move(entries)));
    selection.folders.push_back(flags.modules_dir);
  }
  const auto& folders = flags.module_folders.empty() ? default_module_folders() : flags.module_folders;
  selection.folders.insert(selection.folders.end(), folders.begin(), folders.end());
  TEPUI_ASSIGN(selection.isolation, parse_isolation(flags.isolation));
  return selection;
}

Result<std::vector<std::string>> parse_isolation(std::string_view text) {
  std::vector<std::string> names;
  if (trim(text).empty()) return names;
  std::set<std::string, std::less<>> seen;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::string_view name = trim(text.substr(begin, end - begin));
    begin = end + 1;
    if (name.empty()) return invalid(fmt::format("read --isolation '{}': an empty name", text));
    if (!seen.emplace(name).second) return invalid(fmt::format("read --isolation '{}': '{}' is named twice", text, name));
    names.emplace_back(name);
  }
  return names;
}

}  // namespace tepui::modules

// Looking only, nothing here loads.
#include "lib/modules/module_catalog.hpp"

#include <fcntl.h>

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "lib/base/try.hpp"
#include "lib/linux/sys.hpp"
#include "lib/modules/module_config_rules.hpp"

namespace tepui::modules {
namespace {

constexpr std::string_view kSuffix = ".so";

/// Levenshtein's distance.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row.back();
}

Error not_found(const ModuleSelection& selection, std::string_view name) {
  const auto available = available_modules(selection);
  Error error(ErrorCode::NotFound,
              available.empty()
                  ? fmt::format("find isolator '{}': no modules in {}", name, fmt::join(selection.folders, ", "))
                  : fmt::format("find isolator '{}': available are {}", name, fmt::join(available, ", ")));
  auto nearest = std::min_element(available.begin(), available.end(), [&](const auto& a, const auto& b) {
    return edit_distance(a, name) < edit_distance(b, name);
  });
  if (nearest == available.end() || edit_distance(*nearest, name) > std::max<std::size_t>(2, name.size() / 3)) return error;
  return error.with_hint(fmt::format("did you mean '{}'?", *nearest));
}

}  // namespace

std::string module_file_name(std::string_view name) {
  std::string file(name);
  std::replace(file.begin(), file.end(), '/', '-');
  return file + std::string(kSuffix);
}

std::vector<std::string> available_modules(const ModuleSelection& selection) {
  std::set<std::string> names;
  for (const auto& entry : selection.entries) names.insert(entry.name);
  for (const auto& folder : selection.folders) {
    const auto directory = sys::open_directory_at(AT_FDCWD, folder);
    if (!directory) continue;
    const auto files = sys::list_directory(directory->borrow());
    if (!files) continue;
    for (std::string file : *files) {
      if (!file.ends_with(kSuffix)) continue;
      file.resize(file.size() - kSuffix.size());
      if (const auto dash = file.find('-'); dash != std::string::npos) file[dash] = '/';
      names.insert(file);
    }
  }
  return {names.begin(), names.end()};
}

Result<ModuleEntry> find_module(const ModuleSelection& selection, std::string_view name) {
  TEPUI_TRY(check_module_name(name));
  ModuleEntry found;
  found.name = name;
  for (const auto& entry : selection.entries) {
    if (entry.name == name) found = entry;
  }
  if (!found.file.empty()) return found;
  for (const auto& folder : selection.folders) {
    const std::string file = fmt::format("{}/{}", folder, module_file_name(name));
    TEPUI_ASSIGN(const bool is_there, sys::exists_at(AT_FDCWD, file), fmt::format("find isolator '{}'", name));
    if (!is_there) continue;
    found.file = file;
    return found;
  }
  return not_found(selection, name);
}

}  // namespace tepui::modules

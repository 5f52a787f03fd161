// Cutting text at a separator: shared by the text forms of resources, attributes and ranges.
#pragma once

#include <string_view>
#include <vector>

namespace tepui {

/// Without blanks, tabs and newlines at both ends.
inline std::string_view trim_text(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

/// The trimmed pieces between separators: one more than there are separators.
inline std::vector<std::string_view> split_text(std::string_view text, char separator) {
  std::vector<std::string_view> pieces;
  for (;;) {
    const auto at = text.find(separator);
    pieces.push_back(trim_text(text.substr(0, at)));
    if (at == std::string_view::npos) return pieces;
    text.remove_prefix(at + 1);
  }
}

}  // namespace tepui

// Table: rows of text in aligned columns, as `tepui … ls` prints them.
#pragma once

#include <string>
#include <vector>

namespace tepui::cli {

/// Columns are as wide as their widest cell, two spaces apart; the last column is not padded. Control characters of cells,
/// which strangers choose (task names), are printed as `?`: no escape sequence reaches the terminal.
class Table {
 public:
  /// `headers` are printed in capitals as given. A column whose header begins with '>' is aligned to the right.
  explicit Table(std::vector<std::string> headers);
  /// As many cells as there are columns.
  void add_row(std::vector<std::string> cells);
  /// The header line and one line per row, each ended by a newline.
  [[nodiscard]] std::string format() const;

 private:
  std::vector<std::string> headers_;
  std::vector<bool> is_right_aligned_;
  std::vector<std::vector<std::string>> rows_;
};

/// The text with control characters replaced by '?'.
std::string printable(const std::string& text);

/// 1536 MiB -> "1.5 GiB"; for people.
std::string format_mebibytes(double mebibytes);

}  // namespace tepui::cli

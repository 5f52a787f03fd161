#include "cli/table.hpp"

#include <algorithm>
#include <cassert>

#include <fmt/format.h>

namespace tepui::cli {
namespace {

/// Columns on a terminal: UTF-8 continuation bytes take none.
std::size_t display_width(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }));
}

}  // namespace

std::string printable(const std::string& text) {
  std::string clean = text;
  for (char& character : clean) {
    const auto byte = static_cast<unsigned char>(character);
    if (byte < 0x20 || byte == 0x7f) character = '?';
  }
  return clean;
}

std::string format_mebibytes(double mebibytes) {
  if (mebibytes >= 1024) return fmt::format("{:.1f} GiB", mebibytes / 1024);
  return fmt::format("{:.0f} MiB", mebibytes);
}

Table::Table(std::vector<std::string> headers) : headers_(std::move(headers)) {
  for (std::string& header : headers_) {
    is_right_aligned_.push_back(header.starts_with('>'));
    if (is_right_aligned_.back()) header.erase(0, 1);
  }
}

void Table::add_row(std::vector<std::string> cells) {
  assert(cells.size() == headers_.size());
  for (std::string& cell : cells) cell = printable(cell);
  rows_.push_back(std::move(cells));
}

std::string Table::format() const {
  std::vector<std::size_t> widths;
  for (std::size_t column = 0; column < headers_.size(); ++column) {
    std::size_t width = display_width(headers_[column]);
    for (const auto& row : rows_) width = std::max(width, display_width(row[column]));
    widths.push_back(width);
  }
  const auto format_line = [&](const std::vector<std::string>& cells) {
    std::string line;
    for (std::size_t column = 0; column < cells.size(); ++column) {
      const std::string padding(widths[column] - display_width(cells[column]), ' ');
      const bool is_last = column + 1 == cells.size();
      line += is_right_aligned_[column] ? padding + cells[column] : cells[column] + (is_last ? "" : padding);
      if (!is_last) line += "  ";
    }
    return line + "\n";
  };
  std::string text = format_line(headers_);
  for (const auto& row : rows_) text += format_line(row);
  return text;
}

}  // namespace tepui::cli

#include "lib/linux/mountinfo.hpp"

#include <charconv>

#include <fmt/format.h>

#include "lib/base/try.hpp"
#include "lib/linux/sys.hpp"

namespace tepui::sys {
namespace {

bool is_octal(char c) { return c >= '0' && c <= '7'; }

std::string unescape(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 3 < text.size() && is_octal(text[i + 1]) && is_octal(text[i + 2]) &&
        is_octal(text[i + 3])) {
      plain += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0'));
      i += 3;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

std::string_view take_word(std::string_view& rest) {
  const std::size_t end = rest.find(' ');
  const std::string_view word = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return word;
}

bool parse_number(std::string_view word, std::uint64_t& out) {
  const auto outcome = std::from_chars(word.data(), word.data() + word.size(), out);
  return outcome.ec == std::errc{} && outcome.ptr == word.data() + word.size();
}

bool parse_line(std::string_view rest, MountInfo& mount) {
  if (!parse_number(take_word(rest), mount.id) || !parse_number(take_word(rest), mount.parent_id)) return false;
  take_word(rest);  // major:minor
  mount.root = unescape(take_word(rest));
  mount.target = unescape(take_word(rest));
  mount.options = take_word(rest);
  while (true) {
    if (rest.empty()) return false;
    const std::string_view word = take_word(rest);
    if (word == "-") break;
    mount.propagation.emplace_back(word);
  }
  mount.fstype = unescape(take_word(rest));
  mount.source = unescape(take_word(rest));
  mount.super_options = take_word(rest);
  return !mount.fstype.empty();
}

}  // namespace

Result<std::vector<MountInfo>> parse_mountinfo(std::string_view text) {
  std::vector<MountInfo> mounts;
  for (int number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    MountInfo mount;
    if (!parse_line(line, mount)) {
      return Error(ErrorCode::DataLoss, fmt::format("parse mountinfo line {}", number));
    }
    mounts.push_back(std::move(mount));
  }
  return mounts;
}

Result<std::vector<MountInfo>> read_mountinfo(const std::string& path) {
  TEPUI_ASSIGN(const std::string text, read_file(path));
  auto mounts = parse_mountinfo(text);
  if (!mounts) return mounts.error().wrap(fmt::format("read \"{}\"", path));
  return mounts;
}

}  // namespace tepui::sys

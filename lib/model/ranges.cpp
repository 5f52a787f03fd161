// Ranges: set arithmetic over inclusive ranges; careful at 2^64 - 1, where end + 1 does not exist.
#include "lib/model/ranges.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

#include <fmt/format.h>

#include "lib/base/try.hpp"
#include "lib/model/text_pieces.hpp"

namespace tepui {
namespace {

Result<std::uint64_t> parse_end(std::string_view text, std::string_view range) {
  std::uint64_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code == std::errc::result_out_of_range) {
    return Error(ErrorCode::InvalidArgument, fmt::format("read range '{}': '{}' is 2^64 or more", range, text));
  }
  if (code != std::errc() || end != text.data() + text.size()) {
    return Error(ErrorCode::InvalidArgument, fmt::format("read range '{}': '{}' is not a number", range, text));
  }
  return value;
}

Result<Range> parse_range(std::string_view text) {
  const auto dash = text.find('-');
  if (dash == std::string_view::npos) {
    return Error(ErrorCode::InvalidArgument, fmt::format("read range '{}': expected BEGIN-END", text));
  }
  TEPUI_ASSIGN(const std::uint64_t begin, parse_end(trim_text(text.substr(0, dash)), text));
  TEPUI_ASSIGN(const std::uint64_t end, parse_end(trim_text(text.substr(dash + 1)), text));
  return Range{begin, end};
}

}  // namespace

Result<Ranges> Ranges::from(std::vector<Range> ranges) {
  for (const Range& range : ranges) {
    if (range.begin > range.end) {
      return Error(ErrorCode::InvalidArgument,
                   fmt::format("read range '{}-{}': its begin is after its end", range.begin, range.end));
    }
  }
  std::sort(ranges.begin(), ranges.end());
  Ranges result;
  for (const Range& range : ranges) {
    if (!result.list_.empty()) {
      Range& last = result.list_.back();
      if (last.end == std::numeric_limits<std::uint64_t>::max() || range.begin <= last.end + 1) {
        last.end = std::max(last.end, range.end);
        continue;
      }
    }
    result.list_.push_back(range);
  }
  return result;
}

Result<Ranges> Ranges::parse(std::string_view text) {
  const std::string_view whole = trim_text(text);
  if (whole.size() < 2 || whole.front() != '[' || whole.back() != ']') {
    return Error(ErrorCode::InvalidArgument, fmt::format("read ranges '{}': expected [BEGIN-END,…]", text));
  }
  std::string_view rest = trim_text(whole.substr(1, whole.size() - 2));
  std::vector<Range> ranges;
  while (!rest.empty()) {
    const auto comma = rest.find(',');
    TEPUI_ASSIGN(Range range, parse_range(trim_text(rest.substr(0, comma))));
    ranges.push_back(range);
    if (comma == std::string_view::npos) break;
    rest = trim_text(rest.substr(comma + 1));
    if (rest.empty()) {
      return Error(ErrorCode::InvalidArgument, fmt::format("read ranges '{}': it ends with a comma", text));
    }
  }
  return from(std::move(ranges));
}

std::uint64_t Ranges::count() const {
  std::uint64_t sum = 0;
  for (const Range& range : list_) {
    const std::uint64_t span = range.end - range.begin;
    if (span == std::numeric_limits<std::uint64_t>::max() ||
        sum > std::numeric_limits<std::uint64_t>::max() - span - 1) {
      return std::numeric_limits<std::uint64_t>::max();
    }
    sum += span + 1;
  }
  return sum;
}

bool Ranges::contains(const Ranges& other) const {
  auto mine = list_.begin();
  for (const Range& range : other.list_) {
    while (mine != list_.end() && mine->end < range.begin) ++mine;
    if (mine == list_.end() || mine->begin > range.begin || mine->end < range.end) return false;
  }
  return true;
}

bool Ranges::intersects(const Ranges& other) const {
  auto a = list_.begin();
  auto b = other.list_.begin();
  while (a != list_.end() && b != other.list_.end()) {
    if (a->end < b->begin) {
      ++a;
    } else if (b->end < a->begin) {
      ++b;
    } else {
      return true;
    }
  }
  return false;
}

Ranges Ranges::first(std::uint64_t n) const {
  Ranges result;
  for (const Range& range : list_) {
    if (n == 0) break;
    const std::uint64_t span = range.end - range.begin;
    if (span < n) {
      result.list_.push_back(range);
      n -= span + 1;
    } else {
      result.list_.push_back({range.begin, range.begin + (n - 1)});
      n = 0;
    }
  }
  return result;
}

std::string Ranges::format() const {
  std::string text = "[";
  for (const Range& range : list_) {
    if (text.size() > 1) text += ',';
    text += fmt::format("{}-{}", range.begin, range.end);
  }
  return text + "]";
}

Ranges operator+(const Ranges& a, const Ranges& b) {
  std::vector<Range> all = a.list_;
  all.insert(all.end(), b.list_.begin(), b.list_.end());
  return *Ranges::from(std::move(all));
}

Ranges operator-(const Ranges& a, const Ranges& b) {
  Ranges result;
  auto cut = b.list_.begin();
  for (Range range : a.list_) {
    bool is_used_up = false;
    while (cut != b.list_.end() && cut->end < range.begin) ++cut;
    for (auto c = cut; c != b.list_.end() && c->begin <= range.end; ++c) {
      if (c->begin > range.begin) result.list_.push_back({range.begin, c->begin - 1});
      if (c->end >= range.end) {
        is_used_up = true;
        break;
      }
      range.begin = c->end + 1;
    }
    if (!is_used_up) result.list_.push_back(range);
  }
  return result;
}

}  // namespace tepui

#include "api/json_text.hpp"

#include <cmath>
#include <iterator>
#include <utility>

#include <fmt/format.h>

namespace tepui::api {
namespace {

/// Bytes of the well-formed UTF-8 sequence at the start of `text`, 0 if there is none. Source: RFC 3629, section 4.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  const std::size_t length = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  if (length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0U) != 0x80U) return 0;
  }
  // Overlong forms, surrogates, and what lies above U+10FFFF.
  if (first == 0xe0 && byte(1) < 0xa0) return 0;
  if (first == 0xed && byte(1) > 0x9f) return 0;
  if (first == 0xf0 && byte(1) < 0x90) return 0;
  if (first == 0xf4 && byte(1) > 0x8f) return 0;
  return length;
}

}  // namespace

void append_json_text(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    const char character = text.front();
    if (length == 0) {
      out += "\xef\xbf\xbd";
    } else if (length > 1) {
      out += text.substr(0, length);
    } else {
      switch (character) {
        case '"': out += "\\\""; break;
        case '\\': out += "\\\\"; break;
        case '\n': out += "\\n"; break;
        case '\r': out += "\\r"; break;
        case '\t': out += "\\t"; break;
        default:
          if (static_cast<unsigned char>(character) < 0x20 || character == 0x7f) {
            fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(character));
          } else {
            out += character;
          }
      }
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  out += '"';
}

void append_json_number(std::string& out, double value) {
  if (!std::isfinite(value)) {
    out += std::isnan(value) ? "\"NaN\"" : value > 0 ? "\"Infinity\"" : "\"-Infinity\"";
    return;
  }
  // "5.0", not "5": readers of typed languages take a number without a point for an integer.
  const std::string text = fmt::format("{}", value);
  out += text;
  if (text.find_first_of(".e") == std::string::npos) out += ".0";
}

void JsonText::separate() {
  if (is_after_key_) {
    is_after_key_ = false;
    return;
  }
  if (has_members_.empty()) return;
  if (has_members_.back()) out_ += ',';
  has_members_.back() = true;
}

JsonText& JsonText::open(char bracket) {
  separate();
  out_ += bracket;
  has_members_.push_back(false);
  return *this;
}

JsonText& JsonText::close(char bracket) {
  out_ += bracket;
  has_members_.pop_back();
  return *this;
}

JsonText& JsonText::key(std::string_view name) {
  separate();
  append_json_text(out_, name);
  out_ += ':';
  is_after_key_ = true;
  return *this;
}

JsonText& JsonText::value(std::string_view text) {
  separate();
  append_json_text(out_, text);
  return *this;
}

JsonText& JsonText::value(bool flag) { return raw(flag ? "true" : "false"); }

JsonText& JsonText::value(double number) {
  separate();
  append_json_number(out_, number);
  return *this;
}

JsonText& JsonText::raw(std::string_view json) {
  separate();
  out_ += json;
  return *this;
}

std::string JsonText::take() { return std::exchange(out_, {}); }

}  // namespace tepui::api

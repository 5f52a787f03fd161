// Config: a module's parameters. The door carries them as a JSON object whose values are strings; nothing else is read.
#pragma once

#include <charconv>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>

#include "tepui/sdk/status.hpp"

namespace tepui::sdk {

class Config {
 public:
  /// Errors: InvalidArgument (not a JSON object of strings).
  static Status parse(std::string_view text, Config& out) { return Reader{text}.read_object(out.values_); }

  /// Errors: InvalidArgument, naming the first parameter that is not in `known`.
  [[nodiscard]] Status allow_only(std::initializer_list<std::string_view> known) const {
    for (const auto& [key, value] : values_) {
      if (std::find(known.begin(), known.end(), key) == known.end()) {
        return {TEPUI_INVALID_ARGUMENT, "read parameter '" + key + "': no such parameter"};
      }
    }
    return {};
  }
  [[nodiscard]] std::string text(std::string_view key, std::string_view otherwise) const {
    auto it = values_.find(key);
    return std::string(it == values_.end() ? otherwise : std::string_view(it->second));
  }
  /// Leaves `value` as it is when the parameter is not given. Errors: InvalidArgument (no whole number of that range).
  Status read_number(std::string_view key, std::int64_t least, std::int64_t most, std::int64_t& value) const {
    auto it = values_.find(key);
    if (it == values_.end()) return {};
    std::int64_t number = 0;
    const char* end = it->second.data() + it->second.size();
    auto [stop, failure] = std::from_chars(it->second.data(), end, number);
    if (failure != std::errc() || stop != end || number < least || number > most) {
      return {TEPUI_INVALID_ARGUMENT, "read parameter '" + std::string(key) + "': '" + it->second + "' is no whole number from " +
                                          std::to_string(least) + " to " + std::to_string(most)};
    }
    value = number;
    return {};
  }
  /// "true" or "false". Leaves `value` as it is when the parameter is not given.
  Status read_flag(std::string_view key, bool& value) const {
    auto it = values_.find(key);
    if (it == values_.end()) return {};
    if (it->second != "true" && it->second != "false") {
      return {TEPUI_INVALID_ARGUMENT,
              "read parameter '" + std::string(key) + "': '" + it->second + "' is neither true nor false"};
    }
    value = it->second == "true";
    return {};
  }
  [[nodiscard]] const std::map<std::string, std::string, std::less<>>& values() const { return values_; }

 private:
  struct Reader {
    std::string_view rest;
    Status bad() const { return {TEPUI_INVALID_ARGUMENT, "read the module's parameters: not a JSON object of strings"}; }
    void skip_space() {
      while (!rest.empty() && std::string_view(" \t\r\n").find(rest.front()) != std::string_view::npos) rest.remove_prefix(1);
    }
    bool take(char c) {
      skip_space();
      if (rest.empty() || rest.front() != c) return false;
      rest.remove_prefix(1);
      return true;
    }
    Status read_object(std::map<std::string, std::string, std::less<>>& out) {
      if (!take('{')) return bad();
      if (!take('}')) {
        do {
          std::string key;
          std::string value;
          if (!read_string(key) || !take(':') || !read_string(value)) return bad();
          out.insert_or_assign(std::move(key), std::move(value));
        } while (take(','));
        if (!take('}')) return bad();
      }
      skip_space();
      return rest.empty() ? Status() : bad();
    }
    bool read_string(std::string& out) {
      if (!take('"')) return false;
      while (!rest.empty() && rest.front() != '"') {
        if (rest.front() != '\\') {
          out += rest.front();
          rest.remove_prefix(1);
        } else if (!read_escape(out)) {
          return false;
        }
      }
      return take('"');
    }
    /// The host escapes only control characters, '"' and '\\'; \u beyond U+00FF never comes.
    bool read_escape(std::string& out) {
      if (rest.size() < 2) return false;
      const char kind = rest[1];
      rest.remove_prefix(2);
      constexpr std::string_view kLetters = "\"\\/bfnrt";
      constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
      if (auto at = kLetters.find(kind); at != std::string_view::npos) {
        out += kMeanings[at];
        return true;
      }
      unsigned code = 0;
      if (kind != 'u' || rest.size() < 4) return false;
      auto [stop, failure] = std::from_chars(rest.data(), rest.data() + 4, code, 16);
      if (failure != std::errc() || stop != rest.data() + 4 || code > 0x7f) return false;
      out += static_cast<char>(code);
      rest.remove_prefix(4);
      return true;
    }
  };
  std::map<std::string, std::string, std::less<>> values_;
};

}  // namespace tepui::sdk

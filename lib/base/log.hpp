// Log: events, not prose. Only daemons and programs log, and once, where they decide what a failure means.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>

#include "lib/base/error.hpp"

namespace tepui::log {

/// error: someone must act. warn: degraded, continuing. info: life-cycle facts. debug: decisions with their inputs.
enum class Level { Debug, Info, Warn, Error };
enum class Format { Text, JsonLines };

/// One key and its value. Fixed keys of the field: framework task executor agent container isolator offer.
struct Field {
  std::string_view key;
  std::string value;
  bool is_quoted = true;  // false for numbers and booleans, which JSON lines write bare

  Field(std::string_view k, std::string_view v) : key(k), value(v) {}
  Field(std::string_view k, const std::string& v) : key(k), value(v) {}
  Field(std::string_view k, const char* v) : key(k), value(v) {}
  Field(std::string_view k, const tepui::Error& v) : key(k), value(v.to_string()) {}
  Field(std::string_view k, bool v) : key(k), value(v ? "true" : "false"), is_quoted(false) {}
  template <class T>
    requires(std::is_arithmetic_v<T> && !std::same_as<T, bool>)
  Field(std::string_view k, T v) : key(k), value(std::to_string(v)), is_quoted(false) {}
};

/// Chooses level and format for this process; call once at start. Without it: info, text. Output is standard error.
void configure(Level level, Format format);
/// "debug", "info", "warn" or "error"; false and no change for anything else.
[[nodiscard]] bool try_parse_level(std::string_view text, Level& out);

/// `message` is constant, lower case, past tense for facts: info("container started", {{"container", id}, {"pid", pid}}).
/// Control characters in values are escaped. Any thread.
void debug(std::string_view message, std::initializer_list<Field> fields = {});
void info(std::string_view message, std::initializer_list<Field> fields = {});
void warn(std::string_view message, std::initializer_list<Field> fields = {});
void error(std::string_view message, std::initializer_list<Field> fields = {});

/// The line as it would be written, without time and level: for tests of the escaping.
std::string format_for_test(Format format, std::string_view message, std::initializer_list<Field> fields);

}  // namespace tepui::log

#include "lib/base/log.hpp"

#include <atomic>

#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace tepui::log {
namespace {

std::atomic<Format> chosen_format = Format::Text;

spdlog::logger& logger() {
  static const auto instance = [] {
    auto made = std::make_shared<spdlog::logger>("tepui", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %L %v", spdlog::pattern_time_type::utc);
    made->flush_on(spdlog::level::debug);
    return made;
  }();
  return *instance;
}

spdlog::level::level_enum to_spdlog(Level level) {
  switch (level) {
    case Level::Debug: return spdlog::level::debug;
    case Level::Info: return spdlog::level::info;
    case Level::Warn: return spdlog::level::warn;
    case Level::Error: return spdlog::level::err;
  }
  return spdlog::level::info;
}

void append_escaped(std::string& out, std::string_view text) {
  for (const char character : text) {
    const auto byte = static_cast<unsigned char>(character);
    if (character == '"' || character == '\\') {
      out += '\\';
      out += character;
    } else if (character == '\n') {
      out += "\\n";
    } else if (byte < 0x20 || byte == 0x7f) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", byte);
    } else {
      out += character;
    }
  }
}

std::string format_text(std::string_view message, std::initializer_list<Field> fields) {
  std::string line;
  append_escaped(line, message);
  for (const Field& field : fields) {
    line += fmt::format(" {}=", field.key);
    const bool is_plain = !field.is_quoted || (!field.value.empty() && field.value.find_first_of(" =\"\\\t\r\n") == std::string::npos);
    if (!is_plain) line += '"';
    append_escaped(line, field.value);
    if (!is_plain) line += '"';
  }
  return line;
}

std::string format_json(std::string_view message, std::initializer_list<Field> fields) {
  std::string line = "\"message\":\"";
  append_escaped(line, message);
  line += '"';
  for (const Field& field : fields) {
    line += fmt::format(",\"{}\":", field.key);
    if (field.is_quoted) line += '"';
    append_escaped(line, field.value);
    if (field.is_quoted) line += '"';
  }
  return line;
}

void write(Level level, std::string_view message, std::initializer_list<Field> fields) {
  auto& sink = logger();
  const auto spdlog_level = to_spdlog(level);
  if (!sink.should_log(spdlog_level)) return;
  const Format format = chosen_format;
  sink.log(spdlog_level, fmt::runtime("{}"), format == Format::Text ? format_text(message, fields) : format_json(message, fields));
}

}  // namespace

void configure(Level level, Format format) {
  logger().set_level(to_spdlog(level));
  chosen_format = format;
  logger().set_pattern(format == Format::Text ? "%Y-%m-%dT%H:%M:%S.%eZ %L %v"
                                              : R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})",
                       spdlog::pattern_time_type::utc);
}

bool try_parse_level(std::string_view text, Level& out) {
  if (text == "debug") out = Level::Debug;
  else if (text == "info") out = Level::Info;
  else if (text == "warn") out = Level::Warn;
  else if (text == "error") out = Level::Error;
  else return false;
  return true;
}

void debug(std::string_view message, std::initializer_list<Field> fields) { write(Level::Debug, message, fields); }
void info(std::string_view message, std::initializer_list<Field> fields) { write(Level::Info, message, fields); }
void warn(std::string_view message, std::initializer_list<Field> fields) { write(Level::Warn, message, fields); }
void error(std::string_view message, std::initializer_list<Field> fields) { write(Level::Error, message, fields); }

std::string format_for_test(Format format, std::string_view message, std::initializer_list<Field> fields) {
  return format == Format::Text ? format_text(message, fields) : format_json(message, fields);
}

}  // namespace tepui::log

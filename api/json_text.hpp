// JsonText: writes one line of JSON front to back, for what is no protobuf message (/state, /metrics/snapshot, …).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace tepui::api {

/// Appends `text` as a JSON string with its quotes. Bytes that are no UTF-8 become U+FFFD: the line stays valid JSON.
void append_json_text(std::string& out, std::string_view text);
/// Shortest digits that read back as the same value, with a point or an exponent ("5.0"); the infinities and NaN as strings.
void append_json_number(std::string& out, double value);

/// Commas are put by the writer; the order of calls is the caller's to get right.
///
///   JsonText json;
///   json.open_object().key("cpus").value(4.0).key("ports").value("[1-2]").close_object();
///   std::string line = json.take();
class JsonText {
 public:
  JsonText& open_object() { return open('{'); }
  JsonText& close_object() { return close('}'); }
  JsonText& open_list() { return open('['); }
  JsonText& close_list() { return close(']'); }
  JsonText& key(std::string_view name);
  JsonText& value(std::string_view text);
  JsonText& value(const std::string& text) { return value(std::string_view(text)); }
  JsonText& value(const char* text) { return value(std::string_view(text)); }
  JsonText& value(bool flag);
  JsonText& value(double number);
  template <class T>
    requires(std::is_integral_v<T> && !std::is_same_v<T, bool>)
  JsonText& value(T number) {
    return raw(std::to_string(number));
  }
  /// A value that is JSON already: format_json's.
  JsonText& raw(std::string_view json);
  /// key(name) and value(…).
  template <class T>
  JsonText& member(std::string_view name, const T& of) {
    return key(name).value(of);
  }
  [[nodiscard]] std::string take();

 private:
  JsonText& open(char bracket);
  JsonText& close(char bracket);
  void separate();

  std::string out_;
  std::vector<bool> has_members_;  // one per open bracket
  bool is_after_key_ = false;
};

}  // namespace tepui::api

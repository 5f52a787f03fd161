// Headers: the fields of an HTTP message, in order, with names that compare without case.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tepui::http {

struct Header {
  std::string name;
  std::string value;
};

/// Copyable value. Lookups are linear: a message has few fields (at most 100).
class Headers {
 public:
  Headers() = default;
  Headers(std::initializer_list<Header> fields) : fields_(fields) {}

  /// Appends, whether or not the name is there already.
  void add(std::string name, std::string value);
  /// Replaces every field of that name by one.
  void set(std::string name, std::string value);
  void remove(std::string_view name);
  /// The first field of that name; nullptr when there is none. Valid until the next change.
  [[nodiscard]] const std::string* find(std::string_view name) const;
  [[nodiscard]] bool contains(std::string_view name) const { return find(name) != nullptr; }
  /// The first value, or `fallback`.
  [[nodiscard]] std::string value_or(std::string_view name, std::string_view fallback) const;
  [[nodiscard]] std::size_t count(std::string_view name) const;
  [[nodiscard]] std::size_t size() const { return fields_.size(); }
  [[nodiscard]] auto begin() const { return fields_.begin(); }
  [[nodiscard]] auto end() const { return fields_.end(); }

 private:
  std::vector<Header> fields_;
};

/// ASCII comparison without case, as field names and a few values compare.
bool equals_ignoring_case(std::string_view a, std::string_view b);

}  // namespace tepui::http

// SourceLocation: file and line of a call, taken as a default argument. std::source_location does not exist for clang 14.
#pragma once

#include <cstdint>

namespace tepui {

class SourceLocation {
 public:
  constexpr SourceLocation() = default;
  /// The place of the call when it is written as a default argument.
  static constexpr SourceLocation current(const char* file = __builtin_FILE(), std::uint32_t line = __builtin_LINE(),
                                          const char* function = __builtin_FUNCTION()) {
    SourceLocation location;
    location.file_ = file;
    location.line_ = line;
    location.function_ = function;
    return location;
  }
  [[nodiscard]] constexpr const char* file_name() const { return file_; }
  [[nodiscard]] constexpr std::uint32_t line() const { return line_; }
  [[nodiscard]] constexpr const char* function_name() const { return function_; }

 private:
  const char* file_ = "";
  const char* function_ = "";
  std::uint32_t line_ = 0;
};

}  // namespace tepui

// The few words about bytes and texts that code without a C library needs. Nothing here allocates.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tepui::launcher {

inline void copy_bytes(void* to, const void* from, std::size_t size) { __builtin_memcpy(to, from, size); }

inline std::size_t length_of(const char* text) {
  std::size_t length = 0;
  while (text[length] != '\0') ++length;
  return length;
}

inline bool begins_with(const char* text, const char* beginning) {
  while (*beginning != '\0') {
    if (*text++ != *beginning++) return false;
  }
  return true;
}

inline bool is_same(const char* a, const char* b) {
  while (*a != '\0' && *a == *b) {
    ++a;
    ++b;
  }
  return *a == *b;
}

/// A text built in a fixed buffer; what does not fit is cut, and the closing NUL is always there.
template <std::size_t Size>
class FixedText {
 public:
  FixedText& add(const char* text) {
    while (*text != '\0') add(*text++);
    return *this;
  }
  FixedText& add(const char* text, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) add(text[i]);
    return *this;
  }
  FixedText& add(char c) {
    if (length_ + 1 < Size) {
      bytes_[length_++] = c;
      bytes_[length_] = '\0';
    } else {
      is_cut_ = true;
    }
    return *this;
  }
  FixedText& add_number(std::uint64_t number) {
    char digits[20];
    std::size_t count = 0;
    do {
      digits[count++] = static_cast<char>('0' + number % 10);
      number /= 10;
    } while (number != 0);
    while (count > 0) add(digits[--count]);
    return *this;
  }
  FixedText& add_signed(std::int64_t number) {
    if (number < 0) add('-');
    return add_number(number < 0 ? ~static_cast<std::uint64_t>(number) + 1 : static_cast<std::uint64_t>(number));
  }
  [[nodiscard]] const char* text() const { return bytes_; }
  [[nodiscard]] std::size_t size() const { return length_; }
  [[nodiscard]] bool is_cut() const { return is_cut_; }

 private:
  char bytes_[Size] = {};
  std::size_t length_ = 0;
  bool is_cut_ = false;
};

}  // namespace tepui::launcher

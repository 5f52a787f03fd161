// Status: success, or a code with a message; what every function of an isolator returns.
// Header-only, C++20, nothing but the C headers and the standard library. DRAFT, as abi/draft.
#pragma once

#include <algorithm>
#include <cstring>
#include <exception>
#include <string>
#include <string_view>
#include <utility>

#include "tepui/abi/draft/types.h"

namespace tepui::sdk {

/// Anything with code(), sys_errno(), message() and cause(), as the tree's own Error has them.
template <class E>
concept ErrorLike = requires(const E& e) {
  static_cast<std::int32_t>(e.code());
  { e.sys_errno() } -> std::convertible_to<int>;
  { e.message() } -> std::convertible_to<std::string_view>;
  { e.cause() } -> std::convertible_to<const E*>;
};

/// `return {};` is success. A message is verb + object, lower case, without strerror's text: `write "cpu.shares"`.
class Status {
 public:
  Status() = default;
  Status(tepui_status code, std::string message, int sys_errno = 0)
      : code_(code), sys_errno_(sys_errno), message_(std::move(message)) {}
  /// The tree's Error, flattened to one line.
  template <ErrorLike E>
  Status(const E& error)  // NOLINT(google-explicit-constructor): lets an isolator return a mechanism's error
      : code_(static_cast<std::int32_t>(error.code())), sys_errno_(error.sys_errno()), message_(error.message()) {
    for (const E* cause = error.cause(); cause != nullptr; cause = cause->cause()) {
      message_ += ": ";
      message_ += cause->message();
    }
  }
  /// An error that the host filled in.
  Status(std::int32_t code, const tepui_error& error)
      : code_(code), sys_errno_(error.sys_errno), message_(error.message) {}

  [[nodiscard]] bool ok() const { return code_ == TEPUI_OK; }
  [[nodiscard]] std::int32_t code() const { return code_; }
  [[nodiscard]] int sys_errno() const { return sys_errno_; }
  [[nodiscard]] const std::string& message() const { return message_; }

  /// Copies into the caller-owned struct; cuts a message that is too long. Returns the code.
  std::int32_t write_to(tepui_error* error) const {
    if (ok()) return TEPUI_OK;
    error->code = code_;
    error->sys_errno = sys_errno_;
    const std::size_t size = std::min(message_.size(), sizeof error->message - 1);
    std::memcpy(error->message, message_.data(), size);
    error->message[size] = '\0';
    return code_;
  }

 private:
  std::int32_t code_ = TEPUI_OK;
  int sys_errno_ = 0;
  std::string message_;
};

/// An empty error for a call to the host.
inline tepui_error empty_error() {
  tepui_error error = {};
  error.struct_size = sizeof error;
  return error;
}

inline std::string_view view(tepui_str text) { return text.size == 0 ? std::string_view() : std::string_view(text.data, text.size); }
inline tepui_str str(std::string_view text) { return {text.data(), text.size()}; }

/// Runs `body` (returning Status) and lets no exception out: it becomes TEPUI_INTERNAL with its text.
template <class Body>
std::int32_t guard(tepui_error* error, Body&& body) noexcept {
  try {
    try {
      return body().write_to(error);
    } catch (const std::exception& e) {
      return Status(TEPUI_INTERNAL, std::string("exception in the module: ") + e.what()).write_to(error);
    } catch (...) {
      return Status(TEPUI_INTERNAL, "exception of unknown type in the module").write_to(error);
    }
  } catch (...) {
    error->code = TEPUI_RESOURCE_EXHAUSTED;
    error->message[0] = '\0';
    return TEPUI_RESOURCE_EXHAUSTED;
  }
}

}  // namespace tepui::sdk

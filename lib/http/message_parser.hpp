// MessageParser: Boost.Beast's parser behind plain types, so that Beast is compiled once. Fed with bytes, reads nothing itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "lib/base/result.hpp"
#include "lib/http/headers.hpp"

namespace tepui::http {

/// One message. A request's bytes must have passed the gates; a reply's are believed within the limits.
class MessageParser {
 public:
  enum class Kind { Request, Reply };
  struct Limits {
    std::size_t header_bytes = 64U << 10U;
    std::optional<std::uint64_t> body_bytes;  // no value: no limit
  };

  MessageParser(Kind kind, Limits limits);
  MessageParser(MessageParser&&) noexcept;
  MessageParser& operator=(MessageParser&&) noexcept;
  ~MessageParser();

  /// Takes bytes; returns how many belong to this message (all of them unless it is done). Keeps what it cannot use yet.
  /// Errors: DataLoss (no HTTP), ResourceExhausted (over a limit), InvalidArgument (chunk extensions or trailers).
  Result<std::size_t> put(std::string_view bytes);
  /// The connection ended. Errors: Unavailable (in the middle of the message).
  Result<void> put_end();
  /// The reply has no body whatever its headers say (to HEAD). Before the first put().
  void expect_no_body();

  [[nodiscard]] bool has_head() const;
  [[nodiscard]] bool is_done() const;

  // Valid once has_head().
  [[nodiscard]] int status() const;
  [[nodiscard]] const std::string& method() const;
  [[nodiscard]] const std::string& target() const;
  [[nodiscard]] const Headers& headers() const;
  [[nodiscard]] bool keeps_alive() const;
  [[nodiscard]] bool is_chunked() const;
  [[nodiscard]] std::optional<std::uint64_t> content_length() const;

  /// Bytes of the body that were decoded and not yet taken.
  [[nodiscard]] const std::string& body() const;
  std::string take_body();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tepui::http

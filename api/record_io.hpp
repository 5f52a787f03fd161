// RecordIO: the framing of every event stream: `<decimal length>\n<bytes>`, again and again.
// Source: Mesos v1 scheduler HTTP API, "RecordIO response format" (behaviour).
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "lib/base/result.hpp"

namespace tepui::api {

/// One record, framed: what one HTTP chunk carries.
std::string encode_record(std::string_view record);

/// Takes bytes as they come, in pieces of any size, and gives back whole records. Holds at most one unfinished record.
class RecordDecoder {
 public:
  /// A record longer than `limit_bytes` is refused when its length is read, before a byte of it is kept.
  explicit RecordDecoder(std::size_t limit_bytes = 64U << 20U) : limit_bytes_(limit_bytes) {}

  /// Errors: InvalidArgument (a length that is no plain decimal number), ResourceExhausted (beyond the limit).
  /// After an error the stream cannot be trusted: every further call fails the same way.
  Result<void> feed(std::string_view bytes);
  /// The next whole record, in order. A record may be empty.
  std::optional<std::string> take();
  /// Whether the bytes so far end inside a record: a stream that closes now was cut off.
  [[nodiscard]] bool is_inside_record() const { return !length_text_.empty() || is_body_; }

 private:
  Result<void> feed_length(std::string_view& bytes);

  std::size_t limit_bytes_;
  std::string length_text_;
  std::string body_;
  std::size_t body_size_ = 0;
  bool is_body_ = false;
  std::optional<Error> failure_;
  std::deque<std::string> records_;
};

}  // namespace tepui::api

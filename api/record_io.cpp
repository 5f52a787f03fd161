#include "api/record_io.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "lib/base/try.hpp"

namespace tepui::api {
namespace {

// 2^64 has 20 digits; a longer run of digits is no length anybody meant.
constexpr std::size_t kMaximumDigits = 20;

Error malformed_length(std::string_view text) {
  return Error(ErrorCode::InvalidArgument, fmt::format("read record length \"{}\": want decimal digits and a newline", text));
}

}  // namespace

std::string encode_record(std::string_view record) { return fmt::format("{}\n{}", record.size(), record); }

Result<void> RecordDecoder::feed_length(std::string_view& bytes) {
  while (!bytes.empty()) {
    const char character = bytes.front();
    bytes.remove_prefix(1);
    if (character == '\n') {
      std::size_t length = 0;
      const char* const end = length_text_.data() + length_text_.size();
      const auto [stop, failure] = std::from_chars(length_text_.data(), end, length);
      if (failure == std::errc::result_out_of_range || (stop == end && length > limit_bytes_)) {
        return Error(ErrorCode::ResourceExhausted,
                     fmt::format("read record of {} bytes: the limit is {}", length_text_, limit_bytes_));
      }
      if (length_text_.empty() || stop != end) return malformed_length(length_text_);
      length_text_.clear();
      body_size_ = length;
      is_body_ = true;
      return ok();
    }
    if (character < '0' || character > '9' || length_text_.size() == kMaximumDigits) {
      return malformed_length(length_text_);
    }
    length_text_ += character;
  }
  return ok();
}

Result<void> RecordDecoder::feed(std::string_view bytes) {
  if (failure_) return *failure_;
  while (!bytes.empty() || (is_body_ && body_size_ == 0)) {
    if (!is_body_) {
      auto length = feed_length(bytes);
      if (!length) {
        failure_ = length.error();
        return *failure_;
      }
      continue;
    }
    const std::size_t count = std::min(bytes.size(), body_size_ - body_.size());
    body_.append(bytes.substr(0, count));
    bytes.remove_prefix(count);
    if (body_.size() < body_size_) break;
    records_.push_back(std::move(body_));
    body_.clear();
    body_size_ = 0;
    is_body_ = false;
  }
  return ok();
}

std::optional<std::string> RecordDecoder::take() {
  if (records_.empty()) return std::nullopt;
  std::string record = std::move(records_.front());
  records_.pop_front();
  return record;
}

}  // namespace tepui::api

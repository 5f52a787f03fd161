// The state machine; data is skipped in blocks, everything else is looked at byte by byte.
#include "lib/http/chunk_gate.hpp"

#include <algorithm>

namespace tepui::http {

namespace {

constexpr int kMaxSizeDigits = 15;

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

bool ChunkGate::step(char c) {
  switch (at_) {
    case At::Size:
      if (const int digit = hex_digit(c); digit >= 0) {
        size_ = size_ * 16 + static_cast<std::uint64_t>(digit);
        return ++digits_ <= kMaxSizeDigits;
      }
      at_ = At::SizeLineFeed;
      return c == '\r' && digits_ > 0;
    case At::SizeLineFeed:
      announced_ += size_;
      at_ = size_ == 0 ? At::EndReturn : At::Data;
      digits_ = 0;
      return c == '\n';
    case At::DataReturn: at_ = At::DataLineFeed; return c == '\r';
    case At::DataLineFeed: at_ = At::Size; return c == '\n';
    case At::EndReturn: at_ = At::EndLineFeed; return c == '\r';
    case At::EndLineFeed: at_ = At::End; return c == '\n';
    case At::Data:
    case At::End: break;
  }
  return false;
}

ChunkGate::Verdict ChunkGate::put(std::string_view bytes, std::size_t& consumed) {
  consumed = 0;
  while (consumed < bytes.size() && at_ != At::End) {
    if (at_ == At::Data) {
      const auto skipped = std::min<std::uint64_t>(size_, bytes.size() - consumed);
      size_ -= skipped;
      consumed += skipped;
      if (size_ == 0) at_ = At::DataReturn;
      continue;
    }
    if (!step(bytes[consumed])) return Verdict::Malformed;
    ++consumed;
  }
  return at_ == At::End ? Verdict::Done : Verdict::NeedsMore;
}

}  // namespace tepui::http

// The chunk gate: the grammar of a chunked body, byte by byte, in front of the parser. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tepui::http {

/// Accepts `1*15 hex digits CRLF data CRLF … 0 CRLF CRLF` and nothing else: no extensions, no trailers, no bare line ends,
/// no blanks, no signs. Source: RFC 9112 7.1, narrowed.
class ChunkGate {
 public:
  enum class Verdict { NeedsMore, Done, Malformed };

  /// Takes the next bytes of the body. `consumed` is how many of them belong to it: what lies behind Done is not its.
  Verdict put(std::string_view bytes, std::size_t& consumed);
  /// Bytes of data announced by the chunk sizes so far.
  [[nodiscard]] std::uint64_t announced_bytes() const { return announced_; }

 private:
  enum class At { Size, SizeLineFeed, Data, DataReturn, DataLineFeed, EndReturn, EndLineFeed, End };
  bool step(char c);

  At at_ = At::Size;
  std::uint64_t size_ = 0;
  int digits_ = 0;
  std::uint64_t announced_ = 0;
};

}  // namespace tepui::http

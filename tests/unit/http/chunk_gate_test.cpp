// The grammar of chunks.
#include "lib/http/chunk_gate.hpp"

#include <string>

#include <gtest/gtest.h>

namespace tepui::http {
namespace {

TEST(ChunkGateTest, EverySplitOfAGoodBodyEndsAtItsEnd) {
  const std::string body = "5\r\nhello\r\n0A\r\n0123456789\r\n0\r\n\r\n";
  const std::string sent = body + "GET /";
  for (std::size_t split = 0; split <= sent.size(); ++split) {
    ChunkGate gate;
    std::size_t first = 0;
    std::size_t second = 0;
    auto verdict = gate.put(std::string_view(sent).substr(0, split), first);
    if (verdict == ChunkGate::Verdict::NeedsMore) verdict = gate.put(std::string_view(sent).substr(first), second);
    EXPECT_EQ(verdict, ChunkGate::Verdict::Done) << split;
    EXPECT_EQ(first + second, body.size()) << split;
    EXPECT_EQ(gate.announced_bytes(), 15U);
  }
}

TEST(ChunkGateTest, SizesOverFifteenDigitsAreMalformed) {
  ChunkGate gate;
  std::size_t consumed = 0;
  EXPECT_EQ(gate.put("0000000000000005", consumed), ChunkGate::Verdict::Malformed);
}

}  // namespace
}  // namespace tepui::http

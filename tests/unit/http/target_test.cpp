// The canonicaliser.
#include "lib/http/target.hpp"

#include <gtest/gtest.h>

namespace tepui::http {
namespace {

TEST(TargetTest, GoodTargetsAreDecodedOnce) {
  EXPECT_EQ(parse_target("/slave(1)/state")->path, "/slave(1)/state");
  EXPECT_EQ(parse_target("/slave%281%29/state")->path, "/slave(1)/state");
  EXPECT_EQ(parse_target("/a%20b")->path, "/a b");
  EXPECT_EQ(parse_target("/")->path, "/");
  EXPECT_EQ(parse_target("/tasks/?task_id=%2F..%2F")->path, "/tasks/");
  EXPECT_EQ(parse_target("/tasks/?task_id=%2F..//")->query, "task_id=%2F..//");
  EXPECT_EQ(parse_target("/v1.2/x.json")->path, "/v1.2/x.json");
  EXPECT_EQ(parse_target("/...")->path, "/...");
}

TEST(TargetTest, EveryEscapeOfOneByteIsDecodedOrRefused) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (int byte = 0; byte < 256; ++byte) {
    const std::string raw = std::string("/x%") + kDigits[byte / 16] + kDigits[byte % 16];
    const auto target = parse_target(raw);
    const bool is_harmless = byte >= 0x20 && byte < 0x7f && std::string_view("/\\.%;").find(static_cast<char>(byte)) == std::string_view::npos;
    EXPECT_EQ(target.has_value(), is_harmless) << raw;
  }
}

TEST(TargetTest, AmbiguousTargetsAreRefused) {
  for (const char* raw : {"", "x", "*", "http://a/b", "//", "/a//b", "/.", "/..", "/a/.", "/a/..", "/./a", "/../a", "/a/../b",
                          "/%2e", "/a%2fb", "/a%5cb", "/%", "/%4", "/%zz", "/a;b", "/a#b", "/a\\b", "/a b", "/\x7f", "/\x80"}) {
    EXPECT_FALSE(parse_target(raw)) << raw;
  }
}

}  // namespace
}  // namespace tepui::http

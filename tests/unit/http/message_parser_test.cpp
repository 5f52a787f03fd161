// Beast behind plain types: replies, in any pieces.
#include "lib/http/message_parser.hpp"

#include <gtest/gtest.h>

namespace tepui::http {
namespace {

MessageParser reply_parser() { return MessageParser(MessageParser::Kind::Reply, {1024, 1000}); }

TEST(MessageParserTest, AReplyInAnyTwoPiecesIsRead) {
  const std::string text = "HTTP/1.1 200 OK\r\nA: b\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
  for (std::size_t split = 0; split <= text.size(); ++split) {
    auto parser = reply_parser();
    ASSERT_TRUE(parser.put(std::string_view(text).substr(0, split)));
    ASSERT_TRUE(parser.put(std::string_view(text).substr(split)));
    EXPECT_TRUE(parser.is_done()) << split;
    EXPECT_EQ(parser.take_body(), "abcde") << split;
    EXPECT_EQ(parser.status(), 200);
  }
}

TEST(MessageParserTest, ABodyWithoutLengthEndsWithTheConnection) {
  auto parser = reply_parser();
  ASSERT_TRUE(parser.put("HTTP/1.0 200 OK\r\n\r\nabc"));
  EXPECT_FALSE(parser.is_done());
  ASSERT_TRUE(parser.put_end());
  EXPECT_EQ(parser.take_body(), "abc");
}

TEST(MessageParserTest, AConnectionThatEndsInTheMiddleIsAnError) {
  auto parser = reply_parser();
  ASSERT_TRUE(parser.put("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc"));
  EXPECT_FALSE(parser.put_end());
  EXPECT_FALSE(reply_parser().put_end());
}

TEST(MessageParserTest, LimitsAndGarbageAreErrorsOfTheirKind) {
  auto oversize = reply_parser();
  EXPECT_EQ(oversize.put("HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n").error().code(), ErrorCode::ResourceExhausted);
  auto garbage = reply_parser();
  EXPECT_EQ(garbage.put("SSH-2.0-OpenSSH\r\n\r\n").error().code(), ErrorCode::DataLoss);
  EXPECT_FALSE(garbage.put("HTTP/1.1 200 OK\r\n\r\n"));
}

TEST(MessageParserTest, TrailersOfARequestAreRefused) {
  MessageParser parser(MessageParser::Kind::Request, {1024, std::nullopt});
  auto put = parser.put("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: y\r\n\r\n");
  ASSERT_FALSE(put);
  EXPECT_EQ(put.error().code(), ErrorCode::InvalidArgument);
}

}  // namespace
}  // namespace tepui::http

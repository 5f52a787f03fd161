// Response heads as bytes.
#include "lib/http/response_text.hpp"

#include <gtest/gtest.h>

namespace tepui::http {
namespace {

TEST(ResponseTextTest, AValueCannotAddFieldsOfItsOwn) {
  Response response = Response::text(200, "x");
  response.headers.add("Location", "/a\r\nSet-Cookie: b");
  response.headers.add("Content-Length", "100");
  const std::string head = format_head(response, true);
  EXPECT_NE(head.find("Location: /a  Set-Cookie: b\r\n"), std::string::npos);
  EXPECT_NE(head.find("Content-Length: 1\r\n"), std::string::npos);
  EXPECT_EQ(head.find("100"), std::string::npos);
}

TEST(ResponseTextTest, AnEmpty202HasLengthZeroAndNoType) {
  const std::string head = format_head(Response::empty(202), true);
  EXPECT_TRUE(head.starts_with("HTTP/1.1 202 Accepted\r\nDate: "));
  EXPECT_NE(head.find("\r\nContent-Length: 0\r\n\r\n"), std::string::npos);
  EXPECT_EQ(head.find("Content-Type"), std::string::npos);
}

TEST(ResponseTextTest, AnErrorBecomesItsStatusAndOneLine) {
  const Response response = Response::of_error(Error(ErrorCode::NotFound, "find task 'a'"));
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.body, "find task 'a'");
}

}  // namespace
}  // namespace tepui::http

// Query parameters and percent coding.
#include "lib/http/request.hpp"

#include <gtest/gtest.h>

namespace tepui::http {
namespace {

TEST(RequestTest, QueryValuesAreDecodedAndMalformedOnesAbsent) {
  Request request;
  request.query = "a=1&b=x%2Fy+z&c&d=%zz&a=2&&e=";
  EXPECT_EQ(request.query_value("a"), "1");
  EXPECT_EQ(request.query_value("b"), "x/y z");
  EXPECT_EQ(request.query_value("c"), "");
  EXPECT_EQ(request.query_value("d"), std::nullopt);
  EXPECT_EQ(request.query_value("e"), "");
  EXPECT_EQ(request.query_value("f"), std::nullopt);
}

TEST(RequestTest, EncodingAndDecodingAreInverse) {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  EXPECT_EQ(decode_percent(encode_percent(all), false), all);
}

TEST(RequestTest, EveryShortPercentStringIsDecodedOrRefusedAndNeverRunsOver) {
  for (const char* text : {"%", "%%", "%a", "%%a", "%a%", "%zz", "a%", "%g0", "%0g", "%%%%"}) {
    EXPECT_EQ(decode_percent(text, true), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace tepui::http

#include "api/base64.hpp"

#include <gtest/gtest.h>

namespace tepui::api {
namespace {

TEST(Base64Test, TheVectorsOfRfc4648ComeOut) {
  const std::pair<std::string, std::string> vectors[] = {{"", ""},         {"f", "Zg=="},         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},  {"foob", "Zm9vYg=="},  {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(encode_base64(bytes), text);
    const auto decoded = decode_base64(text);
    ASSERT_TRUE(decoded) << text;
    EXPECT_EQ(*decoded, bytes);
  }
}

TEST(Base64Test, EveryByteSurvivesTheRoundTrip) {
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  const auto decoded = decode_base64(encode_base64(all));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(*decoded, all);
}

TEST(Base64Test, MissingPaddingIsTolerated) {
  const auto decoded = decode_base64("Zg");
  ASSERT_TRUE(decoded);
  EXPECT_EQ(*decoded, "f");
}

TEST(Base64Test, CharactersOutsideTheAlphabetAndCutOffTextsAreRefused) {
  for (const char* text : {"Zg=Zg", "Z", "Zm9v\n", "Zm9-", "Zm9vZ"}) EXPECT_FALSE(decode_base64(text)) << text;
}

}  // namespace
}  // namespace tepui::api

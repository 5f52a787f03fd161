#include "lib/base/uuid.hpp"

#include <set>
#include <string>

#include <gtest/gtest.h>

namespace tepui {
namespace {

TEST(UuidTest, RandomOnesAreVersionFourAndVariantOne) {
  SystemRandom source;
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::string text = Uuid::random(source).to_string();
    EXPECT_EQ(text[14], '4') << text;
    EXPECT_NE(std::string("89ab").find(text[19]), std::string::npos) << text;
    EXPECT_TRUE(seen.insert(text).second) << text;
  }
}

TEST(UuidTest, SameSeedMakesTheSameUuid) {
  SeededRandom one(42);
  SeededRandom two(42);
  EXPECT_EQ(Uuid::random(one), Uuid::random(two));
}

TEST(UuidTest, TextAndBytesRoundTrip) {
  SeededRandom source(7);
  const Uuid uuid = Uuid::random(source);
  EXPECT_EQ(*Uuid::parse(uuid.to_string()), uuid);
  EXPECT_EQ(*Uuid::from_bytes(uuid.to_bytes()), uuid);
  EXPECT_EQ(uuid.to_bytes().size(), Uuid::kSize);
}

TEST(UuidTest, UpperCaseIsReadAndLowerCaseIsWritten) {
  const auto uuid = Uuid::parse("0123ABCD-4567-489A-BCDE-F0123456789A");
  ASSERT_TRUE(uuid);
  EXPECT_EQ(uuid->to_string(), "0123abcd-4567-489a-bcde-f0123456789a");
}

TEST(UuidTest, MalformedTextIsRefused) {
  for (const char* text : {"", "0123abcd-4567-489a-bcde-f0123456789", "0123abcd-4567-489a-bcde-f0123456789aa",
                           "0123abcd+4567-489a-bcde-f0123456789a", "g123abcd-4567-489a-bcde-f0123456789a",
                           "0123abcd4-567-489a-bcde-f0123456789a"}) {
    const auto uuid = Uuid::parse(text);
    ASSERT_FALSE(uuid) << text;
    EXPECT_EQ(uuid.error().code(), ErrorCode::InvalidArgument);
  }
}

TEST(UuidTest, OtherLengthsThanSixteenBytesAreRefused) {
  EXPECT_FALSE(Uuid::from_bytes(""));
  EXPECT_FALSE(Uuid::from_bytes(std::string(15, 'x')));
  EXPECT_FALSE(Uuid::from_bytes(std::string(17, 'x')));
}

TEST(UuidTest, DefaultIsNil) { EXPECT_EQ(Uuid().to_string(), "00000000-0000-0000-0000-000000000000"); }

}  // namespace
}  // namespace tepui

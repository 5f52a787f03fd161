#include "api/record_io.hpp"

#include <gtest/gtest.h>

namespace tepui::api {
namespace {

TEST(RecordIoTest, RecordsSurviveBeingCutAnywhere) {
  const std::string stream = encode_record("first") + encode_record("") + encode_record("with\nnewline");
  for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
    RecordDecoder decoder;
    ASSERT_TRUE(decoder.feed(stream.substr(0, cut)));
    ASSERT_TRUE(decoder.feed(stream.substr(cut)));
    EXPECT_EQ(decoder.take(), "first");
    EXPECT_EQ(decoder.take(), "");
    EXPECT_EQ(decoder.take(), "with\nnewline");
    EXPECT_EQ(decoder.take(), std::nullopt);
    EXPECT_FALSE(decoder.is_inside_record());
  }
}

TEST(RecordIoTest, ByteAfterByteGivesTheSameRecords) {
  RecordDecoder decoder;
  for (const char character : encode_record("abc") + encode_record("de")) {
    ASSERT_TRUE(decoder.feed(std::string_view(&character, 1)));
  }
  EXPECT_EQ(decoder.take(), "abc");
  EXPECT_EQ(decoder.take(), "de");
}

TEST(RecordIoTest, AStreamThatEndsInsideARecordIsSeen) {
  RecordDecoder decoder;
  ASSERT_TRUE(decoder.feed("5\nab"));
  EXPECT_TRUE(decoder.is_inside_record());
  EXPECT_EQ(decoder.take(), std::nullopt);
}

TEST(RecordIoTest, AGibibyteIsRefusedBeforeAByteOfItIsRead) {
  RecordDecoder decoder;
  const auto fed = decoder.feed("1073741824\n");
  ASSERT_FALSE(fed);
  EXPECT_EQ(fed.error().code(), ErrorCode::ResourceExhausted);
  EXPECT_NE(fed.error().to_string().find("1073741824"), std::string::npos);
}

TEST(RecordIoTest, LengthsThatAreNoPlainDecimalNumberAreRefusedForGood) {
  for (const char* text : {"\n", "-1\nx", "+5\nabcde", " 5\nabcde", "0x5\n", "5 \nabcde", "999999999999999999999\n",
                           "HTTP/1.1 200 OK\r\n", "18446744073709551616\n"}) {
    RecordDecoder decoder;
    EXPECT_FALSE(decoder.feed(text)) << text;
    EXPECT_FALSE(decoder.feed("1\na")) << "after " << text;
    EXPECT_EQ(decoder.take(), std::nullopt);
  }
}

}  // namespace
}  // namespace tepui::api

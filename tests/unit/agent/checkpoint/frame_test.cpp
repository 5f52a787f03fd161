#include "agent/checkpoint/frame.hpp"

#include <gtest/gtest.h>

namespace tepui::agent {
namespace {

std::string three_frames() { return *encode_frame({"one"}) + *encode_frame({"two", ""}) + *encode_frame({"three"}); }

TEST(FrameTest, ChecksumIsCrc32c) { EXPECT_EQ(checksum_of("123456789"), 0xE3069283U); }

TEST(FrameTest, ReadsBackWhatWasWritten) {
  const std::string bytes = three_frames();
  const auto scan = scan_frames(bytes);
  ASSERT_TRUE(scan);
  EXPECT_EQ(scan->records, (std::vector<std::string_view>{"one", "two", "", "three"}));
  EXPECT_EQ(scan->good_size, bytes.size());
  EXPECT_EQ(scan->torn_size, 0U);
}

TEST(FrameTest, AFileCutAnywhereKeepsEveryWholeFrameAndReportsTheRestAsTorn) {
  const std::string bytes = three_frames();
  const std::size_t first = encode_frame({"one"})->size();
  const std::size_t second = first + encode_frame({"two", ""})->size();
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    const std::string cut = bytes.substr(0, size);
    const auto scan = scan_frames(cut);
    ASSERT_TRUE(scan) << size << ": " << scan.error().to_string();
    const std::size_t good = size == bytes.size() ? size : size >= second ? second : size >= first ? first : 0;
    EXPECT_EQ(scan->good_size, good) << size;
    EXPECT_EQ(scan->torn_size, size - good) << size;
  }
}

TEST(FrameTest, AFlippedBitBeforeTheLastFrameIsCorruptionThatNamesTheOffset) {
  const std::string bytes = three_frames();
  const std::size_t first = encode_frame({"one"})->size();
  const std::size_t second = first + encode_frame({"two", ""})->size();
  for (std::size_t at = 0; at < second; ++at) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    const auto scan = scan_frames(damaged);
    ASSERT_FALSE(scan) << at;
    EXPECT_EQ(scan.error().code(), ErrorCode::DataLoss);
    EXPECT_NE(scan.error().to_string().find("offset " + std::to_string(at < first ? 0 : first)), std::string::npos)
        << scan.error().to_string();
  }
}

TEST(FrameTest, DamageInTheLastFrameIsATornTail) {
  const std::string bytes = three_frames();
  const std::size_t second = encode_frame({"one"})->size() + encode_frame({"two", ""})->size();
  for (std::size_t at = second; at < bytes.size(); ++at) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x01);
    const auto scan = scan_frames(damaged);
    if (at < second + 4) {
      EXPECT_FALSE(scan) << at;  // an interrupted write would have left the magic whole
      continue;
    }
    ASSERT_TRUE(scan) << at;
    EXPECT_EQ(scan->good_size, second) << at;
  }
}

TEST(FrameTest, ATailOfZerosIsTorn) {
  const std::string bytes = three_frames() + std::string(4096, '\0');
  const auto scan = scan_frames(bytes);
  ASSERT_TRUE(scan);
  EXPECT_EQ(scan->torn_size, 4096U);
}

TEST(FrameTest, AForeignFileIsRefused) {
  const auto scan = scan_frames("#!/bin/sh\necho hello\n");
  ASSERT_FALSE(scan);
  EXPECT_EQ(scan.error().code(), ErrorCode::DataLoss);
}

}  // namespace
}  // namespace tepui::agent

#include "agent/checkpoint/checkpoint_log.hpp"

#include <fcntl.h>
#include <sys/mount.h>

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "tests/fakes/requires.hpp"
#include "tests/fakes/temp_dir.hpp"

namespace tepui::agent {
namespace {

CheckpointRecord framework(const std::string& id) {
  CheckpointRecord record;
  record.mutable_framework()->set_user("u");
  record.mutable_framework()->set_name("n");
  record.mutable_framework()->mutable_id()->set_value(id);
  return record;
}

CheckpointRecord container(const std::string& id, const std::string& data) {
  CheckpointRecord record;
  record.mutable_container()->set_container_id(id);
  record.mutable_container()->set_data(data);
  return record;
}

class CheckpointLogTest : public ::testing::Test {
 protected:
  CheckpointLogTest() : fd_(::open(dir_.path().c_str(), O_RDONLY | O_CLOEXEC)) {}
  [[nodiscard]] Result<CheckpointLog> open() const { return CheckpointLog::open(fd_.borrow(), dir_.path().string()); }
  [[nodiscard]] std::filesystem::path file() const { return dir_ / "meta/checkpoint.log"; }

  TempDir dir_;
  UniqueFd fd_;
};

TEST_F(CheckpointLogTest, WhatWasCommittedIsThereAfterARestart) {
  {
    auto log = open();
    ASSERT_TRUE(log) << log.error().to_string();
    ASSERT_TRUE(log->commit({framework("F1"), container("C", "one")}));
    ASSERT_TRUE(log->commit({container("C", "two")}));
  }
  const auto log = open();
  ASSERT_TRUE(log);
  EXPECT_EQ(log->torn_bytes(), 0U);
  EXPECT_EQ(log->state().frameworks().size(), 1U);
  EXPECT_EQ(log->state().containers().at("C"), "two");
}

TEST_F(CheckpointLogTest, ALogCutAtEveryByteOpensWithAPrefixOfItsCommits) {
  std::vector<std::uint64_t> sizes{0};
  {
    auto log = open();
    ASSERT_TRUE(log);
    for (int i = 0; i < 4; ++i) {
      ASSERT_TRUE(log->commit({container(std::to_string(i), "data"), container("x" + std::to_string(i), "")}));
      sizes.push_back(log->size());
    }
  }
  const std::string whole = dir_.read("meta/checkpoint.log");
  ASSERT_EQ(whole.size(), sizes.back());
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    std::ofstream(file(), std::ios::binary | std::ios::trunc) << whole.substr(0, size);
    std::size_t commits = 0;
    while (commits + 1 < sizes.size() && sizes[commits + 1] <= size) ++commits;
    {
      auto log = open();
      ASSERT_TRUE(log) << size << ": " << log.error().to_string();
      EXPECT_EQ(log->state().containers().size(), 2 * commits) << size;
      EXPECT_EQ(log->torn_bytes(), size - sizes[commits]) << size;
      ASSERT_TRUE(log->commit({framework("after")}));
    }
    const auto log = open();
    ASSERT_TRUE(log) << size;
    EXPECT_EQ(log->torn_bytes(), 0U);
    EXPECT_EQ(log->state().containers().size(), 2 * commits) << size;
    EXPECT_TRUE(log->state().frameworks().contains("after"));
  }
}

TEST_F(CheckpointLogTest, CorruptionInTheMiddleNamesFileAndOffsetAndChangesNothing) {
  std::uint64_t first = 0;
  {
    auto log = open();
    ASSERT_TRUE(log->commit({framework("F1")}));
    first = log->size();
    ASSERT_TRUE(log->commit({framework("F2")}));
    ASSERT_TRUE(log->commit({framework("F3")}));
  }
  std::string bytes = dir_.read("meta/checkpoint.log");
  bytes[first + 20] = static_cast<char>(bytes[first + 20] ^ 1);
  dir_.write("meta/checkpoint.log", bytes);
  const auto log = open();
  ASSERT_FALSE(log);
  EXPECT_EQ(log.error().code(), ErrorCode::DataLoss);
  EXPECT_NE(log.error().to_string().find(file().string()), std::string::npos);
  EXPECT_NE(log.error().to_string().find("offset " + std::to_string(first)), std::string::npos);
  EXPECT_EQ(dir_.read("meta/checkpoint.log"), bytes);
}

TEST_F(CheckpointLogTest, CompactionKeepsTheStateAndShrinksTheFile) {
  auto log = open();
  ASSERT_TRUE(log);
  const std::string data(10000, 'x');
  for (int i = 0; i < 500; ++i) ASSERT_TRUE(log->commit({container(std::to_string(i % 3), data + std::to_string(i))}));
  EXPECT_LT(log->size(), 2 * CheckpointLog::kCompactAbove);
  ASSERT_TRUE(log->compact());
  EXPECT_LT(log->size(), 40000U);
  EXPECT_FALSE(std::filesystem::exists(dir_ / "meta/checkpoint.log.new"));
  const auto again = open();
  ASSERT_TRUE(again) << again.error().to_string();
  EXPECT_EQ(again->state().containers().at("1"), data + "499");
  EXPECT_EQ(again->state().containers().size(), 3U);
}

TEST_F(CheckpointLogTest, AFullDiskRefusesTheCommitAndGoesOnWhenThereIsSpace) {
  TEPUI_REQUIRES(root);
  const std::string mount_point = dir_ / "small";
  std::filesystem::create_directory(mount_point);
  if (::mount("tmpfs", mount_point.c_str(), "tmpfs", 0, "size=64k") != 0) GTEST_SKIP() << "needs mount: refused";
  {
    const UniqueFd fd(::open(mount_point.c_str(), O_RDONLY | O_CLOEXEC));
    auto log = CheckpointLog::open(fd.borrow(), mount_point);
    ASSERT_TRUE(log) << log.error().to_string();
    ASSERT_TRUE(log->commit({framework("before")}));
    const std::string ballast = mount_point + "/ballast";
    std::ofstream(ballast) << std::string(200000, 'b');
    const auto refused = log->commit({container("C", std::string(20000, 'c'))});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().sys_errno(), ENOSPC);
    EXPECT_FALSE(log->state().containers().contains("C"));
    std::filesystem::remove(ballast);
    ASSERT_TRUE(log->commit({container("C", std::string(20000, 'c'))}));
    const auto again = CheckpointLog::open(fd.borrow(), mount_point);
    ASSERT_TRUE(again) << again.error().to_string();
    EXPECT_TRUE(again->state().containers().contains("C"));
    EXPECT_TRUE(again->state().frameworks().contains("before"));
  }
  EXPECT_EQ(::umount(mount_point.c_str()), 0);
}

}  // namespace
}  // namespace tepui::agent

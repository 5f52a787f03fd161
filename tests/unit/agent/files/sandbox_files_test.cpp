#include "agent/files/sandbox_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <filesystem>

#include <gtest/gtest.h>

#include "tests/fakes/temp_dir.hpp"

namespace tepui::agent {
namespace {

class SandboxFilesTest : public ::testing::Test {
 protected:
  SandboxFilesTest() : root_(std::filesystem::canonical(dir_.path())), fd_(::open(root_.c_str(), O_RDONLY | O_CLOEXEC)) {
    dir_.write(inside("stdout"), "hello\n");
    dir_.write("meta/checkpoint.log", "secret");
  }
  static std::string inside(const std::string& name) {
    return "slaves/S0/frameworks/F/executors/E/runs/C/" + name;
  }
  [[nodiscard]] std::string path(const std::string& name) const { return (root_ / inside(name)).string(); }
  [[nodiscard]] ErrorCode refusal(const std::string& virtual_path) const {
    const auto chunk = files().read(virtual_path, 0, 100);
    return chunk ? ErrorCode::Internal : chunk.error().code();
  }
  [[nodiscard]] SandboxFiles files() const { return {fd_.borrow(), root_.string()}; }

  TempDir dir_;
  std::filesystem::path root_;
  UniqueFd fd_;
};

TEST_F(SandboxFilesTest, ReadsAPart) {
  const auto chunk = files().read(path("stdout"), 1, 3);
  ASSERT_TRUE(chunk) << chunk.error().to_string();
  EXPECT_EQ(chunk->data, "ell");
  EXPECT_EQ(chunk->offset, 1U);
}

TEST_F(SandboxFilesTest, OffsetMinusOneTellsTheSize) {
  const auto chunk = files().read(path("stdout"), -1, 100);
  ASSERT_TRUE(chunk);
  EXPECT_EQ(chunk->data, "");
  EXPECT_EQ(chunk->offset, 6U);
}

TEST_F(SandboxFilesTest, BehindTheEndIsNothing) {
  const auto chunk = files().read(path("stdout"), 1000, 100);
  ASSERT_TRUE(chunk);
  EXPECT_EQ(chunk->data, "");
  EXPECT_EQ(chunk->offset, 1000U);
}

TEST_F(SandboxFilesTest, SymlinksAreRefusedWhereverTheyLead) {
  std::filesystem::create_symlink("/etc/passwd", path("link"));
  std::filesystem::create_symlink("/etc", path("folder"));
  std::filesystem::create_symlink("stdout", path("harmless"));
  EXPECT_EQ(refusal(path("link")), ErrorCode::InvalidArgument);
  EXPECT_EQ(refusal(path("folder/passwd")), ErrorCode::InvalidArgument);
  EXPECT_EQ(refusal(path("harmless")), ErrorCode::InvalidArgument);
  EXPECT_FALSE(files().browse(path("folder")));
}

TEST_F(SandboxFilesTest, OnlyRegularFilesAreReadAndNothingWaits) {
  ASSERT_EQ(::mkfifo(path("fifo").c_str(), 0600), 0);
  std::filesystem::create_directory(path("directory"));
  EXPECT_EQ(refusal(path("fifo")), ErrorCode::InvalidArgument);
  EXPECT_EQ(refusal(path("directory")), ErrorCode::InvalidArgument);
}

TEST_F(SandboxFilesTest, WhatLiesInNoSandboxIsNotFound) {
  EXPECT_EQ(refusal((root_ / "meta/checkpoint.log").string()), ErrorCode::NotFound);
  EXPECT_EQ(refusal("/etc/passwd"), ErrorCode::NotFound);
  EXPECT_EQ(refusal(root_.string() + "x/y"), ErrorCode::NotFound);
  EXPECT_EQ(refusal(""), ErrorCode::NotFound);
  EXPECT_EQ(refusal(path("../../../../../../../../meta/checkpoint.log")), ErrorCode::InvalidArgument);
  EXPECT_EQ(refusal(path("nothing")), ErrorCode::NotFound);
  EXPECT_EQ(refusal(path("stdout/x")), ErrorCode::NotFound);
  EXPECT_EQ(refusal(path(std::string("a\0b", 3))), ErrorCode::InvalidArgument);
}

TEST_F(SandboxFilesTest, LatestAndThePathsOfMesosLeadToTheNewestRun) {
  std::filesystem::create_symlink("S0", root_ / "slaves/latest");
  std::filesystem::create_symlink("C", root_ / "slaves/S0/frameworks/F/executors/E/runs/latest");
  const std::string runs = (root_ / "slaves/S0/frameworks/F/executors/E/runs").string();
  EXPECT_EQ(files().read(runs + "/latest/stdout", 0, 100)->data, "hello\n");
  EXPECT_EQ(files().read("/frameworks/F/executors/E/runs/latest/stdout", 0, 100)->data, "hello\n");
  EXPECT_EQ(files().read("/frameworks/F/executors/E/runs/C/stdout", 0, 100)->data, "hello\n");
  EXPECT_EQ(refusal("/frameworks/F/executors/none/runs/latest/stdout"), ErrorCode::NotFound);
  EXPECT_EQ(refusal("/frameworks/F/executors"), ErrorCode::NotFound);
  std::filesystem::create_symlink("../../../../../../../etc", root_ / "slaves/S0/frameworks/F/executors/E/runs/C/latest");
  EXPECT_EQ(refusal(path("latest/passwd")), ErrorCode::InvalidArgument);
}

TEST_F(SandboxFilesTest, BrowsesByName) {
  dir_.write(inside("a/file"), "1234");
  const auto entries = files().browse(path(""));
  ASSERT_TRUE(entries) << entries.error().to_string();
  ASSERT_EQ(entries->size(), 2U);
  EXPECT_EQ((*entries)[0].path, path("a"));
  EXPECT_EQ((*entries)[0].mode.substr(0, 1), "d");
  EXPECT_EQ((*entries)[1].path, path("stdout"));
  EXPECT_EQ((*entries)[1].size, 6U);
  EXPECT_EQ((*entries)[1].mode.substr(0, 4), "-rw-");
}

TEST(TextOfBytesTest, KeepsUtf8AndReplacesTheRest) {
  EXPECT_EQ(text_of_bytes("gr\xc3\xbc\xc3\x9f"), "gr\xc3\xbc\xc3\x9f");
  EXPECT_EQ(text_of_bytes("a\xff" "b"), "a\xef\xbf\xbd" "b");
  EXPECT_EQ(text_of_bytes("a\xc0\xaf"), "a\xef\xbf\xbd\xef\xbf\xbd");
  EXPECT_EQ(text_of_bytes("cut\xe2\x82"), "cut");
}

}  // namespace
}  // namespace tepui::agent

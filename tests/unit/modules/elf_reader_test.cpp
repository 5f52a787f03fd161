#include "lib/modules/elf_reader.hpp"

#include <elf.h>
#include <fcntl.h>

#include <algorithm>
#include <cstring>

#include <gtest/gtest.h>

#include "lib/linux/sys.hpp"
#include "tests/fakes/temp_dir.hpp"
#include "tests/unit/modules/fixture_modules.hpp"

namespace tepui::modules {
namespace {

Result<ElfFacts> read_file(const std::string& path) {
  auto fd = sys::open_file(path, O_RDONLY);
  EXPECT_TRUE(fd);
  return read_elf_facts(fd->borrow(), TEPUI_MODULE_ENTRY);
}

Result<ElfFacts> read_bytes(const std::string& bytes) {
  TempDir folder;
  return read_file(folder.write("x.so", bytes));
}

std::string good_bytes() { return *sys::read_file(fixture_module("test-good")); }

TEST(ElfReaderTest, AModuleExportsItsEntryAndNeedsTheCLibrary) {
  auto facts = read_file(fixture_module("test-good"));
  ASSERT_TRUE(facts) << facts.error().to_string();
  EXPECT_TRUE(facts->exports_entry);
  EXPECT_FALSE(facts->has_executable_stack);
  EXPECT_NE(std::find(facts->needed.begin(), facts->needed.end(), "libc.so.6"), facts->needed.end());
}

TEST(ElfReaderTest, AnObjectWithoutTheEntryIsSeen) {
  auto facts = read_file(fixture_module("test-no-entry"));
  ASSERT_TRUE(facts);
  EXPECT_FALSE(facts->exports_entry);
}

TEST(ElfReaderTest, AnExecutableStackIsSeen) {
  auto facts = read_file(fixture_module("test-executable-stack"));
  ASSERT_TRUE(facts);
  EXPECT_TRUE(facts->has_executable_stack);
}

TEST(ElfReaderTest, TextIsNoElfFile) {
  auto facts = read_bytes("#!/bin/sh\necho hello\n");
  ASSERT_FALSE(facts);
  EXPECT_EQ(facts.error().message(), "not an ELF file");
  EXPECT_EQ(read_bytes("").error().message(), "not an ELF file");
}

TEST(ElfReaderTest, AnotherMachineIsRefused) {
  std::string bytes = good_bytes();
  bytes[18] = 8;  // e_machine: MIPS
  bytes[19] = 0;
  EXPECT_NE(read_bytes(bytes).error().message().find("for another machine"), std::string::npos);
}

TEST(ElfReaderTest, ThirtyTwoBitsAreRefused) {
  std::string bytes = good_bytes();
  bytes[EI_CLASS] = ELFCLASS32;
  EXPECT_EQ(read_bytes(bytes).error().message(), "not a 64-bit ELF file");
}

TEST(ElfReaderTest, EveryTruncationIsAnErrorAndNeverACrash) {
  const std::string bytes = good_bytes();
  // The loader needs no section headers: what lies behind the last segment may be missing.
  std::size_t refused = 0;
  for (std::size_t size = 0; size < bytes.size(); size += 19997) {
    if (!read_bytes(bytes.substr(0, size))) ++refused;
  }
  EXPECT_GT(refused, 0U);
  EXPECT_FALSE(read_bytes(bytes.substr(0, 100)));
}

TEST(ElfReaderTest, DamagedBytesNeverCrashTheReader) {
  const std::string bytes = good_bytes();
  TempDir folder;
  for (std::size_t at = 0; at < 2048; at += 17) {
    std::string damaged = bytes;
    damaged[at % damaged.size()] = static_cast<char>(0xff);
    static_cast<void>(read_file(folder.write("x.so", damaged)));
  }
}

TEST(ElfReaderTest, ADirectoryIsNamedAsSuch) {
  TempDir folder;
  auto facts = read_file(folder.path());
  ASSERT_FALSE(facts);
  EXPECT_EQ(facts.error().message(), "a directory");
}

}  // namespace
}  // namespace tepui::modules

#include "lib/modules/module_check.hpp"

#include <unistd.h>

#include <chrono>
#include <filesystem>

#include <gtest/gtest.h>

#include "tests/fakes/requires.hpp"
#include "tests/fakes/temp_dir.hpp"
#include "tests/unit/modules/fixture_modules.hpp"

namespace tepui::modules {
namespace {

void expect_refused(const Result<ModuleReport>& report, const std::string& file, const std::string& reason) {
  ASSERT_FALSE(report);
  const std::string text = report.error().to_string();
  EXPECT_NE(text.find(file), std::string::npos) << text;
  EXPECT_NE(text.find(reason), std::string::npos) << text;
}

TEST(ModuleCheckTest, AGoodModuleIsInspectedFromAChild) {
  auto report = inspect_module(fixture_module("test-good"));
  ASSERT_TRUE(report) << report.error().to_string();
  EXPECT_EQ(report->manifest.name, "test/good");
  EXPECT_EQ(report->manifest.version, "1.2.3");
  EXPECT_EQ(report->manifest.description, "leaves a trace of every call");
  EXPECT_EQ(report->manifest.interfaces, std::vector<std::string>{"tepui.isolator/1"});
  EXPECT_TRUE(report->elf.exports_entry);
}

TEST(ModuleCheckTest, AMissingFileIsNotFound) {
  auto report = inspect_module("/nowhere/x.so");
  expect_refused(report, "/nowhere/x.so", "ENOENT");
  EXPECT_EQ(report.error().code(), ErrorCode::NotFound);
}

TEST(ModuleCheckTest, ATextFileIsRefused) {
  TempDir folder;
  const auto file = folder.write("text.so", "not a module\n");
  expect_refused(inspect_module(file), file, "not an ELF file");
}

TEST(ModuleCheckTest, ADirectoryIsRefused) {
  TempDir folder;
  expect_refused(inspect_module(folder.path()), folder.path(), "a directory");
}

TEST(ModuleCheckTest, AFifoIsRefusedWithoutWaiting) {
  TempDir folder;
  const std::string fifo = folder / "fifo.so";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  expect_refused(inspect_module(fifo), fifo, "not a regular file");
}

TEST(ModuleCheckTest, ATruncatedModuleIsRefused) {
  TempDir folder;
  const std::string file = folder / "cut.so";
  std::filesystem::copy_file(fixture_module("test-good"), file);
  std::filesystem::resize_file(file, 5000);
  expect_refused(inspect_module(file), file, "cut off");
}

TEST(ModuleCheckTest, AnObjectWithoutTheEntryIsRefused) {
  const std::string file = fixture_module("test-no-entry");
  expect_refused(inspect_module(file), file, "exports no symbol 'tepui_module_manifest_get'");
}

TEST(ModuleCheckTest, AWrongAbiIsRefusedWithBothVersions) {
  const std::string file = fixture_module("test-wrong-abi");
  expect_refused(inspect_module(file), file, "built for module ABI 41.1, this host speaks 0.1");
}

TEST(ModuleCheckTest, AWrongMagicIsRefused) {
  const std::string file = fixture_module("test-wrong-magic");
  expect_refused(inspect_module(file), file, "magic 0x12345678");
}

TEST(ModuleCheckTest, AModuleWithoutAManifestIsRefused) {
  const std::string file = fixture_module("test-null-manifest");
  expect_refused(inspect_module(file), file, "read the manifest: none");
}

TEST(ModuleCheckTest, AMissingLibraryIsNamed) {
  const std::string file = fixture_module("test-needs-gone");
  expect_refused(inspect_module(file), file, "libtest_gone.so");
}

TEST(ModuleCheckTest, ProtobufAcrossTheDoorIsRefused) {
  const std::string file = fixture_module("test-needs-protobuf");
  expect_refused(inspect_module(file), file, "libprotobuf");
}

TEST(ModuleCheckTest, AnExecutableStackIsRefused) {
  const std::string file = fixture_module("test-executable-stack");
  expect_refused(inspect_module(file), file, "executable stack");
}

TEST(ModuleCheckTest, AModuleThatCrashesInAConstructorKillsOnlyTheChild) {
  const std::string file = fixture_module("test-crashes");
  expect_refused(inspect_module(file), file, "killed by signal 11 (SIGSEGV)");
}

TEST(ModuleCheckTest, AModuleThatEndsTheProcessEndsOnlyTheChild) {
  const std::string file = fixture_module("test-exits");
  expect_refused(inspect_module(file), file, "ended without one");
}

TEST(ModuleCheckTest, AModuleThatHangsIsKilledAtTheDeadline) {
  const std::string file = fixture_module("test-hangs");
  const auto begin = std::chrono::steady_clock::now();
  auto manifest = probe_module(file, std::chrono::milliseconds(300));
  ASSERT_FALSE(manifest);
  EXPECT_EQ(manifest.error().code(), ErrorCode::DeadlineExceeded);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
}

TEST(ModuleCheckTest, AFileThatOthersMayWriteIsRefused) {
  TempDir folder;
  const std::string file = folder / "writable.so";
  std::filesystem::copy_file(fixture_module("test-good"), file);
  std::filesystem::permissions(file, std::filesystem::perms(0775));
  auto report = inspect_module(file);
  expect_refused(report, file, "writable by others (mode 0775)");
  EXPECT_EQ(report.error().code(), ErrorCode::PermissionDenied);
}

TEST(ModuleCheckTest, AFileOfAnotherUserIsRefused) {
  TEPUI_REQUIRES(root);
  TempDir folder;
  const std::string file = folder / "foreign.so";
  std::filesystem::copy_file(fixture_module("test-good"), file);
  ASSERT_EQ(::chown(file.c_str(), 65534, 65534), 0);
  expect_refused(inspect_module(file), file, "owned by user 65534");
}

}  // namespace
}  // namespace tepui::modules

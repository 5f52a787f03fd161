#include "lib/modules/module_catalog.hpp"

#include <gtest/gtest.h>

#include "tests/fakes/temp_dir.hpp"

namespace tepui::modules {
namespace {

TEST(ModuleCatalogTest, ANameIsAFileOfTheFirstFolderThatHasIt) {
  TempDir first;
  TempDir second;
  second.write("cgroups-cpu.so", "");
  ModuleSelection selection;
  selection.folders = {"/nowhere", first.path(), second.path()};
  auto found = find_module(selection, "cgroups/cpu");
  ASSERT_TRUE(found) << found.error().to_string();
  EXPECT_EQ(found->file, (second / "cgroups-cpu.so").string());
  first.write("cgroups-cpu.so", "");
  EXPECT_EQ(find_module(selection, "cgroups/cpu")->file, (first / "cgroups-cpu.so").string());
}

TEST(ModuleCatalogTest, AConfiguredFileWinsAndParametersComeAlong) {
  TempDir folder;
  folder.write("cgroups-cpu.so", "");
  ModuleSelection selection;
  selection.folders = {folder.path()};
  selection.entries = {{"cgroups/cpu", "", {{"period_ms", "50"}}}, {"x/y", "/opt/y.so", {}}};
  EXPECT_EQ(find_module(selection, "cgroups/cpu")->parameters.at("period_ms"), "50");
  EXPECT_EQ(find_module(selection, "x/y")->file, "/opt/y.so");
}

TEST(ModuleCatalogTest, AnUnknownNameListsWhatThereIsAndTheNearest) {
  TempDir folder;
  folder.write("cgroups-cpu.so", "");
  folder.write("cgroups-mem.so", "");
  ModuleSelection selection;
  selection.folders = {folder.path()};
  auto found = find_module(selection, "cgroup/cpu");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code(), ErrorCode::NotFound);
  const std::string text = found.error().to_string();
  EXPECT_NE(text.find("find isolator 'cgroup/cpu': available are cgroups/cpu, cgroups/mem"), std::string::npos) << text;
  EXPECT_NE(text.find("did you mean 'cgroups/cpu'?"), std::string::npos) << text;
}

TEST(ModuleCatalogTest, ANameThatLeavesTheFolderIsRefused) {
  ModuleSelection selection;
  for (const char* name : {"../x", "/etc/passwd", "a/../b", "", "a b"}) {
    EXPECT_EQ(find_module(selection, name).error().code(), ErrorCode::InvalidArgument) << name;
  }
}

}  // namespace
}  // namespace tepui::modules

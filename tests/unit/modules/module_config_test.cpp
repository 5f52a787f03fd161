#include "lib/modules/module_config.hpp"

#include <gtest/gtest.h>

#include "tests/fakes/temp_dir.hpp"

namespace tepui::modules {
namespace {

constexpr const char* kMesosJson = R"({"libraries":[{"file":"/opt/x/libfoo.so","modules":[
  {"name":"org_example_Foo","parameters":[{"key":"depth","value":"3"},{"key":"mode","value":"a b"}]},
  {"name":"cgroups/cpu"}]}]})";

TEST(ModuleConfigTest, MesosManifestsAreRead) {
  auto entries = parse_module_json(kMesosJson, "test");
  ASSERT_TRUE(entries) << entries.error().to_string();
  ASSERT_EQ(entries->size(), 2U);
  EXPECT_EQ((*entries)[0].name, "org_example_Foo");
  EXPECT_EQ((*entries)[0].file, "/opt/x/libfoo.so");
  EXPECT_EQ((*entries)[0].parameters, (std::map<std::string, std::string>{{"depth", "3"}, {"mode", "a b"}}));
  EXPECT_EQ((*entries)[1].name, "cgroups/cpu");
}

TEST(ModuleConfigTest, WrongShapesNameTheField) {
  const auto message = [](const char* text) { return parse_module_json(text, "m.json").error().to_string(); };
  EXPECT_NE(message("[]").find("read '(top)': not an object"), std::string::npos);
  EXPECT_NE(message("{}").find("'libraries'"), std::string::npos);
  EXPECT_NE(message(R"({"libraries":7})").find("libraries': not an array"), std::string::npos);
  EXPECT_NE(message(R"({"libraries":[{"file":"x.so"}]})").find("not an absolute path"), std::string::npos);
  EXPECT_NE(message(R"({"libraries":[{"modules":[{"name":"../x"}]}]})").find("libraries[0].modules[0]"), std::string::npos);
  EXPECT_NE(message(R"({"libraries":[{"modules":[{"name":"a","parameters":[{"key":"k","value":1}]}]}]})")
                .find("libraries[0].modules[0].parameters[0].value': not a string"),
            std::string::npos);
  EXPECT_NE(message("{").find("m.json"), std::string::npos);
}

TEST(ModuleConfigTest, DeepJsonIsRefused) {
  std::string deep(1000000, '[');
  EXPECT_FALSE(parse_module_json(deep, "test"));
}

TEST(ModuleConfigTest, HostProcessIsRefusedByName) {
  auto json = parse_module_json(R"({"libraries":[{"modules":[{"name":"cgroups/cpu","host":"process"}]}]})", "test");
  ASSERT_FALSE(json);
  EXPECT_EQ(json.error().code(), ErrorCode::Unimplemented);
  EXPECT_NE(json.error().to_string().find("use host 'process' for module 'cgroups/cpu'"), std::string::npos);
  auto toml = parse_module_toml("[[module]]\nname = \"cgroups/cpu\"\nhost = \"process\"\n", "test");
  ASSERT_FALSE(toml);
  EXPECT_EQ(toml.error().code(), ErrorCode::Unimplemented);
}

TEST(ModuleConfigTest, TomlSaysTheSame) {
  auto entries = parse_module_toml(
      "[[module]]\nname = \"cgroups/cpu\"\nfile = \"/m/cpu.so\"\nhost = \"inline\"\n"
      "parameters = { period_ms = 50, cfs_quota = false, note = \"x\" }\n\n[[module]]\nname = \"cgroups/mem\"\n",
      "test");
  ASSERT_TRUE(entries) << entries.error().to_string();
  ASSERT_EQ(entries->size(), 2U);
  EXPECT_EQ((*entries)[0].parameters,
            (std::map<std::string, std::string>{{"period_ms", "50"}, {"cfs_quota", "false"}, {"note", "x"}}));
  EXPECT_EQ((*entries)[1].name, "cgroups/mem");
}

TEST(ModuleConfigTest, TomlMistakesNameLineOrField) {
  EXPECT_NE(parse_module_toml("[[module]\n", "m.toml").error().to_string().find("line 1"), std::string::npos);
  EXPECT_NE(parse_module_toml("modules = 1\n", "m.toml").error().to_string().find("'modules'"), std::string::npos);
  EXPECT_NE(parse_module_toml("[[module]]\nname=\"a\"\nfiel=\"/x\"\n", "m.toml").error().to_string().find("'fiel'"),
            std::string::npos);
}

TEST(ModuleConfigTest, IsolationIsAListOfDistinctNames) {
  EXPECT_EQ(*parse_isolation("cgroups/cpu, cgroups/mem"), (std::vector<std::string>{"cgroups/cpu", "cgroups/mem"}));
  EXPECT_TRUE(parse_isolation("")->empty());
  EXPECT_FALSE(parse_isolation("a,,b"));
  EXPECT_FALSE(parse_isolation("a,"));
  EXPECT_NE(parse_isolation("a,b,a").error().message().find("'a' is named twice"), std::string::npos);
}

TEST(ModuleConfigTest, TheModulesFlagTakesPathsUrlsAndInlineJson) {
  TempDir folder;
  const std::string file = folder.write("m.json", kMesosJson);
  const std::string toml = folder.write("m.toml", "[[module]]\nname = \"cgroups/mem\"\n");
  for (const std::string& flag : {file, "file://" + file, std::string(kMesosJson)}) {
    ModuleFlags flags;
    flags.modules = flag;
    auto selection = parse_module_selection(flags);
    ASSERT_TRUE(selection) << selection.error().to_string();
    EXPECT_EQ(selection->entries.size(), 2U);
  }
  ModuleFlags flags;
  flags.modules = toml;
  EXPECT_EQ(parse_module_selection(flags)->entries[0].name, "cgroups/mem");
  flags.modules = "/nowhere/m.json";
  EXPECT_EQ(parse_module_selection(flags).error().code(), ErrorCode::NotFound);
}

TEST(ModuleConfigTest, AModulesDirIsReadInOrderAndSearched) {
  TempDir folder;
  folder.write("b.json", R"({"libraries":[{"modules":[{"name":"b"}]}]})");
  folder.write("a.toml", "[[module]]\nname = \"a\"\n");
  folder.write("notes.txt", "not read");
  ModuleFlags flags;
  flags.modules_dir = folder.path();
  auto selection = parse_module_selection(flags);
  ASSERT_TRUE(selection) << selection.error().to_string();
  ASSERT_EQ(selection->entries.size(), 2U);
  EXPECT_EQ(selection->entries[0].name, "a");
  EXPECT_EQ(selection->folders.front(), folder.path().string());
}

TEST(ModuleConfigTest, AModuleNamedTwiceIsRefused) {
  TempDir folder;
  folder.write("a.json", R"({"libraries":[{"modules":[{"name":"x"}]}]})");
  folder.write("b.json", R"({"libraries":[{"modules":[{"name":"x"}]}]})");
  ModuleFlags flags;
  flags.modules_dir = folder.path();
  EXPECT_NE(parse_module_selection(flags).error().to_string().find("'x' is named twice"), std::string::npos);
}

}  // namespace
}  // namespace tepui::modules

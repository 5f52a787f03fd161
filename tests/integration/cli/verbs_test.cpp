// The verbs that need no cluster, or find none.
#include <gtest/gtest.h>

#include "tests/integration/cli/command.hpp"

namespace tepui {
namespace {

TEST(VerbsTest, HelpNamesEveryVerbAndShowsExamples) {
  const auto help = tepui("--help");
  EXPECT_EQ(help.exit_code, 0);
  for (const char* verb : {"run", "local", "task", "agent", "framework", "module", "Examples:"}) {
    EXPECT_NE(help.out.find(verb), std::string::npos) << verb;
  }
}

TEST(VerbsTest, UsageErrorsAreExitCode2AndGoToStandardError) {
  const auto wrong = tepui("task explode");
  EXPECT_EQ(wrong.exit_code, 2);
  EXPECT_EQ(wrong.out, "");
  for (const char* line : {"task explode", "explode", "explode --loud"}) {
    EXPECT_NE(tepui(line).err.find("'explode'"), std::string::npos) << line;
  }
  EXPECT_EQ(tepui("run --cpus -1 -- true").exit_code, 125);
}

TEST(VerbsTest, AMasterThatIsNotThereIsNamedWithTheWayToChooseAnother) {
  for (const char* verb : {"task ls", "agent ls", "framework ls", "task kill x"}) {
    const auto answer = tepui(std::string(verb) + " --master 127.0.0.1:1");
    EXPECT_EQ(answer.exit_code, 1) << verb;
    EXPECT_NE(answer.err.find("127.0.0.1:1"), std::string::npos) << answer.err;
    EXPECT_NE(answer.err.find("--master"), std::string::npos) << answer.err;
  }
}

TEST(VerbsTest, AModuleIsInspectedAndATextFileIsRefusedByName) {
  const auto module = tepui("module inspect " TEPUI_BINARY_DIR "/modules/cgroups-cpu.so");
  EXPECT_EQ(module.exit_code, 0) << module.err;
  EXPECT_NE(module.out.find("cgroups/cpu"), std::string::npos);
  EXPECT_NE(module.out.find("tepui.isolator/1"), std::string::npos);
  const auto text = tepui("module inspect /etc/passwd");
  EXPECT_EQ(text.exit_code, 1);
  EXPECT_NE(text.err.find("/etc/passwd"), std::string::npos) << text.err;
}

}  // namespace
}  // namespace tepui

#include "agent/daemon/flags.hpp"

#include <gtest/gtest.h>

namespace tepui::agent {
namespace {

Result<AgentFlags> parse(std::vector<std::string> arguments) {
  auto parsed = parse_agent_flags(std::move(arguments));
  if (!parsed) return parsed.error();
  return std::get<AgentFlags>(*parsed);
}

TEST(AgentFlagsTest, HyphensAndUnderscoresMeanTheSame) {
  const auto flags = parse({"--master=localhost:5050", "--work_dir=/tmp/a_b", "--modules_dir", "/m_d", "--runtime-dir=/r"});
  ASSERT_TRUE(flags) << flags.error().to_string();
  EXPECT_EQ(flags->work_dir, "/tmp/a_b");
  EXPECT_EQ(flags->modules_dir, "/m_d");
  EXPECT_EQ(flags->runtime_dir, "/r");
  EXPECT_EQ(flags->master_host, "localhost");
  EXPECT_EQ(flags->master_port, 5050);
}

TEST(AgentFlagsTest, TheDefaultIsolationIsTheWholeList) {
  const auto flags = parse({"--master=h:1"});
  ASSERT_TRUE(flags);
  EXPECT_EQ(flags->isolation, "cgroups/cpu,cgroups/mem,filesystem/linux,namespaces/pid,namespaces/ipc,linux/seccomp");
  EXPECT_EQ(flags->ip, "127.0.0.1");
  EXPECT_EQ(flags->port, 5051);
}

TEST(AgentFlagsTest, AMasterThatIsNoHostAndPortIsRefusedByName) {
  for (const char* master : {"", "localhost", ":5050", "h:", "h:0", "h:65536", "h:5x", "zk://a:2181/mesos"}) {
    const auto flags = parse({std::string("--master=") + master});
    EXPECT_FALSE(flags) << master;
  }
  const auto flags = parse({"--master=[::1]:5050"});
  ASSERT_TRUE(flags);
  EXPECT_EQ(flags->master_host, "::1");
}

TEST(AgentFlagsTest, AnAddressOthersCanReachNeedsAllowInsecure) {
  const auto refused = parse({"--master=h:1", "--ip=0.0.0.0"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::PermissionDenied);
  EXPECT_NE(refused.error().to_string().find("--allow-insecure"), std::string::npos);
  EXPECT_TRUE(parse({"--master=h:1", "--ip=0.0.0.0", "--allow-insecure"}));
  EXPECT_TRUE(parse({"--master=h:1", "--ip=127.1.2.3"}));
  EXPECT_FALSE(parse({"--master=h:1", "--ip=nowhere"}));
}

TEST(AgentFlagsTest, UnknownFlagsAndStrayWordsAreRefused) {
  EXPECT_FALSE(parse({"--master=h:1", "--nonsense"}));
  EXPECT_FALSE(parse({"--master=h:1", "stray"}));
  EXPECT_FALSE(parse({}));
  EXPECT_FALSE(parse({"--master=h:1", "--port=70000"}));
}

TEST(AgentFlagsTest, HelpPrintsHyphens) {
  const auto parsed = parse_agent_flags({"--help"});
  ASSERT_TRUE(parsed);
  const auto& text = std::get<AnsweredByParser>(*parsed).text;
  EXPECT_NE(text.find("--work-dir"), std::string::npos);
  EXPECT_EQ(text.find("--work_dir"), std::string::npos);
}

}  // namespace
}  // namespace tepui::agent

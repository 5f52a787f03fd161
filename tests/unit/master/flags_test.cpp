#include "master/flags.hpp"

#include <gtest/gtest.h>

namespace tepui::master {
namespace {

MasterFlags parsed(std::vector<std::string> arguments) {
  auto result = parse_master_flags(std::move(arguments));
  EXPECT_TRUE(result) << result.error().to_string();
  if (!result || !std::holds_alternative<MasterFlags>(*result)) return {};
  return std::get<MasterFlags>(*result);
}

std::string refused(std::vector<std::string> arguments) {
  const auto result = parse_master_flags(std::move(arguments));
  return result ? "" : result.error().to_string();
}

TEST(MasterFlagsTest, HyphensAndUnderscoresAreTheSame) {
  EXPECT_EQ(parsed({"--work-dir", "/a_b", "--port=0"}).work_dir, "/a_b");
  const MasterFlags flags = parsed({"--work_dir=/a_b", "--agent_reregister_timeout=2mins"});
  EXPECT_EQ(flags.work_dir, "/a_b");
  EXPECT_EQ(flags.config.agent_reregister_timeout, std::chrono::minutes(2));
}

TEST(MasterFlagsTest, TheHostnameIsTheAddressUnlessGiven) {
  EXPECT_EQ(parsed({}).config.hostname, "127.0.0.1");
  EXPECT_EQ(parsed({"--hostname=m.example"}).config.hostname, "m.example");
}

TEST(MasterFlagsTest, AnAddressOthersCanReachNeedsConsent) {
  EXPECT_NE(refused({"--ip=0.0.0.0"}).find("allow-insecure"), std::string::npos);
  EXPECT_EQ(parsed({"--ip=0.0.0.0", "--allow-insecure"}).ip, "0.0.0.0");
  EXPECT_EQ(refused({"--ip=::1"}), "");
}

TEST(MasterFlagsTest, NonsenseIsNamed) {
  EXPECT_NE(refused({"--no-such-flag=1"}).find("no-such-flag"), std::string::npos);
  EXPECT_NE(refused({"--port=70000"}).find("port"), std::string::npos);
  EXPECT_NE(refused({"--ip=nowhere"}).find("nowhere"), std::string::npos);
  EXPECT_NE(refused({"--allocation-interval=soon"}).find("allocation-interval"), std::string::npos);
  EXPECT_NE(refused({"--allocation-interval=0secs"}).find("more than zero"), std::string::npos);
  EXPECT_NE(refused({"--log-level=loud"}).find("loud"), std::string::npos);
}

TEST(MasterFlagsTest, WeightsAndTheLeastWorthOfferingAreRead) {
  const MasterFlags flags = parsed({"--weights=prod=2,dev/a=0.5", "--min-allocatable-resources=cpus:1;mem:64|gpus:1"});
  EXPECT_EQ(flags.config.role_weights, (std::map<std::string, double>{{"prod", 2}, {"dev/a", 0.5}}));
  ASSERT_EQ(flags.config.min_allocatable.size(), 2U);
  EXPECT_EQ(flags.config.min_allocatable[0].at("mem"), Scalar::from_millis(64'000));
  EXPECT_EQ(flags.config.min_allocatable[1].at("gpus"), Scalar::from_millis(1'000));
  EXPECT_EQ(parsed({}).config.min_allocatable, MasterConfig().min_allocatable);
  for (const char* bad : {"--weights=prod", "--weights=prod=0", "--weights=prod=-1", "--weights=a//b=1",
                          "--min-allocatable-resources=cpus"}) {
    EXPECT_NE(refused({bad}), "") << bad;
  }
}

TEST(MasterFlagsTest, HelpIsAnAnswer) {
  const auto result = parse_master_flags({"--help"});
  ASSERT_TRUE(result);
  ASSERT_TRUE(std::holds_alternative<AnsweredByParser>(*result));
  EXPECT_NE(std::get<AnsweredByParser>(*result).text.find("master.address"), std::string::npos);
}

}  // namespace
}  // namespace tepui::master

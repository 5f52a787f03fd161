#include "agent/containerizer/container_record.hpp"

#include <gtest/gtest.h>

namespace tepui::agent {
namespace {

StoredContainer sample() {
  StoredContainer stored;
  stored.config.container_id = "c1";
  stored.config.command = {.shell = false, .value = "/bin/echo", .arguments = {"echo", "a b"}};
  stored.config.environment = {{"RAW", "\xff\xfe"}};
  stored.config.user = "nobody";
  stored.config.resources.cpus = 0.1;
  stored.config.resources.ports = {{31000, 31005}};
  stored.config.labels = {{"k", "v"}};
  stored.plan = "{}";
  stored.cgroup_controllers = {"cpu", "freezer"};
  stored.process = ProcessIdentity{42, 123456789012, "boot"};
  stored.has_init = true;
  return stored;
}

TEST(ContainerRecordTest, ReadsBackWhatWasWritten) {
  const auto back = parse_container_record(format_container_record(sample()));
  ASSERT_TRUE(back) << back.error().to_string();
  EXPECT_EQ(back->config.command.arguments, sample().config.command.arguments);
  EXPECT_EQ(back->config.environment, sample().config.environment);
  EXPECT_DOUBLE_EQ(back->config.resources.cpus, 0.1);
  EXPECT_EQ(back->config.resources.ports, sample().config.resources.ports);
  EXPECT_EQ(back->process, sample().process);
  EXPECT_FALSE(back->shim.has_value());
  EXPECT_FALSE(back->termination.has_value());
  EXPECT_TRUE(back->has_init);
}

TEST(ContainerRecordTest, KeepsTheWholeEnd) {
  auto stored = sample();
  ContainerTermination end;
  end.container_id = "c1";
  end.exit = ExitStatus{.is_signalled = true, .signal = 9};
  end.limitation = ContainerLimitation{"REASON_CONTAINER_LIMITATION_MEMORY", "too much", "cgroups/mem"};
  end.launch_failure = LaunchFailure{"m", "execve", "foo", 2};
  end.usage.values = {{"mem_max_usage_bytes", 4096}};
  end.was_killed = true;
  stored.termination = end;
  const auto back = parse_container_record(format_container_record(stored));
  ASSERT_TRUE(back) << back.error().to_string();
  ASSERT_TRUE(back->termination.has_value());
  EXPECT_EQ(back->termination->exit->signal, 9);
  EXPECT_EQ(back->termination->limitation->message, "too much");
  EXPECT_EQ(back->termination->launch_failure->sys_errno, 2);
  EXPECT_EQ(back->termination->usage.memory_peak()->count(), 4096U);
  EXPECT_TRUE(back->termination->was_killed);
}

TEST(ContainerRecordTest, DamageIsDataLossAndNotACrash) {
  const std::string whole = format_container_record(sample());
  for (const std::string& text : {std::string(), std::string("{}"), std::string("[1]"), std::string("{\"version\":2}"),
                                  whole.substr(0, whole.size() / 2), whole + "x"}) {
    const auto back = parse_container_record(text);
    ASSERT_FALSE(back) << text;
    EXPECT_EQ(back.error().code(), ErrorCode::DataLoss);
  }
}

}  // namespace
}  // namespace tepui::agent

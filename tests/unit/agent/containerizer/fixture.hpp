// A LinuxContainerizer over fake isolators, a fake cgroup file system and a store in memory. Nothing is ever started.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <pwd.h>
#include <unistd.h>

#include "agent/containerizer/linux_containerizer.hpp"
#include "lib/async/blocking_pool.hpp"
#include "lib/async/event_loop.hpp"
#include "lib/async/task_group.hpp"
#include "lib/base/clock.hpp"
#include "tests/fakes/fake_isolator.hpp"
#include "tests/fakes/temp_dir.hpp"

namespace tepui::agent {

/// Keeps records in memory; can be told to fail.
class MemoryCheckpoints final : public ContainerCheckpoints {
 public:
  Async<void> store(ContainerRecord record) override {
    if (is_failing) co_return Error(ErrorCode::ResourceExhausted, "write the log", ENOSPC);
    history.push_back(record);
    records[record.container_id] = std::move(record);
    co_return ok();
  }
  Async<void> erase(std::string container_id) override {
    records.erase(container_id);
    co_return ok();
  }
  [[nodiscard]] std::vector<ContainerRecord> all() const {
    std::vector<ContainerRecord> out;
    for (const auto& [id, record] : records) out.push_back(record);
    return out;
  }

  bool is_failing = false;
  std::map<std::string, ContainerRecord> records;
  std::vector<ContainerRecord> history;
};

class ContainerizerFixture : public ::testing::Test {
 protected:
  ContainerizerFixture() { FakeIsolators::instance().reset(); }
  ~ContainerizerFixture() override {
    if (containerizer) static_cast<void>(block_on(loop, containerizer->close()));
  }

  void make_containerizer(std::vector<modules::ModuleLibrary> libraries) {
    ContainerizerOptions options;
    options.work_dir = directory / "work";
    options.runtime_dir = directory / "run";
    options.shim_path = "/bin/true";
    options.prepare_deadline = std::chrono::seconds(5);
    options.destroy_deadline = std::chrono::seconds(2);
    std::filesystem::create_directories(options.work_dir);
    std::filesystem::create_directories(directory / "cgroup/freezer");
    options.cgroup_layout = sys::CgroupLayout{.version = sys::CgroupVersion::V1,
                                              .mounts = {{"freezer", (directory / "cgroup/freezer").string()}},
                                              .controllers = {"freezer"}};
    auto load = [libraries](modules::IsolatorSetOptions set) {
      return modules::IsolatorSet::from_libraries(libraries, std::move(set));
    };
    auto made = LinuxContainerizer::create(std::move(options),
                                           {loop.executor(), pool, clock, checkpoints, std::move(load), {}});
    ASSERT_TRUE(made) << made.error().to_string();
    containerizer = std::move(*made);
    ASSERT_TRUE(block_on(loop, containerizer->recover(checkpoints.all())));
  }

  static ContainerConfig sample(const std::string& id) {
    ContainerConfig config;
    config.container_id = id;
    config.agent_id = "m-S0";
    config.framework_id = "m-0000";
    config.executor_id = "t1";
    config.task_id = "t1";
    config.command.value = "true";
    config.user = ::getpwuid(::geteuid())->pw_name;
    config.agent_endpoint = "127.0.0.1:5051";
    return config;
  }

  TempDir directory;
  EventLoop loop;
  BlockingPool pool{2, 100};
  SystemClock clock;
  MemoryCheckpoints checkpoints;
  std::unique_ptr<LinuxContainerizer> containerizer;
};

}  // namespace tepui::agent

// A LinuxContainerizer over the real launcher, real modules and real cgroups, below a root and folders of the test's own.
#pragma once

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/containerizer/linux_containerizer.hpp"
#include "lib/async/blocking_pool.hpp"
#include "lib/async/deadline.hpp"
#include "lib/async/event_loop.hpp"
#include "lib/async/task_group.hpp"
#include "lib/base/clock.hpp"
#include "lib/linux/process.hpp"
#include "lib/linux/sys.hpp"
#include "lib/modules/module_config.hpp"
#include "tests/fakes/requires.hpp"
#include "tests/fakes/temp_dir.hpp"

namespace tepui::agent {

/// One file per container: what survives the process.
class FileCheckpoints final : public ContainerCheckpoints {
 public:
  explicit FileCheckpoints(std::filesystem::path folder) : folder_(std::move(folder)) {
    std::filesystem::create_directories(folder_);
  }
  Async<void> store(ContainerRecord record) override {
    std::ofstream(folder_ / "new", std::ios::binary) << record.body;
    std::filesystem::rename(folder_ / "new", folder_ / record.container_id);
    co_return ok();
  }
  Async<void> erase(std::string container_id) override {
    std::filesystem::remove(folder_ / container_id);
    co_return ok();
  }
  [[nodiscard]] std::vector<ContainerRecord> all() const {
    std::vector<ContainerRecord> out;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
      if (entry.path().filename() == "new") continue;
      std::ifstream file(entry.path(), std::ios::binary);
      out.push_back({entry.path().filename(), std::string(std::istreambuf_iterator<char>(file), {})});
    }
    return out;
  }

 private:
  std::filesystem::path folder_;
};

/// One agent's part; made anew for the agent after it.
class RealContainerizer {
 public:
  RealContainerizer(std::filesystem::path folder, std::string cgroups_root)
      : folder_(std::move(folder)), root_(std::move(cgroups_root)), checkpoints_(folder_ / "records") {}
  ~RealContainerizer() {
    if (containerizer_) static_cast<void>(block_on(loop_, containerizer_->close()));
  }

  /// Loads `isolation` and recovers.
  Result<RecoveryReport> start(const std::string& isolation = "cgroups/cpu,cgroups/mem") {
    modules::ModuleFlags flags;
    flags.isolation = isolation;
    flags.module_folders = {TEPUI_BINARY_DIR "/modules"};
    auto selection = modules::parse_module_selection(flags);
    if (!selection) return selection.error();
    return start_with([selection = *selection](modules::IsolatorSetOptions set) {
      return modules::IsolatorSet::load(selection, std::move(set));
    });
  }
  Result<RecoveryReport> start_with(
      std::function<Result<std::unique_ptr<modules::IsolatorSet>>(modules::IsolatorSetOptions)> load) {
    ContainerizerOptions options;
    options.work_dir = folder_ / "work";
    options.runtime_dir = folder_ / "run";
    options.shim_path = TEPUI_BINARY_DIR "/bin/tepui-shim";
    options.cgroups_root = root_;
    std::filesystem::create_directories(options.work_dir);
    auto made = LinuxContainerizer::create(std::move(options),
                                           {loop_.executor(), pool_, clock_, checkpoints_, std::move(load), {}});
    if (!made) return made.error();
    containerizer_ = std::move(*made);
    return block_on(loop_, containerizer_->recover(checkpoints_.all()));
  }

  Result<ContainerStarted> launch(ContainerConfig config) {
    return bounded(containerizer_->launch(std::move(config)));
  }
  Result<ContainerTermination> wait(const std::string& id) { return bounded(containerizer_->wait(id)); }
  Result<ContainerUsage> usage(const std::string& id) { return bounded(containerizer_->usage(id)); }
  Result<void> destroy(const std::string& id) { return bounded(containerizer_->destroy(id)); }
  /// Launches and waits for the end.
  Result<ContainerTermination> run(ContainerConfig config) {
    const std::string id = config.container_id;
    const auto started = launch(std::move(config));
    if (!started && started.error().code() == ErrorCode::AlreadyExists) return started.error();
    return wait(id);
  }
  LinuxContainerizer& operator*() { return *containerizer_; }
  LinuxContainerizer* operator->() { return containerizer_.get(); }
  EventLoop& loop() { return loop_; }
  FileCheckpoints& checkpoints() { return checkpoints_; }

 private:
  template <class T>
  Result<T> bounded(Async<T> task) {
    return block_on(loop_, with_deadline(std::move(task), std::chrono::seconds(30), "test"));
  }

  std::filesystem::path folder_;
  std::string root_;
  EventLoop loop_;
  BlockingPool pool_{4, 100};
  SystemClock clock_;
  FileCheckpoints checkpoints_;
  std::unique_ptr<LinuxContainerizer> containerizer_;
};

class RealContainerizerFixture : public ::testing::Test {
 protected:
  void SetUp() override { TEPUI_REQUIRES(root, cgroup1("cpu"), cgroup1("memory"), cgroup1("freezer")); }
  void TearDown() override {
    agent_.reset();
    // Nothing may be left behind by any test.
    bool is_clean = true;
    for (const char* controller : {"cpu", "cpuacct", "memory", "pids", "devices", "freezer", "blkio", "cpuset"}) {
      const bool is_there = std::filesystem::exists(cgroup_path(controller, ""));
      EXPECT_FALSE(is_there) << controller;
      is_clean = is_clean && !is_there;
    }
    if (is_clean) return;
    // A test that failed half way: an agent without records takes all of it for orphans.
    std::filesystem::remove_all(directory_ / "records");
    RealContainerizer sweeper(directory_.path(), root_);
    EXPECT_TRUE(sweeper.start());
  }

  /// A fresh agent over the same host state; the one before ends without a word, as by kill -9, or by close().
  RealContainerizer& agent() {
    if (!agent_) agent_ = std::make_unique<RealContainerizer>(directory_.path(), root_);
    return *agent_;
  }
  void drop_agent() { agent_.reset(); }

  [[nodiscard]] std::filesystem::path cgroup_path(const std::string& controller, const std::string& id) const {
    return std::filesystem::path("/sys/fs/cgroup") / controller / root_ / id;
  }
  static std::string read(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  /// "nr_throttled" of cpu.stat and the like; -1 when it is not there.
  static long keyed(const std::filesystem::path& path, const std::string& key) {
    std::ifstream file(path);
    for (std::string name; file >> name;) {
      long value = 0;
      file >> value;
      if (name == key) return value;
    }
    return -1;
  }

  static ContainerConfig command(const std::string& id, const std::string& line) {
    ContainerConfig config;
    config.container_id = id;
    config.agent_id = "m-S0";
    config.framework_id = "m-0000";
    config.executor_id = "t-" + id;
    config.task_id = config.executor_id;
    config.command.value = line;
    config.user = "nobody";
    config.resources.cpus = 0.1;
    config.resources.mem_mib = 64;
    config.agent_endpoint = "127.0.0.1:5051";
    return config;
  }
  /// A pipe that a command may write a line to; its path.
  std::string make_fifo(const std::string& name) {
    const std::string path = (directory_ / name).string();
    EXPECT_EQ(::mkfifo(path.c_str(), 0666), 0);
    EXPECT_EQ(::chmod(path.c_str(), 0666), 0);
    return path;
  }
  /// Waits for a command to open the pipe and write to it.
  static void await_fifo(const std::string& path) {
    const auto pipe = sys::open_file(path, O_RDWR | O_NONBLOCK);  // O_RDWR: no end of file before the first writer
    ASSERT_TRUE(pipe);
    ASSERT_TRUE(sys::wait_readable(pipe->borrow(), std::chrono::seconds(20)));
  }
  /// Waits until the shim of a stored container has ended: its exit record is complete then.
  void await_shim_end(const std::string& id) {
    const auto stored = parse_container_record(read(directory_ / ("records/" + id)));
    ASSERT_TRUE(stored && stored->shim);
    const auto pidfd = sys::open_process({stored->shim->pid, stored->shim->start_time_ticks});
    if (!pidfd) return;
    ASSERT_TRUE(sys::wait_readable(pidfd->borrow(), std::chrono::seconds(20)));
  }
  /// Reads the container's usage again and again until its output is `text`.
  void await_output(const std::string& id, const std::string& text) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (output_of(id) != text && std::chrono::steady_clock::now() < deadline) {
      ASSERT_TRUE(agent().usage(id));
    }
    ASSERT_EQ(output_of(id), text);
  }
  std::string output_of(const std::string& id, const std::string& name = "stdout") {
    return read(directory_ / ("work/slaves/m-S0/frameworks/m-0000/executors/t-" + id + "/runs/" + id + "/" + name));
  }

  TempDir directory_{TempDir::Access::Everyone};
  std::string root_ = "tepui-test-" + std::to_string(::getpid());
  std::unique_ptr<RealContainerizer> agent_;
};

}  // namespace tepui::agent

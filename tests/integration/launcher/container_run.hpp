// ContainerRun: one container from plan to exit record, for the launcher's integration tests.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "launcher/launcher.hpp"
#include "lib/linux/sys.hpp"
#include "tests/fakes/temp_dir.hpp"

namespace tepui::launcher {

inline constexpr std::chrono::seconds kPatience{20};

inline const Launcher& test_launcher() {
  static const Launcher launcher = Launcher::create(TEPUI_BINARY_DIR "/bin/tepui-shim").value();
  return launcher;
}

/// A plan that runs a shell line as root without namespaces.
inline LaunchPlan shell_plan(const std::string& line) {
  LaunchPlan plan;
  plan.argv = {"/bin/sh", "-c", line};
  plan.env = {"PATH=/usr/bin:/bin", "LANG=C"};
  return plan;
}

class ContainerRun {
 public:
  ContainerRun() {
    runtime_dir_ = sys::open_directory_at(AT_FDCWD, folder_.path().string()).value();
    null_ = sys::open_file("/dev/null", O_RDWR).value();
    output_ = sys::open_file((folder_.path() / "output").string(), O_RDWR | O_CREAT | O_APPEND, 0666).value();
  }
  ~ContainerRun() {
    if (!launch) return;
    launch->cancel();
    static_cast<void>(wait_for_shim());
  }

  /// Instead of a folder on the disk; before start().
  void use_runtime_dir(UniqueFd directory) { runtime_dir_ = std::move(directory); }

  /// Starts the shim and waits until the container is parked, or has failed before.
  Result<LaunchEvent> start(const LaunchPlan& plan) {
    auto started = test_launcher().start(plan, {null_.borrow(), output_.borrow(), output_.borrow()},
                                         runtime_dir_.borrow());
    if (!started) return started.error();
    launch.emplace(std::move(*started));
    auto event = launch->wait_event(kPatience);
    if (event && std::holds_alternative<Parked>(*event)) parked = std::move(std::get<Parked>(*event));
    return event;
  }

  /// go() and what comes of it.
  Result<LaunchEvent> go() {
    auto gone = launch->go();
    if (!gone) return gone.error();
    return launch->wait_event(kPatience);
  }

  /// Waits for the shim's end and reaps it: its exit code.
  int wait_for_shim() {
    if (!sys::wait_readable(launch->shim_pidfd(), kPatience)) return -1;
    auto reaped = sys::try_reap(launch->shim_pidfd());
    return reaped && *reaped ? WEXITSTATUS((*reaped)->wait_status) : -1;
  }

  /// The whole life; the exit record at its end.
  ExitRecord run(const LaunchPlan& plan) {
    auto event = start(plan);
    EXPECT_TRUE(event) << (event ? "" : event.error().to_string());
    if (parked) {
      event = go();
      EXPECT_TRUE(event) << (event ? "" : event.error().to_string());
    }
    if (event && std::holds_alternative<LaunchFailure>(*event)) failure = std::get<LaunchFailure>(*event);
    wait_for_shim();
    auto record = read_record();
    EXPECT_TRUE(record.has_value());
    launch.reset();
    return record.value_or(ExitRecord{});
  }

  std::optional<ExitRecord> read_record() {
    auto record = read_exit_record(runtime_dir_.borrow());
    EXPECT_TRUE(record) << (record ? "" : record.error().to_string());
    return record ? *record : std::nullopt;
  }

  [[nodiscard]] std::string output() const { return sys::read_file((folder_.path() / "output").string()).value(); }
  [[nodiscard]] std::string folder() const { return folder_.path().string(); }
  [[nodiscard]] int runtime_dir() const { return runtime_dir_.borrow(); }

  std::optional<Launch> launch;
  std::optional<Parked> parked;
  std::optional<LaunchFailure> failure;

 private:
  TempDir folder_;
  UniqueFd runtime_dir_;
  UniqueFd null_;
  UniqueFd output_;
};

}  // namespace tepui::launcher

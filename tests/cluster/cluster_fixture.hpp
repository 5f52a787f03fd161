// ClusterTest: the fixture of tests that need a running MiniCluster and a subscribed RawScheduler.
#pragma once

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "tests/cluster/mini_cluster.hpp"
#include "tests/cluster/raw_scheduler.hpp"
#include "tests/fakes/requires.hpp"

namespace tepui::cluster {

class ClusterTest : public ::testing::Test {
 protected:
  void SetUp() override { TEPUI_REQUIRES(root, cgroup1("cpu"), cgroup1("memory")); }

  void TearDown() override {
    if (cluster && HasFailure()) std::cerr << "updates:\n" << scheduler.describe() << cluster->logs();
  }

  /// Starts the cluster and subscribes.
  void start(MiniCluster::Options options = {}) {
    cluster = std::make_unique<MiniCluster>(std::move(options));
    ASSERT_TRUE(cluster->start());
    ASSERT_TRUE(scheduler.subscribe(cluster->master_address(), in(std::chrono::seconds(15))));
  }

  /// Waits until a process whose command line begins so exists.
  static std::optional<ProcessFacts> wait_process(const std::string& command_line_start) {
    std::optional<ProcessFacts> found;
    static_cast<void>(
        eventually(in(std::chrono::seconds(10)), [&] { return (found = find_process(command_line_start)).has_value(); }));
    return found;
  }

  std::unique_ptr<MiniCluster> cluster;
  RawScheduler scheduler;
};

}  // namespace tepui::cluster

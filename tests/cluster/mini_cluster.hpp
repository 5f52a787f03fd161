// MiniCluster: real daemons of this build on loopback, each with its own folders, killed and restarted at will.
//
//   MiniCluster cluster;
//   cluster.start();                         // a master and its agents
//   RawScheduler scheduler;
//   ASSERT_TRUE(scheduler.subscribe(cluster.master_address(), in(10s)));
//   …
//   cluster.agent(0).kill_now();             // kill -9
//   ASSERT_TRUE(cluster.start_agent(0));     // same folders
//   EXPECT_EQ(cluster.leftovers(), "");      // at the end, all tasks being over
//
// Its end kills every process that descends from the test, and removes its cgroups, mounts and files.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "tests/cluster/child_process.hpp"
#include "tests/cluster/orphan_reaper.hpp"
#include "tests/fakes/temp_dir.hpp"

namespace tepui::cluster {

class MiniCluster {
 public:
  struct Options {
    int agents = 1;
    std::string resources = "cpus:2;mem:1024;disk:1024;ports:[31000-31100]";
    std::vector<std::string> agent_flags;  // added to every agent's
    std::vector<std::string> master_flags;
  };
  using Environment = std::map<std::string, std::string>;

  explicit MiniCluster(Options options);
  MiniCluster();
  MiniCluster(const MiniCluster&) = delete;
  MiniCluster& operator=(const MiniCluster&) = delete;
  ~MiniCluster();

  /// Master first, then all agents; false when one did not become ready (its log is printed).
  bool start();
  /// Starts, or starts again with the same folders and, for the master, the same port.
  bool start_master(const Environment& environment = {});
  bool start_agent(int index, const Environment& environment = {});
  ChildProcess& master() { return master_; }
  ChildProcess& agent(int index) { return agents_.at(static_cast<std::size_t>(index)); }

  [[nodiscard]] const std::string& master_address() const { return master_address_; }
  [[nodiscard]] std::string agent_address(int index) const;
  [[nodiscard]] std::filesystem::path master_folder() const { return folder_ / "master"; }
  [[nodiscard]] std::filesystem::path agent_folder(int index) const {
    return folder_ / ("agent" + std::to_string(index));
  }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }
  [[nodiscard]] std::string cgroups_root(int index) const;
  [[nodiscard]] std::vector<std::string> agent_arguments(int index) const;
  [[nodiscard]] std::vector<std::string> master_arguments() const;

  /// What tasks have left behind although they are over: processes, cgroups below our roots, mounts below our folder.
  /// Waits up to 10 s for it to become empty. The daemons themselves do not count.
  [[nodiscard]] std::string leftovers();
  /// SIGTERM to every daemon and a wait for their ends; false when one did not end within 15 s.
  bool stop();
  /// The ends of the daemons' logs, for a failed test's message.
  [[nodiscard]] std::string logs() const;

  static std::filesystem::path program(const std::string& name);

 private:
  std::string find_leftovers();

  Options options_;
  OrphanReaper reaper_;
  TempDir folder_{TempDir::Access::Everyone};
  ChildProcess master_;
  std::vector<ChildProcess> agents_;
  std::string master_address_;
  std::string port_ = "0";
};

/// Removes every cgroup directory below (and with) `/sys/fs/cgroup/*/name`.
void remove_cgroups(const std::string& name);
/// Every cgroup directory strictly below `/sys/fs/cgroup/*/name`.
std::vector<std::string> list_cgroups(const std::string& name);
/// The whole file; empty when there is none.
std::string read_file(const std::filesystem::path& path);

}  // namespace tepui::cluster

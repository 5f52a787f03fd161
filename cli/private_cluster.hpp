// PrivateCluster: a master and one agent of one's own, as child processes on loopback, for `run` without --master and `local`.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "lib/async/async.hpp"
#include "lib/linux/process.hpp"

namespace tepui::cli {

struct PrivateClusterOptions {
  /// Kept when given; else a temporary directory that is removed at the end.
  std::string work_dir;
  int master_port = 0;  // 0: any free one
  int agent_port = 0;
  /// Daemons' log lines go to this process's standard error; else to files in the work directory.
  bool is_log_shown = false;
  bool is_root_task_allowed = false;
  std::string resources;
  std::string isolation;  // empty: the agent's default
};

/// [loop] Both daemons end with this process, however it ends, and the agent then destroys every container of its own.
class PrivateCluster {
 public:
  /// Starts both and waits until the agent is registered. Errors: those of spawn; FailedPrecondition with the daemon's last
  /// log lines when one ends early; DeadlineExceeded (30 s).
  static Async<std::unique_ptr<PrivateCluster>> start(PrivateClusterOptions options);
  PrivateCluster(const PrivateCluster&) = delete;
  PrivateCluster& operator=(const PrivateCluster&) = delete;
  ~PrivateCluster();

  /// HOST:PORT.
  [[nodiscard]] const std::string& master() const { return master_address_; }
  [[nodiscard]] const std::string& agent() const { return agent_address_; }
  /// Resolves when one of the daemons has ended by itself: "master" or "agent".
  Async<std::string> wait_for_end();
  /// Ends agent, then master (SIGTERM; SIGKILL after 15 s), and removes the temporary directory. Idempotent.
  Async<void> stop();

 private:
  PrivateCluster() = default;
  Async<void> start_daemons();
  Result<sys::Process> start_daemon(const std::string& name, std::vector<std::string> flags);
  Result<void> check_alive(const std::string& name, const sys::Process& process) const;
  [[nodiscard]] std::string last_log_lines(const std::string& name) const;
  Async<std::string> wait_for_address(std::string name, const sys::Process* process);

  PrivateClusterOptions options_;
  std::string directory_;
  bool is_directory_temporary_ = false;
  std::string master_address_;
  std::string agent_address_;
  sys::Process master_;
  sys::Process agent_;
};

}  // namespace tepui::cli

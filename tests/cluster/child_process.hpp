// ChildProcess: a program that a cluster test started, and what the tests ask about processes in general (/proc).
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/cluster/eventually.hpp"

namespace tepui::cluster {

/// Owns one child; at its end the child is killed and reaped. Output of the child goes to `log`.
class ChildProcess {
 public:
  struct Options {
    std::vector<std::string> arguments;              // [0] is the program's path
    std::map<std::string, std::string> environment;  // added to ours
    std::filesystem::path log;                       // both outputs, appended
    std::filesystem::path directory;                 // empty: ours
    uid_t user = 0;                                  // 0: stay as we are
    bool has_private_mounts = false;                 // a mount namespace of its own, private propagation
    std::string before_exec;                         // a shell line run in that namespace first ("mount -t tmpfs …")
  };

  ChildProcess() = default;
  explicit ChildProcess(const Options& options);
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&& other) noexcept;
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  ~ChildProcess();

  /// -1 when nothing was started or the child was reaped.
  [[nodiscard]] pid_t pid() const { return pid_; }
  /// Reaps without waiting: true once the child has ended.
  bool has_ended();
  /// The wait status, once the child has ended before the deadline.
  std::optional<int> wait(Deadline deadline);
  void send_signal(int signal) const;
  /// SIGKILL, and reaps.
  void kill_now();
  /// The wait status after has_ended() or wait() said so.
  [[nodiscard]] int status() const { return status_; }

 private:
  void disown();

  pid_t pid_ = -1;
  int status_ = 0;
};

/// A process as /proc shows it. pid and start time together name it for ever.
struct ProcessFacts {
  pid_t pid = 0;
  pid_t parent = 0;
  char state = '?';
  std::uint64_t start_ticks = 0;
  std::string command_line;  // arguments joined by spaces
  friend bool operator==(const ProcessFacts& a, const ProcessFacts& b) {
    return a.pid == b.pid && a.start_ticks == b.start_ticks;
  }
};

/// Reaps every dead child of this process that no ChildProcess owns. Any thread.
void reap_orphans();
/// All processes that live (no zombies).
std::vector<ProcessFacts> list_processes();
/// Those whose parents lead up to this test; MiniCluster makes orphans ours (PR_SET_CHILD_SUBREAPER).
std::vector<ProcessFacts> list_descendants();
/// A descendant whose command line begins so: "sleep 4711.1", which is not the shell that starts it.
std::optional<ProcessFacts> find_process(const std::string& command_line_start);

}  // namespace tepui::cluster

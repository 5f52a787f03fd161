// Containerizer: what the agent knows of containers. The real one is LinuxContainerizer (linux_containerizer.hpp);
// a container's life itself is in container.cpp, to be read top to bottom.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agent/containerizer/container_checkpoints.hpp"
#include "agent/containerizer/container_config.hpp"
#include "agent/containerizer/container_termination.hpp"
#include "lib/async/async.hpp"
#include "lib/base/clock.hpp"

namespace tepui::agent {

/// A process that cannot be mistaken for a later one with the same number.
struct ProcessIdentity {
  int pid = 0;
  std::uint64_t start_time_ticks = 0;  // field 22 of /proc/PID/stat
  std::string boot_id;                 // /proc/sys/kernel/random/boot_id
  bool operator==(const ProcessIdentity&) const = default;
};

/// One step of a launch and how long it took, in order.
struct LaunchSpan {
  std::string step;
  std::chrono::microseconds took{0};
};

/// The command runs (its execve succeeded).
struct ContainerStarted {
  std::string container_id;
  ProcessIdentity process;
  std::string sandbox;
  std::vector<LaunchSpan> spans;
};

/// What GET /tepui/v1/containers shows of a container, live or ended.
struct ContainerSummary {
  std::string container_id;
  std::string framework_id;
  std::string executor_id;
  std::string task_id;
  std::string state;  // "PREPARING", "ISOLATING", "RUNNING", "DESTROYING", "DESTROYED"
  int pid = 0;        // 0 before it has one
  std::string user;
  std::string sandbox;
  WallTime started{};
  std::vector<std::string> isolators;
  std::string plan;  // OCI config.json text; empty before the plan was merged
  std::vector<LaunchSpan> spans;
  ContainerUsage usage;
  std::optional<ContainerTermination> termination;
};

/// What recover() found. For each of `running` and `ended`, wait() tells the end.
struct RecoveryReport {
  std::vector<std::string> running;  // re-adopted: same pid, start time and boot
  std::vector<std::string> ended;    // ended while no agent looked, or never started
  std::vector<std::string> orphans;  // removed: found on the host, in no record
  std::vector<std::string> errors;   // what could not be removed
};

/// [loop] Every method is called on the agent's loop. Container ids are unique for the life of the agent's work directory.
class Containerizer {
 public:
  Containerizer() = default;
  Containerizer(const Containerizer&) = delete;
  Containerizer& operator=(const Containerizer&) = delete;
  virtual ~Containerizer() = default;

  /// Call once, before anything else, with every record that the checkpoints hold. Adopts, cleans up, removes orphans.
  /// Errors: only what forbids to go on (the cgroup root or runtime directory cannot be made).
  virtual Async<RecoveryReport> recover(std::vector<ContainerRecord> records) = 0;

  /// Runs a container. Resolves when its command runs. An error is an outcome, not a fault of the agent: its to_string()
  /// belongs in the task's status (REASON_CONTAINER_LAUNCH_FAILED), and wait() tells the same with errno and step once all
  /// is cleaned up. Code Cancelled: destroyed or killed meanwhile. AlreadyExists: the id is in use (wait() is then another's).
  virtual Async<ContainerStarted> launch(ContainerConfig config) = 0;

  /// SIGTERM to every process of the container, SIGKILL after `grace` (no value: the config's). A later call may only
  /// shorten. Returns at once. Before the container runs it is as destroy(). Errors: NotFound (unknown or ended).
  virtual Result<void> kill(const std::string& container_id, std::optional<std::chrono::nanoseconds> grace) = 0;

  /// Ends the container whatever its state and resolves when all is cleaned up. Idempotent. Errors: NotFound.
  virtual Async<void> destroy(std::string container_id) = 0;

  /// Resolves at the container's end, after cleanup; at once for one of the last 1,000 ended. Any number may wait.
  /// Errors: NotFound.
  virtual Async<ContainerTermination> wait(std::string container_id) = 0;

  /// The end that wait() told is durable with the agent: the containerizer may forget its record. Until then every
  /// recover() tells the same end again. Idempotent; an unknown id is a success.
  virtual Async<void> forget(std::string container_id) = 0;

  /// Reads now. Of an ended container: its last reading. Errors: NotFound.
  virtual Async<ContainerUsage> usage(std::string container_id) = 0;

  /// Live containers and the last 1,000 ended, oldest first. Reads no files: `usage` of live ones is the last reading.
  [[nodiscard]] virtual std::vector<ContainerSummary> list() const = 0;
  /// One of list(). No value: unknown.
  [[nodiscard]] virtual std::optional<ContainerSummary> find(const std::string& container_id) const = 0;

  /// Stops looking after the containers, which go on running: for an agent that ends and will come back. Waits for
  /// launches and cleanups in progress. After it only the destructor may be called.
  virtual Async<void> close() = 0;
};

}  // namespace tepui::agent

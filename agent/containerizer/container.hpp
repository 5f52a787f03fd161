// Container: one container's whole life, as one coroutine over the table of lib/model/container_lifecycle.hpp.
// Read container.cpp top to bottom. What many containers share is in container_host.hpp.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/containerizer/container_config.hpp"
#include "agent/containerizer/container_host.hpp"
#include "agent/containerizer/container_record.hpp"
#include "agent/containerizer/container_termination.hpp"
#include "agent/containerizer/containerizer.hpp"
#include "agent/containerizer/containerizer_invariants.hpp"
#include "agent/containerizer/plan_sink.hpp"
#include "agent/containerizer/sandbox.hpp"
#include "lib/async/async.hpp"
#include "lib/async/condition.hpp"
#include "lib/async/timer.hpp"
#include "lib/model/container_lifecycle.hpp"

namespace tepui::agent {

/// [loop] Made by LinuxContainerizer, kept until its end was told. live() or live_on() runs once, in a TaskGroup.
///
///   Preparing: sandbox, plan         Isolating: checkpoint, cgroups, shim, isolate, checkpoint, go
///   Running: until the shim ends, a limitation, kill or destroy      Destroying: kill, end, cleanup in reverse
class Container : public std::enable_shared_from_this<Container> {
 public:
  Container(ContainerHost& host, ContainerConfig config);
  /// One of an earlier agent's.
  Container(ContainerHost& host, StoredContainer stored);
  Container(const Container&) = delete;
  Container& operator=(const Container&) = delete;
  ~Container();

  /// The life of a fresh container; resolves when all is cleaned up (or leave() was called). Never fails.
  Async<void> live();
  /// The life of an adopted one, from Running on (`adopted` alive), or from Destroying on. `why_lost`: for people, in
  /// case that there is no exit record.
  Async<void> live_on(launcher::Adopted adopted, std::string why_lost);

  /// Ends it whatever its state.
  void request_destroy();
  /// SIGTERM now, SIGKILL after the grace; a later one only shortens. Not yet running: as request_destroy().
  void request_kill(std::chrono::nanoseconds grace);
  /// The first report counts.
  void report_limitation(ContainerLimitation limitation);
  /// Stops looking after a running container, which goes on.
  void leave();

  /// Resolves when the command runs, or with why it does not.
  Async<ContainerStarted> wait_started();
  /// Resolves at the end.
  Async<ContainerTermination> wait_ended();
  Async<ContainerUsage> read_usage();

  [[nodiscard]] const ContainerConfig& config() const { return config_; }
  [[nodiscard]] ContainerState state() const { return state_; }
  [[nodiscard]] bool has_ended() const { return termination_.has_value() && state_ == ContainerState::Destroyed; }
  [[nodiscard]] ContainerSummary summary() const;
  /// What isolators are told of it.
  [[nodiscard]] modules::ContainerView view() const;
  /// Looks up the user of an adopted container, opens its runtime directory and cgroups and tells the isolators of them. Blocks shortly:
  /// recovery only.
  void reopen();

 private:
  // The launch, in order.
  Async<void> launch();
  Async<void> make_places();
  Async<void> prepare_isolators();
  Async<void> prepare_isolator(std::size_t index, std::shared_ptr<LaunchPlanSink> sink,
                               std::shared_ptr<modules::ClaimTable> claims);
  void merge_plan(const LaunchPlanSink& sink);
  Async<void> store_record();
  Async<void> make_cgroups();
  Async<void> start_shim();
  Async<void> place_in_cgroups();
  Async<void> isolate();
  Async<void> release_command();
  Async<launcher::LaunchEvent> next_launch_event();

  // The rest of the life, in order.
  Async<void> watch_until_end();
  static Async<void> watch_shim(std::shared_ptr<Container> self, std::shared_ptr<UniqueFd> pidfd);
  Async<void> signal_processes(int signal);
  Async<void> tear_down();
  Async<void> end_processes();
  Async<void> read_end();
  Async<void> store_end();
  Async<void> clean_up();

  /// Returns at the next change, or at `time`.
  Async<void> await_change_until(MonotonicTime time);
  [[nodiscard]] Result<void> still_wanted() const;
  [[nodiscard]] bool is_death_unexplained() const;
  void tell_cgroups();
  /// "execve" for the last step, else the launcher's words.
  static std::string step_text(launcher::LaunchStep step);
  Error unexpected_event(const launcher::LaunchEvent& event);
  void advance(ContainerEvent event);
  void note_launch_failure(const Error& error);
  void compose_termination();
  void note_cleanup_error(std::string_view what, const Error& error);
  [[nodiscard]] launcher::LaunchPlan base_plan() const;
  [[nodiscard]] StoredContainer stored() const;
  [[nodiscard]] ContainerFacts facts() const;

  class StepTimer;

  ContainerHost& host_;
  ContainerConfig config_;
  ContainerState state_ = ContainerState::Preparing;
  WallTime created_;

  sys::Account user_;
  Sandbox sandbox_;
  std::shared_ptr<UniqueFd> runtime_dir_;
  launcher::LaunchPlan plan_;
  std::string plan_text_;
  bool has_init_ = false;
  std::vector<std::string> controllers_;
  std::map<std::string, std::shared_ptr<const sys::Cgroup>> cgroups_;  // by controller
  std::size_t prepared_count_ = 0;  // isolators whose prepare was called: the undo stack's height
  std::optional<launcher::Launch> launch_;
  std::shared_ptr<UniqueFd> container_pidfd_;
  std::shared_ptr<UniqueFd> shim_pidfd_;
  std::optional<ProcessIdentity> shim_;
  std::optional<ProcessIdentity> process_;
  std::vector<LaunchSpan> spans_;
  std::string step_;  // of the launch, for its failure

  bool is_destroy_requested_ = false;
  bool is_kill_requested_ = false;
  bool is_term_sent_ = false;
  std::optional<MonotonicTime> kill_deadline_;
  bool is_process_stored_ = false;  // the record with the process is durable
  bool has_shim_ended_ = false;
  bool is_left_ = false;
  std::optional<ContainerLimitation> limitation_;
  std::optional<LaunchFailure> launch_failure_;
  std::optional<Error> start_error_;
  std::optional<launcher::ExitRecord> exit_record_;
  std::string why_lost_;
  ContainerUsage usage_;
  std::optional<ContainerTermination> termination_;
  std::vector<std::string> cleanup_errors_;

  Condition changed_;  // something above was asked for or has happened
  Alarm alarm_;        // rings as a change
  Notification started_;  // the launch came to its end, either way
  Notification ended_;
};

}  // namespace tepui::agent

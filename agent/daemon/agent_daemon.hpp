// AgentDaemon: the parts of a running tepui-agent, their start and their end. The rules are in agent/core.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "agent/api/agent_api.hpp"
#include "agent/checkpoint/work_directory.hpp"
#include "agent/containerizer/linux_containerizer.hpp"
#include "agent/core/agent_core.hpp"
#include "agent/daemon/container_runner.hpp"
#include "agent/daemon/effect_runner.hpp"
#include "agent/daemon/flags.hpp"
#include "agent/link/master_link.hpp"
#include "lib/async/event_loop.hpp"
#include "lib/async/signals.hpp"
#include "lib/async/timer.hpp"
#include "lib/http/server.hpp"

namespace tepui::agent {

/// One agent in this process. Made and run by main(); run() is called once.
class AgentDaemon {
 public:
  explicit AgentDaemon(AgentFlags flags) : flags_(std::move(flags)) {}
  ~AgentDaemon();

  /// Everything that can be refused is refused here, before anything is listened to or launched. [blocking]
  /// Errors: those of WorkDirectory, CheckpointLog, resources, modules and LinuxContainerizer.
  Result<void> prepare();

  /// Recovers, serves and follows the master until SIGTERM or SIGINT; then leaves the containers (or destroys them:
  /// --destroy-on-exit). Errors: the address cannot be listened to, recovery is impossible, the master refuses this agent.
  Result<void> run();

 private:
  Async<void> live();
  Async<void> recover();
  Async<void> stop();
  Async<void> wait_for_signal(SignalWatcher* signals);
  Async<void> destroy_containers();
  Result<void> listen();
  Result<void> announce();
  void make_core();
  void make_link();
  void open_api();
  void take(Effects effects);
  void set_alarm();
  ContainerNews news();

  AgentFlags flags_;
  SystemClock clock_;
  SystemRandom random_;
  WallTime started_{};
  std::optional<WorkDirectory> work_directory_;
  mesos::v1::AgentInfo agent_info_;
  EventLoop loop_;
  // Pools end before the loop whose coroutines await them.
  std::optional<BlockingPool> pool_;
  std::optional<BlockingPool> checkpoint_pool_;  // one thread: commits keep their order
  std::unique_ptr<EffectRunner> effects_;
  std::unique_ptr<LinuxContainerizer> containerizer_;
  std::unique_ptr<ContainerRunner> containers_;
  std::unique_ptr<AgentCore> core_;
  std::unique_ptr<MasterLink> link_;
  std::unique_ptr<AgentApi> api_;
  std::unique_ptr<http::Server> server_;
  std::unique_ptr<Alarm> alarm_;
  http::Endpoint address_{};
  std::optional<std::string> refusal_;  // the master's
  std::optional<Condition> ended_;
  bool is_stopping_ = false;
};

/// The code of sysexits.h for a daemon that could not start or go on.
int exit_code_of(const Error& error);

}  // namespace tepui::agent

#include "agent/daemon/agent_daemon.hpp"

#include <sysexits.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <filesystem>

#include "agent/daemon/detect_resources.hpp"
#include "api/resources_convert.hpp"
#include "lib/async/deadline.hpp"
#include "lib/base/fault.hpp"
#include "lib/base/log.hpp"
#include "lib/base/try.hpp"
#include "lib/base/uuid.hpp"
#include "lib/linux/sys.hpp"
#include "lib/modules/module_config.hpp"

namespace tepui::agent {
namespace {

constexpr std::chrono::seconds kDestroyLimit{60};
constexpr std::size_t kPoolThreads = 8;
constexpr std::size_t kPoolQueue = 100000;
constexpr const char* kAddressFile = "agent.address";

Result<mesos::v1::AgentInfo> make_agent_info(const AgentFlags& flags, int work_directory) {
  mesos::v1::AgentInfo info;
  std::array<char, 256> name{};
  if (flags.hostname.empty() && ::gethostname(name.data(), name.size() - 1) == 0) {
    info.set_hostname(name.data());
  } else {
    info.set_hostname(flags.hostname);
  }
  TEPUI_ASSIGN(const MachineFacts facts, read_machine_facts(work_directory));
  TEPUI_ASSIGN(const Resources resources, choose_resources(flags.resources, facts), "parse --resources");
  TEPUI_ASSIGN(const auto attributes, parse_attributes(flags.attributes), "parse --attributes");
  *info.mutable_resources() = api::resources_to_proto(resources);
  *info.mutable_attributes() = api::attributes_to_proto(attributes);
  return info;
}

Result<std::string> folder_of_this_program() {
  TEPUI_ASSIGN(const std::string program, sys::read_link_at(AT_FDCWD, "/proc/self/exe"), "find this program");
  return std::filesystem::path(program).parent_path().string();
}

std::map<std::string, std::string> flags_to_show(const AgentFlags& flags) {
  const auto yes_no = [](bool value) { return std::string(value ? "true" : "false"); };
  return {{"master", flags.master_host + ":" + std::to_string(flags.master_port)},
          {"ip", flags.ip},
          {"port", std::to_string(flags.port)},
          {"work_dir", flags.work_dir},
          {"runtime_dir", flags.runtime_dir},
          {"cgroups_root", flags.cgroups_root},
          {"hostname", flags.hostname},
          {"resources", flags.resources},
          {"attributes", flags.attributes},
          {"isolation", flags.isolation},
          {"modules_dir", flags.modules_dir},
          {"default_task_user", flags.default_task_user},
          {"allow_root_tasks", yes_no(flags.allow_root_tasks)},
          {"allow_insecure", yes_no(flags.allow_insecure)},
          {"destroy_on_exit", yes_no(flags.destroy_on_exit)}};
}

}  // namespace

int exit_code_of(const Error& error) {
  switch (error.sys_errno()) {
    case ENOSPC:
    case EDQUOT:
    case EIO:
    case EROFS: return EX_IOERR;
    default: break;
  }
  switch (error.code()) {
    case ErrorCode::InvalidArgument:
    case ErrorCode::NotFound:
    case ErrorCode::Unimplemented: return EX_CONFIG;
    case ErrorCode::PermissionDenied: return EX_NOPERM;
    case ErrorCode::DataLoss: return EX_DATAERR;
    case ErrorCode::ResourceExhausted: return EX_IOERR;
    case ErrorCode::AlreadyExists: return EX_UNAVAILABLE;
    case ErrorCode::Unavailable:
    case ErrorCode::FailedPrecondition: return EX_TEMPFAIL;
    case ErrorCode::Aborted: return EX_UNAVAILABLE;
    default: return EX_OSERR;
  }
}

AgentDaemon::~AgentDaemon() = default;

Result<void> AgentDaemon::prepare() {
  started_ = clock_.wall();
  if (::geteuid() != 0) {
    log::warn("running without root: no cgroup limits, no namespaces, no other users for tasks; most isolators refuse");
  }
  TEPUI_ASSIGN(work_directory_, WorkDirectory::open(flags_.work_dir));
  static_cast<void>(sys::unlink_at(work_directory_->borrow(), kAddressFile));
  TEPUI_ASSIGN(agent_info_, make_agent_info(flags_, work_directory_->borrow()));
  TEPUI_ASSIGN(CheckpointLog log, CheckpointLog::open(work_directory_->borrow(), work_directory_->path()));
  if (log.torn_bytes() > 0) {
    log::warn("checkpoint log had a torn tail, which was cut off", {{"bytes", log.torn_bytes()}});
  }
  // Also finds out whether the disk takes anything at all before a task relies on it.
  TEPUI_TRY(log.compact());

  pool_.emplace(kPoolThreads, kPoolQueue);
  checkpoint_pool_.emplace(1, kPoolQueue);
  EffectTargets targets{
      [this](const tepui::v1::AgentCall& call) { link_->send(call); },
      [this] { link_->resubscribe(); },
      [this](const std::string& message) {
        refusal_ = message;
        ended_->notify_all();
      },
  };
  ended_.emplace(loop_.executor());
  effects_ = std::make_unique<EffectRunner>(loop_.executor(), std::move(log), *checkpoint_pool_, std::move(targets));

  modules::ModuleFlags module_flags;
  module_flags.modules = flags_.modules;
  module_flags.modules_dir = flags_.modules_dir;
  module_flags.isolation = flags_.isolation;
  TEPUI_ASSIGN(const modules::ModuleSelection selection, modules::parse_module_selection(module_flags));
  TEPUI_ASSIGN(const std::string programs, folder_of_this_program());
  ContainerizerOptions options;
  options.work_dir = work_directory_->path();
  options.runtime_dir = flags_.runtime_dir;
  options.cgroups_root = flags_.cgroups_root;
  options.shim_path = programs + "/tepui-shim";
  modules::IsolatorSetOptions isolator_options;
  isolator_options.loop = loop_.executor();
  const auto load = [selection](modules::IsolatorSetOptions loaded_with) {
    return modules::IsolatorSet::load(selection, std::move(loaded_with));
  };
  TEPUI_ASSIGN(containerizer_, LinuxContainerizer::create(
                                   options, {loop_.executor(), *pool_, clock_, *effects_, load, isolator_options}));
  std::string isolators;
  for (const auto& name : containerizer_->isolator_names()) isolators += (isolators.empty() ? "" : ",") + name;
  log::info("isolators loaded", {{"isolation", isolators},
                                 {"cgroups", containerizer_->cgroup_version() == sys::CgroupVersion::V1 ? "v1" : "v2"}});
  return ok();
}

Result<void> AgentDaemon::run() {
  // A client that hangs up is an error code, not the end.
  std::signal(SIGPIPE, SIG_IGN);
  auto lived = block_on(loop_, live());
  auto stopped = block_on(loop_, stop());
  if (!lived) return lived;
  return stopped;
}

Async<void> AgentDaemon::live() {
  SignalWatcher signals(loop_.executor(), {SIGTERM, SIGINT});
  api_ = std::make_unique<AgentApi>(loop_.executor());
  TEPUI_CO_TRY(listen());
  make_core();
  TEPUI_CO_TRY(co_await recover());
  open_api();
  make_link();
  TEPUI_CO_TRY(announce());
  TaskGroup watchers(loop_.executor(), "signals", {});
  TEPUI_CO_TRY(watchers.spawn("wait for the end", wait_for_signal(&signals)));
  while (!is_stopping_ && !refusal_) {
    TEPUI_CO_TRY(co_await ended_->wait());
  }
  auto closed = co_await watchers.close();
  if (!closed) co_return closed;
  if (refusal_) co_return Error(ErrorCode::Aborted, "subscribe at the master: it refuses this agent: " + *refusal_);
  co_return ok();
}

Async<void> AgentDaemon::wait_for_signal(SignalWatcher* signals) {
  TEPUI_CO_ASSIGN(const int signal, co_await signals->next());
  log::info("agent asked to stop", {{"signal", signal}});
  is_stopping_ = true;
  ended_->notify_all();
  co_return ok();
}

Result<void> AgentDaemon::listen() {
  http::ServerOptions options;
  options.allowed_hosts = {agent_info_.hostname()};
  server_ = std::make_unique<http::Server>(loop_.executor(), api_->routes(), options);
  TEPUI_ASSIGN(address_, server_->listen({flags_.ip, flags_.port}));
  return ok();
}

void AgentDaemon::make_core() {
  AgentCoreConfig config;
  config.agent_info = agent_info_;
  config.agent_info.set_port(address_.port);
  config.version = kMesosVersion;
  config.ip = address_.address;
  config.port = address_.port;
  config.boot_id = Uuid::random(random_).to_string();
  core_ = std::make_unique<AgentCore>(std::move(config), effects_->recovered_state(), clock_, random_);
  ContainerRunnerOptions options;
  options.users = {flags_.default_task_user, flags_.allow_root_tasks};
  options.agent_endpoint = address_.to_string();
  containers_ = std::make_unique<ContainerRunner>(loop_.executor(), *containerizer_, *pool_, options, news());
  effects_->set_containers(*containers_);
  alarm_ = std::make_unique<Alarm>(loop_.executor(), [this] { take(core_->tick()); });
}

void AgentDaemon::make_link() {
  LinkHooks hooks{[this] { take(core_->link_connected()); },
                  [this](const tepui::v1::AgentEvent& event) {
                    if (event.type() == tepui::v1::AgentEvent::ACKNOWLEDGE) TEPUI_FAULT("agent.acknowledgement.received");
                    if (event.type() == tepui::v1::AgentEvent::LAUNCH) TEPUI_FAULT("agent.launch.received");
                    take(core_->receive(event));
                  },
                  [this] { take(core_->link_disconnected()); }};
  link_ = std::make_unique<MasterLink>(loop_.executor(), http::HostPort{flags_.master_host, flags_.master_port}, random_,
                                       std::move(hooks));
  link_->start();
}

ContainerNews AgentDaemon::news() {
  return {[this](const std::string& id, int pid) { take(core_->container_running(id, pid)); },
          [this](const std::string& id, const FailedLaunch& failure) { take(core_->container_launch_failed(id, failure)); },
          [this](const std::string& id, const ContainerEnd& end) { take(core_->container_terminated(id, end)); }};
}

void AgentDaemon::take(Effects effects) {
  effects_->perform(effects);
  set_alarm();
}

void AgentDaemon::set_alarm() {
  const auto next = core_->next_deadline();
  if (next) {
    alarm_->set(*next);
  } else {
    alarm_->clear();
  }
}

Async<void> AgentDaemon::recover() {
  std::vector<ContainerRecord> records;
  for (const auto& [id, body] : effects_->recovered_state().containers()) records.push_back({id, body});
  TEPUI_CO_ASSIGN(const RecoveryReport report, co_await containerizer_->recover(std::move(records)), "recover containers");
  for (const auto& error : report.errors) log::warn("recovery left something behind", {{"error", error}});
  std::vector<RecoveredContainer> found;
  for (const auto& id : report.running) {
    const auto container = containerizer_->find(id);
    found.push_back({id, container ? container->pid : 0, true});
  }
  for (const auto& id : report.ended) found.push_back({id, 0, false});
  take(core_->recover(found));
  for (const auto& container : found) containers_->watch(container.container_id);
  log::info("agent recovered", {{"running", report.running.size()},
                                {"ended", report.ended.size()},
                                {"orphans", report.orphans.size()},
                                {"tasks", core_->tasks().size()}});
  co_return ok();
}

void AgentDaemon::open_api() {
  AgentView view{*core_,
                 *containerizer_,
                 SandboxFiles(work_directory_->borrow(), work_directory_->path()),
                 *pool_,
                 clock_,
                 started_,
                 flags_to_show(flags_),
                 address_,
                 [this] { return link_ != nullptr ? link_->connected_to() : std::nullopt; },
                 [this] { return effects_->is_stalled(); }};
  api_->open_for(std::move(view), server_->metrics());
}

Result<void> AgentDaemon::announce() {
  TEPUI_TRY(sys::replace_file_at(work_directory_->borrow(), kAddressFile, address_.to_string() + "\n", 0644),
            "write '" + work_directory_->path() + "/" + kAddressFile + "'");
  log::info("agent ready", {{"address", address_.to_string()}, {"work_dir", work_directory_->path()}});
  ::sd_notify(0, "READY=1");
  return ok();
}

Async<void> AgentDaemon::destroy_containers() {
  take(core_->destroy_all());
  const auto deadline = clock_.monotonic() + kDestroyLimit;
  while (clock_.monotonic() < deadline) {
    bool is_any_left = false;
    for (const auto& container : containerizer_->list()) is_any_left = is_any_left || !container.termination;
    if (!is_any_left) co_return ok();
    TEPUI_CO_TRY(co_await sleep_for(std::chrono::milliseconds(20)));
  }
  co_return Error(ErrorCode::DeadlineExceeded, "destroy containers: some are left after 60 s");
}

Async<void> AgentDaemon::stop() {
  ::sd_notify(0, "STOPPING=1");
  Result<void> outcome = ok();
  if (link_) outcome = co_await link_->close();
  if (flags_.destroy_on_exit && core_) {
    auto destroyed = co_await destroy_containers();
    if (!destroyed) outcome = destroyed;
  }
  if (server_) {
    auto closed = co_await server_->close();
    if (!closed) outcome = closed;
  }
  auto api_closed = co_await api_->close();
  if (!api_closed) outcome = api_closed;
  if (containers_) containers_->mute();
  auto containerizer_closed = co_await containerizer_->close();
  if (!containerizer_closed) outcome = containerizer_closed;
  if (containers_) {
    auto closed = co_await containers_->close();
    if (!closed) outcome = closed;
  }
  auto effects_closed = co_await effects_->close();
  if (!effects_closed) outcome = effects_closed;
  static_cast<void>(sys::unlink_at(work_directory_->borrow(), kAddressFile));
  log::info("agent stopped");
  co_return outcome;
}

}  // namespace tepui::agent

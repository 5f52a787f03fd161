#include "cli/private_cluster.hpp"

#include <fcntl.h>
#include <signal.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>

#include <fmt/format.h>

#include "cli/cluster_api.hpp"
#include "lib/async/deadline.hpp"
#include "lib/async/fd_wait.hpp"
#include "lib/async/timer.hpp"
#include "lib/base/try.hpp"
#include "lib/linux/remove_tree.hpp"
#include "lib/linux/spawn.hpp"
#include "lib/linux/sys.hpp"

namespace tepui::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds kStartLimit{30};
constexpr seconds kStopLimit{15};
constexpr milliseconds kPollInterval{20};
constexpr std::size_t kShownLogBytes = 2048;

/// Daemons are installed beside this program.
Result<std::string> program_beside_us(std::string_view name) {
  TEPUI_ASSIGN(const std::string self, sys::read_link_at(AT_FDCWD, "/proc/self/exe"));
  return (std::filesystem::path(self).parent_path() / name).string();
}

Result<std::string> make_temporary_directory() {
  const char* base = std::getenv("TMPDIR");
  std::string path = fmt::format("{}/tepui-XXXXXX", base == nullptr || *base == '\0' ? "/tmp" : base);
  if (::mkdtemp(path.data()) == nullptr) return Error::from_errno(errno, fmt::format("mkdtemp \"{}\"", path));
  // Tasks of other users must reach their sandbox below it; they cannot list it.
  TEPUI_ASSIGN(const UniqueFd directory, sys::open_directory_at(AT_FDCWD, path));
  TEPUI_TRY(sys::change_mode(directory.borrow(), 0711));
  return path;
}

Async<void> end_process(sys::Process* process) {
  if (!*process) co_return ok();
  static_cast<void>(sys::pidfd_signal(process->pidfd(), SIGTERM));
  const auto ended = co_await with_deadline(wait_process_end(process->pidfd()), kStopLimit);
  if (!ended) {
    static_cast<void>(sys::pidfd_signal(process->pidfd(), SIGKILL));
    TEPUI_CO_TRY(co_await with_deadline(wait_process_end(process->pidfd()), kStopLimit), "wait for a killed daemon");
  }
  static_cast<void>(sys::try_reap(process->pidfd()));
  static_cast<void>(process->release());
  co_return ok();
}

}  // namespace

PrivateCluster::~PrivateCluster() = default;

Async<std::unique_ptr<PrivateCluster>> PrivateCluster::start(PrivateClusterOptions options) {
  std::unique_ptr<PrivateCluster> cluster(new PrivateCluster());
  cluster->options_ = std::move(options);
  if (cluster->options_.work_dir.empty()) {
    TEPUI_CO_ASSIGN(cluster->directory_, make_temporary_directory());
    cluster->is_directory_temporary_ = true;
  } else {
    cluster->directory_ = std::filesystem::absolute(cluster->options_.work_dir).lexically_normal().string();
    TEPUI_CO_TRY(sys::ensure_directories(cluster->directory_, 0711));
  }
  auto started = co_await with_deadline(cluster->start_daemons(), kStartLimit, "start a private cluster");
  if (!started) {
    static_cast<void>(co_await cluster->stop());
    co_return started.error();
  }
  co_return std::move(cluster);
}

Result<sys::Process> PrivateCluster::start_daemon(const std::string& name, std::vector<std::string> flags) {
  TEPUI_ASSIGN(std::string program, program_beside_us("tepui-" + name));
  const std::string work_dir = directory_ + "/" + name;
  TEPUI_TRY(sys::ensure_directories(work_dir, 0711));
  // A former run's address would be taken for this one's.
  TEPUI_ASSIGN(const UniqueFd directory, sys::open_directory_at(AT_FDCWD, work_dir));
  TEPUI_ASSIGN(const bool is_stale, sys::exists_at(directory.borrow(), name + ".address"));
  if (is_stale) {
    TEPUI_TRY(sys::unlink_at(directory.borrow(), name + ".address"));
  }
  TEPUI_ASSIGN(const UniqueFd log, sys::open_at(directory.borrow(), "log", O_WRONLY | O_CREAT | O_TRUNC, 0600));
  TEPUI_ASSIGN(const UniqueFd null, sys::open_at(AT_FDCWD, "/dev/null", O_RDWR));
  sys::SpawnRequest request;
  request.arguments = {"tepui-" + name, "--ip", "127.0.0.1", "--work-dir", work_dir};
  request.arguments.insert(request.arguments.end(), flags.begin(), flags.end());
  request.program = std::move(program);
  request.stdio = {null.borrow(), options_.is_log_shown ? -1 : log.borrow(), options_.is_log_shown ? -1 : log.borrow()};
  request.parent_death_signal = SIGTERM;
  request.is_own_session = true;  // Ctrl-C reaches us alone: we end the agent before the master
  return sys::spawn(request, sys::Process::AtEnd::KillAndReap);
}

Async<void> PrivateCluster::start_daemons() {
  TEPUI_CO_ASSIGN(master_, start_daemon("master", {"--port", std::to_string(options_.master_port)}));
  TEPUI_CO_ASSIGN(master_address_, co_await wait_for_address("master", &master_));
  std::vector<std::string> flags = {"--master", master_address_, "--port", std::to_string(options_.agent_port),
                                    "--runtime-dir", directory_ + "/run",
                                    "--cgroups-root", fmt::format("tepui-{}", master_.id().pid), "--destroy-on-exit"};
  if (options_.is_root_task_allowed) flags.emplace_back("--allow-root-tasks");
  if (!options_.resources.empty()) flags.push_back("--resources=" + options_.resources);
  if (!options_.isolation.empty()) flags.push_back("--isolation=" + options_.isolation);
  TEPUI_CO_ASSIGN(agent_, start_daemon("agent", std::move(flags)));
  TEPUI_CO_ASSIGN(agent_address_, co_await wait_for_address("agent", &agent_));
  for (;;) {
    auto cluster = co_await fetch_cluster(master_address_);
    if (cluster && !cluster->agents.empty()) co_return ok();
    TEPUI_CO_TRY(check_alive("agent", agent_));
    TEPUI_CO_TRY(co_await sleep_for(kPollInterval));
  }
}

Result<void> PrivateCluster::check_alive(const std::string& name, const sys::Process& process) const {
  TEPUI_ASSIGN(const bool is_over, sys::has_ended(process.pidfd()));
  if (!is_over) return ok();
  return Error(ErrorCode::FailedPrecondition, fmt::format("start tepui-{}: it ended{}", name, last_log_lines(name)));
}

std::string PrivateCluster::last_log_lines(const std::string& name) const {
  if (options_.is_log_shown) return {};
  const auto directory = sys::open_directory_at(AT_FDCWD, directory_ + "/" + name);
  if (!directory) return {};
  const auto log = sys::read_file_at(directory->borrow(), "log");
  if (!log || log->empty()) return {};
  return "; its last words:\n" + log->substr(log->size() - std::min(log->size(), kShownLogBytes));
}

Async<std::string> PrivateCluster::wait_for_address(std::string name, const sys::Process* process) {
  TEPUI_CO_ASSIGN(const UniqueFd directory, sys::open_directory_at(AT_FDCWD, directory_ + "/" + name));
  for (;;) {
    auto address = sys::read_file_at(directory.borrow(), name + ".address");
    if (address && address->ends_with('\n')) {
      address->pop_back();
      co_return *address;
    }
    TEPUI_CO_TRY(check_alive(name, *process));
    TEPUI_CO_TRY(co_await sleep_for(kPollInterval));
  }
}

Async<std::string> PrivateCluster::wait_for_end() {
  for (;;) {
    for (const auto& [name, process] : {std::pair{"master", &master_}, std::pair{"agent", &agent_}}) {
      const auto alive = check_alive(name, *process);
      if (!alive) co_return std::string(name);
    }
    TEPUI_CO_TRY(co_await sleep_for(milliseconds(200)));
  }
}

Async<void> PrivateCluster::stop() {
  co_await ignore_cancellation();
  TEPUI_CO_TRY(co_await end_process(&agent_), "end the agent");
  TEPUI_CO_TRY(co_await end_process(&master_), "end the master");
  if (is_directory_temporary_ && !directory_.empty()) {
    const std::filesystem::path path(std::exchange(directory_, {}));
    TEPUI_CO_ASSIGN(const UniqueFd parent, sys::open_directory_at(AT_FDCWD, path.parent_path().string()));
    TEPUI_CO_TRY(sys::remove_tree_at(parent.borrow(), path.filename().string()), "remove the work directory");
  }
  co_return ok();
}

}  // namespace tepui::cli

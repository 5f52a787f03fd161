#include "tests/cluster/child_process.hpp"

#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <mutex>
#include <set>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace tepui::cluster {
namespace {

// Children that a ChildProcess owns, so that nobody else reaps them and takes their wait status away.
std::mutex owned_mutex;
std::set<pid_t> owned;

[[noreturn]] void become(const ChildProcess::Options& options, pid_t parent) {
  ::setpgid(0, 0);
  // Tests that are killed by ctest take their daemons along.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(124);
  const int log = ::open(options.log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  const int null = ::open("/dev/null", O_RDONLY);
  if (log < 0 || null < 0) ::_exit(123);
  ::dup2(null, 0);
  ::dup2(log, 1);
  ::dup2(log, 2);
  ::close_range(3, ~0U, 0);
  if (options.has_private_mounts) {
    if (::unshare(CLONE_NEWNS) != 0 || ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) ::_exit(122);
    if (!options.before_exec.empty() && std::system(options.before_exec.c_str()) != 0) ::_exit(121);
  }
  for (const auto& [name, value] : options.environment) ::setenv(name.c_str(), value.c_str(), 1);
  if (!options.directory.empty() && ::chdir(options.directory.c_str()) != 0) ::_exit(120);
  if (options.user != 0) {
    if (::setgroups(0, nullptr) != 0 || ::setresgid(options.user, options.user, options.user) != 0 ||
        ::setresuid(options.user, options.user, options.user) != 0) {
      ::_exit(119);
    }
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  }
  std::vector<char*> arguments;
  for (const auto& argument : options.arguments) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  ::execv(arguments[0], arguments.data());
  ::_exit(118);
}

/// A file of /proc; empty when its process goes away meanwhile (a stream would throw at ESRCH).
std::string read_proc(const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  std::string text;
  char part[4096];
  for (ssize_t count = 0; fd >= 0 && (count = ::read(fd, part, sizeof part)) > 0;) {
    text.append(part, static_cast<std::size_t>(count));
  }
  if (fd >= 0) ::close(fd);
  return text;
}

std::optional<ProcessFacts> read_process(const std::filesystem::path& folder) {
  const std::string line = read_proc(folder / "stat");
  const auto close = line.rfind(')');
  if (close == std::string::npos) return std::nullopt;
  ProcessFacts facts;
  facts.pid = std::atoi(line.c_str());
  std::istringstream rest(line.substr(close + 1));
  std::string skipped;
  rest >> facts.state >> facts.parent;
  for (int field = 5; field < 22; ++field) rest >> skipped;  // man 5 proc: starttime is field 22
  rest >> facts.start_ticks;
  facts.command_line = read_proc(folder / "cmdline");
  std::replace(facts.command_line.begin(), facts.command_line.end(), '\0', ' ');
  return facts;
}

}  // namespace

ChildProcess::ChildProcess(const Options& options) {
  const pid_t parent = ::getpid();
  const std::lock_guard lock(owned_mutex);
  pid_ = ::fork();
  if (pid_ < 0) throw std::runtime_error("fork failed");
  if (pid_ == 0) become(options, parent);
  owned.insert(pid_);
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), status_(other.status_) {}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
  if (this != &other) {
    kill_now();
    pid_ = std::exchange(other.pid_, -1);
    status_ = other.status_;
  }
  return *this;
}

ChildProcess::~ChildProcess() { kill_now(); }

bool ChildProcess::has_ended() {
  if (pid_ < 0) return true;
  const pid_t outcome = ::waitpid(pid_, &status_, WNOHANG);
  if (outcome == 0 || (outcome < 0 && errno != ECHILD)) return false;
  disown();
  return true;
}

std::optional<int> ChildProcess::wait(Deadline deadline) {
  if (!eventually(deadline, [this] { return has_ended(); })) return std::nullopt;
  return status_;
}

void ChildProcess::send_signal(int signal) const {
  if (pid_ > 0) ::kill(pid_, signal);
}

void ChildProcess::kill_now() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  while (::waitpid(pid_, &status_, 0) < 0 && errno == EINTR) {
  }
  disown();
}

void ChildProcess::disown() {
  const std::lock_guard lock(owned_mutex);
  owned.erase(pid_);
  pid_ = -1;
}

void reap_orphans() {
  const std::lock_guard lock(owned_mutex);
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    const auto facts = read_process(entry.path());
    if (facts && facts->state == 'Z' && facts->parent == ::getpid() && !owned.contains(facts->pid)) {
      ::waitpid(facts->pid, nullptr, WNOHANG);
    }
  }
}

std::vector<ProcessFacts> list_processes() {
  std::vector<ProcessFacts> found;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    auto facts = read_process(entry.path());
    if (facts && facts->state != 'Z' && facts->state != 'X') found.push_back(std::move(*facts));
  }
  return found;
}

std::vector<ProcessFacts> list_descendants() {
  std::vector<ProcessFacts> all = list_processes();
  std::set<pid_t> family = {::getpid()};
  std::vector<ProcessFacts> found;
  for (bool has_grown = true; has_grown;) {
    has_grown = false;
    for (const auto& one : all) {
      if (family.contains(one.pid) || !family.contains(one.parent)) continue;
      family.insert(one.pid);
      found.push_back(one);
      has_grown = true;
    }
  }
  return found;
}

std::optional<ProcessFacts> find_process(const std::string& command_line_start) {
  for (auto& one : list_descendants()) {
    if (one.command_line.starts_with(command_line_start)) return std::move(one);
  }
  return std::nullopt;
}

}  // namespace tepui::cluster

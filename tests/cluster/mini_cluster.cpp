#include "tests/cluster/mini_cluster.hpp"

#include <sys/mount.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>
#include <system_error>

#include "tests/cluster/raw_http.hpp"

namespace tepui::cluster {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

/// Each cgroup hierarchy's mount point: the folders below /sys/fs/cgroup (links to them left out), and itself when it
/// is v2.
std::vector<fs::path> hierarchies() {
  std::vector<fs::path> found = {"/sys/fs/cgroup"};
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator("/sys/fs/cgroup", ignored)) {
    if (!entry.is_symlink(ignored) && fs::exists(entry.path() / "cgroup.procs", ignored)) found.push_back(entry.path());
  }
  return found;
}

void collect_below(const fs::path& folder, std::vector<std::string>& found) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    if (!entry.is_directory(ignored) || entry.is_symlink(ignored)) continue;
    collect_below(entry.path(), found);  // deepest first, as rmdir wants them
    found.push_back(entry.path());
  }
}

std::vector<std::string> mounts_below(const fs::path& folder) {
  std::vector<std::string> found;
  std::ifstream mounts("/proc/self/mountinfo");
  for (std::string line; std::getline(mounts, line);) {
    std::istringstream words(line);
    std::string word;
    for (int i = 0; i < 5; ++i) words >> word;
    if (word.rfind(folder.string() + "/", 0) == 0) found.push_back(word);
  }
  return found;
}

std::string tail(const std::string& text, std::size_t length) {
  return text.size() <= length ? text : "…" + text.substr(text.size() - length);
}

}  // namespace

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> list_cgroups(const std::string& name) {
  std::vector<std::string> found;
  for (const auto& hierarchy : hierarchies()) collect_below(hierarchy / name, found);
  return found;
}

void remove_cgroups(const std::string& name) {
  for (const auto& folder : list_cgroups(name)) ::rmdir(folder.c_str());
  for (const auto& hierarchy : hierarchies()) ::rmdir((hierarchy / name).c_str());
}

fs::path MiniCluster::program(const std::string& name) { return fs::path(TEPUI_BINARY_DIR) / "bin" / name; }

MiniCluster::MiniCluster() : MiniCluster(Options{}) {}

MiniCluster::MiniCluster(Options options) : options_(std::move(options)) {
  fs::create_directories(master_folder());
  agents_.resize(static_cast<std::size_t>(options_.agents));
  for (int i = 0; i < options_.agents; ++i) {
    fs::create_directories(agent_folder(i) / "work");
    fs::create_directories(agent_folder(i) / "run");
  }
}

MiniCluster::~MiniCluster() {
  // Daemons first, so that they start nothing more.
  for (auto& agent : agents_) agent.kill_now();
  master_.kill_now();
  const bool is_clean = eventually(in(10s), [] {
    const auto left = list_descendants();
    for (const auto& one : left) ::kill(one.pid, SIGKILL);
    return left.empty();
  });
  if (!is_clean) std::cerr << "processes that cannot be killed are left behind\n";
  for (int round = 0; round < 3; ++round) {
    for (const auto& point : mounts_below(folder_.path())) ::umount2(point.c_str(), MNT_DETACH);
  }
  for (int i = 0; i < options_.agents; ++i) {
    static_cast<void>(eventually(in(5s), [&] {
      remove_cgroups(cgroups_root(i));
      return list_cgroups(cgroups_root(i)).empty();
    }));
  }
}

std::string MiniCluster::cgroups_root(int index) const {
  return "tepui-test-" + std::to_string(::getpid()) + "-" + std::to_string(index);
}

std::vector<std::string> MiniCluster::master_arguments() const {
  std::vector<std::string> arguments = {program("tepui-master"), "--ip=127.0.0.1", "--port=" + port_,
                                        "--work-dir=" + master_folder().string()};
  arguments.insert(arguments.end(), options_.master_flags.begin(), options_.master_flags.end());
  return arguments;
}

std::vector<std::string> MiniCluster::agent_arguments(int index) const {
  std::vector<std::string> arguments = {program("tepui-agent"),
                                        "--master=" + master_address_,
                                        "--ip=127.0.0.1",
                                        "--port=0",
                                        "--work-dir=" + (agent_folder(index) / "work").string(),
                                        "--runtime-dir=" + (agent_folder(index) / "run").string(),
                                        "--cgroups-root=" + cgroups_root(index),
                                        "--hostname=agent" + std::to_string(index),
                                        "--resources=" + options_.resources};
  if (const char* isolation = std::getenv("TEPUI_TEST_ISOLATION"); isolation != nullptr) {
    arguments.push_back(std::string("--isolation=") + isolation);
  }
  arguments.insert(arguments.end(), options_.agent_flags.begin(), options_.agent_flags.end());
  return arguments;
}

bool MiniCluster::start() {
  if (!start_master()) return false;
  for (int i = 0; i < options_.agents; ++i) {
    if (!start_agent(i)) return false;
  }
  return true;
}

bool MiniCluster::start_master(const Environment& environment) {
  const fs::path address_file = master_folder() / "master.address";
  fs::remove(address_file);
  ChildProcess::Options options;
  options.arguments = master_arguments();
  options.environment = environment;
  options.log = folder_ / "master.log";
  master_ = ChildProcess(options);
  const bool is_ready = eventually(in(20s), [&] {
    return master_.has_ended() || http_request(read_file(address_file), "GET", "/health").status == 200;
  });
  master_address_ = read_file(address_file);
  while (!master_address_.empty() && master_address_.back() == '\n') master_address_.pop_back();
  const auto colon = master_address_.rfind(':');
  if (colon != std::string::npos) port_ = master_address_.substr(colon + 1);
  if (is_ready && !master_.has_ended()) return true;
  std::cerr << "master did not become ready\n" << logs();
  return false;
}

std::string MiniCluster::agent_address(int index) const {
  std::string address = read_file(agent_folder(index) / "work" / "agent.address");
  while (!address.empty() && address.back() == '\n') address.pop_back();
  return address;
}

bool MiniCluster::start_agent(int index, const Environment& environment) {
  fs::remove(agent_folder(index) / "work" / "agent.address");
  ChildProcess::Options options;
  options.arguments = agent_arguments(index);
  options.environment = environment;
  options.log = folder_ / ("agent" + std::to_string(index) + ".log");
  agent(index) = ChildProcess(options);
  const bool is_ready = eventually(in(20s), [&] {
    return agent(index).has_ended() || http_request(agent_address(index), "GET", "/health").status == 200;
  });
  if (is_ready && !agent(index).has_ended()) return true;
  if (!environment.contains("TEPUI_FAULT")) std::cerr << "agent did not become ready\n" << logs();
  return false;
}

std::string MiniCluster::find_leftovers() {
  std::string found;
  for (const auto& one : list_descendants()) {
    const auto is_daemon = [&](const ChildProcess& daemon) { return daemon.pid() == one.pid; };
    if (is_daemon(master_) || std::any_of(agents_.begin(), agents_.end(), is_daemon)) continue;
    found +=
        "process " + std::to_string(one.pid) + " of " + std::to_string(one.parent) + ": " + one.command_line + "\n";
  }
  for (int i = 0; i < options_.agents; ++i) {
    for (const auto& folder : list_cgroups(cgroups_root(i))) found += "cgroup " + folder + "\n";
  }
  for (const auto& point : mounts_below(folder_.path())) found += "mount " + point + "\n";
  return found;
}

std::string MiniCluster::leftovers() {
  std::string found;
  static_cast<void>(eventually(in(10s), [&] { return (found = find_leftovers()).empty(); }));
  return found;
}

bool MiniCluster::stop() {
  for (auto& agent : agents_) agent.send_signal(SIGTERM);
  bool is_stopped = true;
  for (auto& agent : agents_) is_stopped = agent.wait(in(15s)).has_value() && is_stopped;
  master_.send_signal(SIGTERM);
  return master_.wait(in(15s)).has_value() && is_stopped;
}

std::string MiniCluster::logs() const {
  std::string text = "--- master.log\n" + tail(read_file(folder_ / "master.log"), 4000);
  for (int i = 0; i < options_.agents; ++i) {
    const std::string name = "agent" + std::to_string(i) + ".log";
    text += "\n--- " + name + "\n" + tail(read_file(folder_ / name), 6000);
  }
  return text + "\n";
}

}  // namespace tepui::cluster

// What starting a container costs, from the plan to the command's end: beside posix_spawn of the same program, bare, and
// confined. "after 100 ms" is what a lone task on an idle host sees. Needs root.
#include <spawn.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>

#include <benchmark/benchmark.h>

#include "launcher/launcher.hpp"
#include "lib/linux/sys.hpp"

namespace tepui::launcher {
namespace {

constexpr std::chrono::seconds kPatience{10};

LaunchPlan bare_plan() {
  LaunchPlan plan;
  plan.argv = {"/bin/true"};
  return plan;
}

LaunchPlan confined_plan() {
  LaunchPlan plan = bare_plan();
  plan.namespaces = {{NamespaceKind::Mount}, {NamespaceKind::Pid}, {NamespaceKind::Ipc}, {NamespaceKind::Uts}, {NamespaceKind::Cgroup}};
  plan.root = {.path = "/", .fd = kNoFd, .is_readonly = true};
  plan.mounts.push_back({.source = "proc", .target = "/proc", .fstype = "proc", .flags = MS_NOSUID});
  plan.mounts.push_back({.source = "tmpfs", .target = "/tmp", .fstype = "tmpfs", .flags = MS_NOSUID, .data = "mode=1777"});
  plan.mounts.push_back({.source = "tmpfs", .target = "/dev", .fstype = "tmpfs", .flags = MS_NOSUID, .data = "mode=0755"});
  plan.devices.push_back({.path = "/dev/null", .mode = S_IFCHR | 0666, .major = 1, .minor = 3});
  plan.seccomp = {sock_filter{BPF_RET | BPF_K, 0, 0, 0x7fff0000U}};
  return plan;
}

/// One container from start to its shim's end.
Result<void> run_once(const Launcher& launcher, const LaunchPlan& plan, int null, int runtime_dir) {
  auto launch = launcher.start(plan, {null, null, null}, runtime_dir);
  if (!launch) return launch.error();
  auto event = launch->wait_event(kPatience);
  if (event) {
    auto gone = launch->go();
    if (!gone) return gone;
    event = launch->wait_event(kPatience);
  }
  if (!event) return event.error();
  if (const auto* failure = std::get_if<LaunchFailure>(&*event)) return failure->to_error();
  auto ended = sys::wait_readable(launch->shim_pidfd(), kPatience);
  static_cast<void>(sys::try_reap(launch->shim_pidfd()));
  return ended;
}

void launch_and_wait(benchmark::State& state, const LaunchPlan& plan, std::chrono::milliseconds gap) {
  if (::geteuid() != 0) return state.SkipWithError("needs root");
  std::string folder = "/tmp/tepui-bench-XXXXXX";
  if (::mkdtemp(folder.data()) == nullptr) return state.SkipWithError("mkdtemp");
  const Launcher launcher = Launcher::create(TEPUI_BINARY_DIR "/bin/tepui-shim").value();
  const UniqueFd null = sys::open_file("/dev/null", O_RDWR).value();
  const UniqueFd runtime_dir = sys::open_directory_at(AT_FDCWD, folder).value();
  const UniqueFd never = sys::make_event_fd(0, 0).value();
  for (auto _ : state) {
    static_cast<void>(sys::wait_readable(never.borrow(), gap));
    const auto begin = std::chrono::steady_clock::now();
    auto outcome = run_once(launcher, plan, null.borrow(), runtime_dir.borrow());
    state.SetIterationTime(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
    if (!outcome) {
      state.SkipWithError(outcome.error().to_string().c_str());
      break;
    }
  }
  std::filesystem::remove_all(folder);
}

void spawn_and_wait(benchmark::State& state) {
  char name[] = "/bin/true";
  char* argv[] = {name, nullptr};
  char* env[] = {nullptr};
  for (auto _ : state) {
    pid_t pid = -1;
    if (::posix_spawn(&pid, name, nullptr, nullptr, argv, env) != 0) return state.SkipWithError("posix_spawn");
    ::waitpid(pid, nullptr, 0);
  }
}

void bare(benchmark::State& state) { launch_and_wait(state, bare_plan(), {}); }
void confined(benchmark::State& state) { launch_and_wait(state, confined_plan(), {}); }
void confined_after_100_ms(benchmark::State& state) {
  launch_and_wait(state, confined_plan(), std::chrono::milliseconds(100));
}

BENCHMARK(spawn_and_wait)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(bare)->Unit(benchmark::kMillisecond)->UseManualTime();
BENCHMARK(confined)->Unit(benchmark::kMillisecond)->UseManualTime();
BENCHMARK(confined_after_100_ms)->Unit(benchmark::kMillisecond)->UseManualTime()->Iterations(10);

}  // namespace
}  // namespace tepui::launcher

BENCHMARK_MAIN();

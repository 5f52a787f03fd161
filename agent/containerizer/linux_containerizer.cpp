#include "agent/containerizer/linux_containerizer.hpp"

#include <algorithm>
#include <array>

#include <fcntl.h>
#include <fmt/format.h>

#include "agent/containerizer/runtime_directory.hpp"
#include "lib/base/log.hpp"
#include "lib/base/try.hpp"
#include "lib/linux/process.hpp"
#include "lib/linux/sys.hpp"

namespace tepui::agent {
namespace {

/// The v1 hierarchies in which the root is made: isolators may ask for any of them.
constexpr std::array<const char*, 8> kControllers{"cpu",     "cpuacct", "memory", "pids",
                                                  "devices", "freezer", "blkio",  "cpuset"};

std::vector<std::string> wanted_controllers(const sys::CgroupLayout& layout) {
  std::vector<std::string> out;
  for (const std::string& offered : layout.controllers) {
    if (std::find(kControllers.begin(), kControllers.end(), offered) != kControllers.end()) out.push_back(offered);
  }
  return out;
}

/// The one by which processes are found. On v2 the hierarchy itself will do, on v1 freezer limits nothing by itself.
std::string choose_tracking_controller(const sys::CgroupLayout& layout) {
  if (layout.version == sys::CgroupVersion::V2) return "";
  return layout.mounts.contains("freezer") ? "freezer" : wanted_controllers(layout).front();
}

/// The path of the root's directory in the tracking hierarchy.
std::string root_path(const sys::CgroupLayout& layout, const std::string& tracking, const std::string& root) {
  return fmt::format("{}/{}", layout.mounts.at(tracking), root);
}

/// Two agents below one cgroup root would take each other's containers for orphans.
Result<UniqueFd> lock_root(const std::string& path, const std::string& root) {
  TEPUI_ASSIGN(UniqueFd directory, sys::open_file(path, O_RDONLY | O_DIRECTORY));
  auto locked = sys::lock_exclusive(directory.borrow());
  if (!locked && locked.error().code() == ErrorCode::Unavailable) {
    return Error(ErrorCode::Unavailable, fmt::format("use cgroup root '{}': another agent runs below it", root))
        .with_hint("give this agent a root of its own by --cgroups-root");
  }
  TEPUI_TRY(locked);
  return directory;
}

/// The cgroup root and the runtime directory, where no container is left. A directory that is not empty is somebody's.
Result<void> remove_places(const sys::CgroupRoot& root, const std::string& runtime_dir, bool is_runtime_dir_ours) {
  remove_runtime_directory(runtime_dir, is_runtime_dir_ours);
  return root.remove_root(std::chrono::seconds(1));
}

}  // namespace

struct LinuxContainerizer::Fixtures {
  ContainerizerOptions options;
  std::shared_ptr<const launcher::Launcher> launcher;
  std::shared_ptr<const sys::CgroupRoot> cgroups;
  std::string tracking_controller;
  std::unique_ptr<modules::IsolatorSet> isolators;
  std::shared_ptr<LinuxContainerizer*> slot;
  UniqueFd root_lock;
  std::shared_ptr<const UniqueFd> runtime_root;
  bool is_runtime_dir_ours = false;
  std::string boot_id;
};

/// Makes the cgroup root in every hierarchy and takes its lock.
Result<void> LinuxContainerizer::make_root(Fixtures& fixtures, const sys::CgroupLayout& layout, const std::string& name) {
  const auto controllers = wanted_controllers(layout);
  fixtures.tracking_controller = choose_tracking_controller(layout);
  const std::string path = root_path(layout, fixtures.tracking_controller, name);
  auto root = sys::CgroupRoot::create(layout, name, controllers);
  if (!root) {
    return root.error()
        .wrap(fmt::format("make cgroup root '{}'", name))
        .with_hint("run the agent as root, or name a root it may write to by --cgroups-root");
  }
  TEPUI_ASSIGN(fixtures.root_lock, lock_root(path, name));
  // A former agent may have removed the root between the two steps above: then the lock is on a directory of the past.
  TEPUI_TRY(sys::CgroupRoot::create(layout, name, controllers));
  TEPUI_ASSIGN(const struct stat named, sys::stat_at(AT_FDCWD, path));
  TEPUI_ASSIGN(const struct stat held, sys::stat_fd(fixtures.root_lock.borrow()));
  if (named.st_ino != held.st_ino) {
    TEPUI_ASSIGN(fixtures.root_lock, lock_root(path, name));
  }
  fixtures.cgroups = std::make_shared<const sys::CgroupRoot>(std::move(*root));
  return ok();
}

Result<std::unique_ptr<LinuxContainerizer>> LinuxContainerizer::create(ContainerizerOptions options,
                                                                      ContainerizerParts parts) {
  Fixtures fixtures;
  TEPUI_ASSIGN(fixtures.boot_id, sys::read_boot_id());
  TEPUI_ASSIGN(launcher::Launcher starter, launcher::Launcher::create(options.shim_path), "prepare the launcher");
  fixtures.launcher = std::make_shared<const launcher::Launcher>(std::move(starter));

  auto layout = options.cgroup_layout ? Result<sys::CgroupLayout>(*options.cgroup_layout) : sys::detect_cgroups();
  if (!layout) return layout.error();
  if (layout->version == sys::CgroupVersion::V1 && wanted_controllers(*layout).empty()) {
    return Error(ErrorCode::NotFound, "find a cgroup v1 hierarchy to track containers in");
  }
  auto slot = std::make_shared<LinuxContainerizer*>(nullptr);  // the set exists before who listens to it
  auto isolator_options = parts.isolator_options;
  isolator_options.loop = parts.loop;
  isolator_options.cgroup_version = layout->version == sys::CgroupVersion::V2 ? 2 : 1;
  isolator_options.on_limitation = [slot](const modules::LimitationReport& report) {
    if (*slot != nullptr) (*slot)->on_limitation(report);
  };
  TEPUI_ASSIGN(fixtures.isolators, parts.load_isolators(std::move(isolator_options)));

  // Nothing was made on the host up to here.
  TEPUI_ASSIGN(RuntimeDirectory runtime, open_runtime_directory(options.runtime_dir));
  fixtures.is_runtime_dir_ours = runtime.is_made_here;
  fixtures.runtime_root = std::move(runtime.containers);
  const auto rooted = make_root(fixtures, *layout, options.cgroups_root);
  if (!rooted) {
    remove_runtime_directory(options.runtime_dir, fixtures.is_runtime_dir_ours);
    return rooted.error();
  }
  fixtures.options = std::move(options);

  fixtures.slot = slot;
  std::unique_ptr<LinuxContainerizer> made(new LinuxContainerizer(std::move(fixtures), std::move(parts)));
  *slot = made.get();
  return made;
}

LinuxContainerizer::LinuxContainerizer(Fixtures fixtures, ContainerizerParts parts)
    : slot_(std::move(fixtures.slot)),
      isolators_(std::move(fixtures.isolators)),
      root_lock_(std::move(fixtures.root_lock)),
      is_runtime_dir_ours_(fixtures.is_runtime_dir_ours),
      watchers_(parts.loop, "container watchers", nullptr),
      lives_(parts.loop, "containers",
             [](std::string_view task, const Error& error) {
               log::error("container task failed", {{"task", task}, {"error", error}});
             }),
      host_{std::move(fixtures.options), parts.clock, parts.loop, parts.pool, watchers_, parts.checkpoints, *isolators_,
            std::move(fixtures.launcher), std::move(fixtures.cgroups), std::move(fixtures.tracking_controller),
            std::move(fixtures.runtime_root), std::move(fixtures.boot_id)} {}

LinuxContainerizer::~LinuxContainerizer() {
  *slot_ = nullptr;
  if (is_closed_ || !live_.empty()) return;
  // A start that failed after this was made: what was made for it goes with it, unless containers of before are there.
  const auto left = host_.cgroups->list(host_.tracking_controller);
  if (left && left->empty()) static_cast<void>(remove_places(*host_.cgroups, host_.options.runtime_dir, is_runtime_dir_ours_));
}

std::shared_ptr<Container> LinuxContainerizer::find_live(const std::string& container_id) const {
  const auto found = live_.find(container_id);
  return found == live_.end() ? nullptr : found->second;
}

// ---- Lives ----

Async<ContainerStarted> LinuxContainerizer::launch(ContainerConfig config) {
  const std::string id = config.container_id;
  if (find(id)) co_return Error(ErrorCode::AlreadyExists, fmt::format("launch container '{}': it exists", id));
  auto container = std::make_shared<Container>(host_, std::move(config));
  TEPUI_CO_TRY(lives_.spawn("container " + id, run(this, container)));
  live_[id] = container;
  co_return co_await container->wait_started();
}

Async<void> LinuxContainerizer::run(LinuxContainerizer* self, std::shared_ptr<Container> container) {
  co_await ignore_cancellation();
  const Result<void> lived = co_await container->live();
  self->retire(container);
  co_return lived;
}

Async<void> LinuxContainerizer::run_on(LinuxContainerizer* self, std::shared_ptr<Container> container,
                                       launcher::Adopted adopted, std::string why_lost) {
  co_await ignore_cancellation();
  const Result<void> lived = co_await container->live_on(std::move(adopted), std::move(why_lost));
  self->retire(container);
  co_return lived;
}

/// One that was left goes on living, here and on the host.
void LinuxContainerizer::retire(const std::shared_ptr<Container>& container) {
  if (!container->has_ended()) return;
  live_.erase(container->config().container_id);
  ended_.push_back(container->summary());
  not_forgotten_.insert(container->config().container_id);
  trim_ended();
}

/// The oldest go first, but none whose end the agent has not made durable.
void LinuxContainerizer::trim_ended() {
  for (auto at = ended_.begin(); at != ended_.end() && ended_.size() > kEndedLimit;) {
    at = not_forgotten_.contains(at->container_id) ? std::next(at) : ended_.erase(at);
  }
}

void LinuxContainerizer::on_limitation(const modules::LimitationReport& report) {
  const auto container = find_live(report.container_id);
  if (container == nullptr) return;
  log::info("container limitation reported",
            {{"container", report.container_id}, {"isolator", report.isolator}, {"message", report.message}});
  container->report_limitation({report.reason, report.message, report.isolator});
}

// ---- What the agent asks ----

Result<void> LinuxContainerizer::kill(const std::string& container_id, std::optional<std::chrono::nanoseconds> grace) {
  const auto container = find_live(container_id);
  if (container == nullptr) return Error(ErrorCode::NotFound, fmt::format("kill container '{}'", container_id));
  container->request_kill(grace.value_or(container->config().kill_grace));
  return ok();
}

Async<void> LinuxContainerizer::destroy(std::string container_id) {
  const auto container = find_live(container_id);
  if (container == nullptr) {
    if (find(container_id)) co_return ok();
    co_return Error(ErrorCode::NotFound, fmt::format("destroy container '{}'", container_id));
  }
  container->request_destroy();
  TEPUI_CO_TRY(co_await container->wait_ended());
  co_return ok();
}

Async<ContainerTermination> LinuxContainerizer::wait(std::string container_id) {
  if (const auto container = find_live(container_id)) co_return co_await container->wait_ended();
  const auto summary = find(container_id);
  if (summary && summary->termination) co_return *summary->termination;
  co_return Error(ErrorCode::NotFound, fmt::format("wait for container '{}'", container_id));
}

Async<void> LinuxContainerizer::forget(std::string container_id) {
  TEPUI_CO_TRY(co_await host_.checkpoints.erase(container_id));
  not_forgotten_.erase(container_id);
  trim_ended();
  co_return ok();
}

Async<ContainerUsage> LinuxContainerizer::usage(std::string container_id) {
  if (const auto container = find_live(container_id)) co_return co_await container->read_usage();
  const auto summary = find(container_id);
  if (summary) co_return summary->usage;
  co_return Error(ErrorCode::NotFound, fmt::format("read usage of container '{}'", container_id));
}

std::vector<ContainerSummary> LinuxContainerizer::list() const {
  std::vector<ContainerSummary> out(ended_.begin(), ended_.end());
  for (const auto& [id, container] : live_) out.push_back(container->summary());
  std::stable_sort(out.begin(), out.end(),
                   [](const ContainerSummary& a, const ContainerSummary& b) { return a.started < b.started; });
  return out;
}

std::optional<ContainerSummary> LinuxContainerizer::find(const std::string& container_id) const {
  if (const auto container = find_live(container_id)) return container->summary();
  for (const ContainerSummary& summary : ended_) {
    if (summary.container_id == container_id) return summary;
  }
  return std::nullopt;
}

std::vector<std::string> LinuxContainerizer::isolator_names() const { return isolators_->names(); }

sys::CgroupVersion LinuxContainerizer::cgroup_version() const { return host_.cgroups->version(); }

Async<void> LinuxContainerizer::close() {
  if (is_closed_) co_return ok();
  is_closed_ = true;
  for (const auto& [id, container] : live_) container->leave();
  TEPUI_CO_TRY(co_await lives_.drain());
  TEPUI_CO_TRY(co_await watchers_.close());
  TEPUI_CO_TRY(co_await isolators_->close());
  if (!live_.empty()) co_return ok();
  auto remove = [root = host_.cgroups, runtime_dir = host_.options.runtime_dir, is_ours = is_runtime_dir_ours_] {
    return remove_places(*root, runtime_dir, is_ours);
  };
  co_return co_await host_.pool.run("remove cgroup root", std::move(remove));
}

}  // namespace tepui::agent

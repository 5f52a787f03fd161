// Recovery: what an agent does at its start about the containers of the one before it, by what it finds on the host.
#include <algorithm>

#include <fmt/format.h>

#include "agent/containerizer/container_processes.hpp"
#include "agent/containerizer/container_record.hpp"
#include "agent/containerizer/linux_containerizer.hpp"
#include "lib/base/log.hpp"
#include "lib/base/try.hpp"
#include "lib/linux/remove_tree.hpp"
#include "lib/linux/sys.hpp"

namespace tepui::agent {
namespace {

/// The controllers by which the root's directories are named: on v2 there is but one directory.
std::vector<std::string> hierarchies_of(const sys::CgroupRoot& cgroups) {
  if (cgroups.version() == sys::CgroupVersion::V2) return {""};
  std::vector<std::string> out;
  for (const std::string& controller : cgroups.layout().controllers) {
    if (cgroups.has_controller(controller)) out.push_back(controller);
  }
  return out;
}

}  // namespace

/// A record and what of it is still there.
struct LinuxContainerizer::Found {
  std::shared_ptr<Container> container;
  launcher::Adopted adopted;
  std::string why_lost;
};

Async<RecoveryReport> LinuxContainerizer::recover(std::vector<ContainerRecord> records) {
  RecoveryReport report;
  std::vector<std::shared_ptr<Found>> all;
  for (ContainerRecord& record : records) {
    const std::string id = record.container_id;
    Result<std::shared_ptr<Found>> found = co_await adopt(std::move(record));
    if (!found) {  // a damaged record: its container goes with the orphans below
      report.errors.push_back(fmt::format("recover container '{}': {}", id, found.error().to_string()));
      continue;
    }
    const bool is_alive = (*found)->adopted.state == launcher::Adopted::State::Alive;
    (is_alive ? report.running : report.ended).push_back(id);
    live_[id] = (*found)->container;
    all.push_back(std::move(*found));
  }

  std::vector<modules::ContainerView> views;
  for (const auto& found : all) {
    found->container->reopen();
    auto view = found->container->view();
    if (found->adopted.state != launcher::Adopted::State::Alive) view.pid = 0;
    views.push_back(std::move(view));
  }
  TEPUI_CO_TRY(co_await isolators_->recover(std::move(views)), "recover isolators");

  TEPUI_CO_ASSIGN(const std::set<std::string> orphans, co_await find_orphans());
  for (const std::string& id : orphans) {
    const Result<void> removed = co_await remove_orphan(id);
    if (removed) {
      report.orphans.push_back(id);
    } else {
      report.errors.push_back(fmt::format("remove orphan '{}': {}", id, removed.error().to_string()));
    }
  }

  for (auto& found : all) {
    const std::string name = "container " + found->container->config().container_id;
    TEPUI_CO_TRY(lives_.spawn(
        name, run_on(this, found->container, std::move(found->adopted), std::move(found->why_lost))));
  }
  log::info("containers recovered", {{"running", report.running.size()},
                                     {"ended", report.ended.size()},
                                     {"orphans", report.orphans.size()},
                                     {"errors", report.errors.size()}});
  co_return report;
}

/// Alive is only what has the pid, the start time and the boot of the record.
Async<std::shared_ptr<LinuxContainerizer::Found>> LinuxContainerizer::adopt(ContainerRecord record) {
  TEPUI_CO_ASSIGN(StoredContainer stored, parse_container_record(record.body));
  auto found = std::make_shared<Found>();
  const auto process = stored.process;
  const auto shim = stored.shim;
  const bool has_ended = stored.termination.has_value();
  found->container = std::make_shared<Container>(host_, std::move(stored));
  if (has_ended) co_return found;  // Lost will do: the stored end is what is told
  if (!process || !shim) {
    found->why_lost = "the agent ended during the launch";
    co_return found;
  }
  if (process->boot_id != host_.boot_id) {
    found->why_lost = "the host was restarted";
    co_return found;
  }
  auto look = [process, shim, root = host_.runtime_root,
               id = record.container_id]() -> Result<launcher::Adopted> {
    // Where somebody removed the directory the exit record will be missing, but what lives is still adopted.
    const auto made = sys::make_directory_at(root->borrow(), id, 0700);
    if (!made && made.error().code() != ErrorCode::AlreadyExists) return made.error();
    TEPUI_ASSIGN(const UniqueFd directory, sys::open_directory_at(root->borrow(), id));
    return launcher::adopt({process->pid, process->start_time_ticks}, {shim->pid, shim->start_time_ticks},
                           directory.borrow());
  };
  Result<launcher::Adopted> adopted = co_await host_.pool.run("adopt container", std::move(look));
  found->why_lost = adopted ? "the exit status is lost: the container's shim ended without a record"
                            : "the exit status is lost: " + adopted.error().to_string();
  if (adopted) found->adopted = std::move(*adopted);
  co_return found;
}

/// Names of cgroups below our root and of runtime directories that no record speaks of.
Async<std::set<std::string>> LinuxContainerizer::find_orphans() {
  auto look = [cgroups = host_.cgroups, root = host_.runtime_root]() -> Result<std::set<std::string>> {
    std::set<std::string> names;
    TEPUI_ASSIGN(const std::vector<std::string> directories, sys::list_directory(root->borrow()));
    names.insert(directories.begin(), directories.end());
    for (const std::string& controller : hierarchies_of(*cgroups)) {
      TEPUI_ASSIGN(const std::vector<std::string> groups, cgroups->list(controller), "look for orphans");
      names.insert(groups.begin(), groups.end());
    }
    return names;
  };
  TEPUI_CO_ASSIGN(std::set<std::string> names, co_await host_.pool.run("look for orphans", std::move(look)));
  for (const auto& [id, container] : live_) names.erase(id);
  co_return names;
}

/// Processes first, then what isolators hold, then cgroups and the runtime directory; all of it, the first error is told.
Async<void> LinuxContainerizer::remove_orphan(std::string container_id) {
  log::warn("orphan found", {{"container", container_id}});
  auto end = [cgroups = host_.cgroups, tracking = host_.tracking_controller, deadline = host_.options.destroy_deadline,
              container_id]() -> Result<void> {
    const auto cgroup = cgroups->open_cgroup(tracking, container_id);
    return cgroup ? kill_cgroup(*cgroup, tracking == "freezer", deadline) : ok();
  };
  Result<void> outcome = co_await host_.pool.run("end orphan", std::move(end));
  for (std::size_t index = isolators_->size(); index-- > 0;) {
    const Result<void> cleaned = co_await isolators_->cleanup(index, container_id);
    if (!cleaned && outcome) outcome = cleaned;
  }
  auto remove = [cgroups = host_.cgroups, root = host_.runtime_root, deadline = host_.options.destroy_deadline,
                 container_id]() -> Result<void> {
    Result<void> all = ok();
    for (const std::string& controller : hierarchies_of(*cgroups)) {
      const auto removed = cgroups->remove(controller, container_id, deadline);
      if (!removed && all) all = removed;
    }
    const auto removed = sys::remove_tree_at(root->borrow(), container_id);
    return all ? removed : all;
  };
  const Result<void> removed = co_await host_.pool.run("remove orphan", std::move(remove));
  co_return outcome ? removed : outcome;
}

}  // namespace tepui::agent

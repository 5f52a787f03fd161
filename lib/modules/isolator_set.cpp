// The set itself: loading in order, and each call passed to its strand. Threads and events: isolator_strand.cpp.
#include "lib/modules/isolator_set.hpp"

#include <fmt/format.h>

#include "lib/base/log.hpp"
#include "lib/base/try.hpp"
#include "lib/linux/sys.hpp"
#include "lib/modules/isolator_strand.hpp"
#include "lib/modules/module_catalog.hpp"
#include "lib/modules/module_check.hpp"

namespace tepui::modules {
namespace {

Result<ModuleLibrary> load_module(const ModuleEntry& entry) {
  TEPUI_TRY(check_module_file(entry.file));
  TEPUI_ASSIGN(const ModuleManifest manifest, probe_module(entry.file));
  if (manifest.name != entry.name) {
    return Error(ErrorCode::InvalidArgument, fmt::format("load module \"{}\": it is '{}', not '{}'", entry.file,
                                                         manifest.name, entry.name));
  }
  return ModuleLibrary::load(entry.file);
}

/// Merges what each isolator measured; one that fails is left out and logged.
template <class Value, class Read>
Async<std::map<std::string, Value>> merge_all(std::shared_ptr<IsolatorSetState> state, std::string verb, Read read) {
  using Values = std::map<std::string, Value>;
  Values merged;
  for (const auto& strand : state->strands) {
    std::function<Result<Values>(LoadedIsolator&)> work = read;
    Result<Values> values = co_await strand->template call<Values>(verb, std::move(work));
    if (values) {
      merged.merge(*values);
    } else if (values.error().code() == ErrorCode::Cancelled) {
      co_return values.error();
    } else {
      log::debug("isolator could not be read", {{"isolator", strand->name()}, {"error", values.error()}});
    }
  }
  co_return merged;
}

Error no_such_index(std::size_t index) { return {ErrorCode::InvalidArgument, fmt::format("call isolator {}: no such index", index)}; }

}  // namespace

Result<std::unique_ptr<IsolatorSet>> IsolatorSet::load(const ModuleSelection& selection, IsolatorSetOptions options) {
  auto state = std::make_shared<IsolatorSetState>();
  state->options = std::make_shared<const IsolatorSetOptions>(std::move(options));
  // All files are looked at before any of them runs.
  std::vector<ModuleEntry> entries;
  for (const auto& name : selection.isolation) {
    TEPUI_ASSIGN(ModuleEntry entry, find_module(selection, name));
    entries.push_back(std::move(entry));
  }
  std::vector<ModuleLibrary> libraries;
  for (const auto& entry : entries) {
    TEPUI_ASSIGN(ModuleLibrary library, load_module(entry));
    libraries.push_back(std::move(library));
  }
  for (std::size_t i = 0; i < entries.size(); ++i) {
    auto strand = std::make_shared<IsolatorStrand>(state->options);
    TEPUI_TRY(strand->create(libraries[i], entries[i].parameters));
    state->strands.push_back(std::move(strand));
  }
  return std::unique_ptr<IsolatorSet>(new IsolatorSet(std::move(state)));
}

Result<std::unique_ptr<IsolatorSet>> IsolatorSet::from_libraries(std::vector<ModuleLibrary> libraries,
                                                                 IsolatorSetOptions options) {
  auto state = std::make_shared<IsolatorSetState>();
  state->options = std::make_shared<const IsolatorSetOptions>(std::move(options));
  for (const ModuleLibrary& library : libraries) {
    auto strand = std::make_shared<IsolatorStrand>(state->options);
    TEPUI_TRY(strand->create(library, {}));
    state->strands.push_back(std::move(strand));
  }
  return std::unique_ptr<IsolatorSet>(new IsolatorSet(std::move(state)));
}

IsolatorSet::IsolatorSet(std::shared_ptr<IsolatorSetState> state) : state_(std::move(state)) {}
IsolatorSet::~IsolatorSet() = default;

std::size_t IsolatorSet::size() const { return state_->strands.size(); }
const std::string& IsolatorSet::name(std::size_t index) const { return state_->strands.at(index)->name(); }

std::vector<std::string> IsolatorSet::names() const {
  std::vector<std::string> all;
  for (const auto& strand : state_->strands) all.push_back(strand->name());
  return all;
}

Async<void> IsolatorSet::recover(std::vector<ContainerView> containers) {
  auto state = state_;
  auto shared = std::make_shared<const std::vector<ContainerView>>(std::move(containers));
  for (const auto& strand : state->strands) {
    std::function<Result<void>(LoadedIsolator&)> work = [shared](LoadedIsolator& isolator) {
      return isolator.recover(*shared);
    };
    TEPUI_CO_TRY(co_await strand->call<void>("recover", std::move(work)));
  }
  co_return ok();
}

Async<void> IsolatorSet::prepare(std::size_t index, ContainerView container, std::shared_ptr<PlanSink> plan,
                                 std::shared_ptr<ClaimTable> claims) {
  if (index >= state_->strands.size()) co_return no_such_index(index);
  auto strand = state_->strands[index];
  // A call past its deadline may go on: it keeps its own copies of the borrowed descriptors.
  auto sandbox = std::make_shared<UniqueFd>();
  auto rootfs = std::make_shared<UniqueFd>();
  if (container.sandbox_fd >= 0) {
    TEPUI_CO_ASSIGN(*sandbox, sys::duplicate(container.sandbox_fd));
  }
  if (container.rootfs_fd >= 0) {
    TEPUI_CO_ASSIGN(*rootfs, sys::duplicate(container.rootfs_fd));
  }
  container.sandbox_fd = sandbox->borrow();
  container.rootfs_fd = rootfs->borrow();
  std::function<Result<void>(LoadedIsolator&)> work = [container = std::move(container), plan, claims, sandbox,
                                                       rootfs](LoadedIsolator& isolator) {
    return isolator.prepare(container, *plan, *claims);
  };
  Result<void> result = co_await strand->call<void>("prepare", std::move(work));
  co_return result;
}

Async<void> IsolatorSet::isolate(std::size_t index, ContainerView container, int pidfd) {
  if (index >= state_->strands.size()) co_return no_such_index(index);
  auto strand = state_->strands[index];
  auto copy = std::make_shared<UniqueFd>();
  if (pidfd >= 0) {
    TEPUI_CO_ASSIGN(*copy, sys::duplicate(pidfd));
  }
  container.sandbox_fd = -1;
  container.rootfs_fd = -1;
  std::function<Result<void>(LoadedIsolator&)> work = [container = std::move(container), copy](LoadedIsolator& isolator) {
    return isolator.isolate(container, copy->borrow());
  };
  Result<void> result = co_await strand->call<void>("isolate", std::move(work));
  co_return result;
}

Async<void> IsolatorSet::update(std::string container_id, ResourceAmounts requests, ResourceAmounts limits) {
  auto state = state_;
  for (const auto& strand : state->strands) {
    std::function<Result<void>(LoadedIsolator&)> work = [container_id, requests, limits](LoadedIsolator& isolator) {
      return isolator.update(container_id, requests, limits);
    };
    TEPUI_CO_TRY(co_await strand->call<void>("update", std::move(work)));
  }
  co_return ok();
}

Async<std::map<std::string, double>> IsolatorSet::usage(std::string container_id) {
  auto read = [id = std::move(container_id)](LoadedIsolator& isolator) { return isolator.usage(id); };
  Result<std::map<std::string, double>> merged = co_await merge_all<double>(state_, "usage", std::move(read));
  co_return merged;
}

Async<std::map<std::string, std::string>> IsolatorSet::status(std::string container_id) {
  auto read = [id = std::move(container_id)](LoadedIsolator& isolator) { return isolator.status(id); };
  Result<std::map<std::string, std::string>> merged = co_await merge_all<std::string>(state_, "status", std::move(read));
  co_return merged;
}

Async<void> IsolatorSet::cleanup(std::size_t index, std::string container_id) {
  if (index >= state_->strands.size()) co_return no_such_index(index);
  auto strand = state_->strands[index];
  std::function<Result<void>(LoadedIsolator&)> work = [id = std::move(container_id)](LoadedIsolator& isolator) {
    return isolator.cleanup(id);
  };
  Result<void> result = co_await strand->call<void>("cleanup", std::move(work));
  co_return result;
}

void IsolatorSet::set_cgroups(const std::string& container_id, CgroupDirectories directories) {
  auto changed = std::make_shared<CgroupMap>(*state_->cgroups);
  (*changed)[container_id] = std::move(directories);
  state_->cgroups = std::move(changed);
  for (const auto& strand : state_->strands) strand->set_cgroups(state_->cgroups);
}

void IsolatorSet::forget_cgroups(const std::string& container_id) {
  auto changed = std::make_shared<CgroupMap>(*state_->cgroups);
  changed->erase(container_id);
  state_->cgroups = std::move(changed);
  for (const auto& strand : state_->strands) strand->set_cgroups(state_->cgroups);
}

Async<void> IsolatorSet::close() {
  auto state = state_;
  if (state->is_closed) co_return ok();
  state->is_closed = true;
  for (auto strand = state->strands.rbegin(); strand != state->strands.rend(); ++strand) {
    const bool is_closed = co_await (*strand)->close();
    if (!is_closed) {
      log::error("isolator did not end and was left behind", {{"isolator", (*strand)->name()}});
      // Its thread still runs inside the module: nothing of it may be destroyed.
      static_cast<void>(new std::shared_ptr<IsolatorStrand>(*strand));
    }
  }
  co_return ok();
}

}  // namespace tepui::modules

// LoadedIsolator: one instance of an isolator module, as plain C++ that blocks. isolator_set.hpp drives it from the loop.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "lib/base/result.hpp"
#include "lib/modules/claim_table.hpp"
#include "lib/modules/container_view.hpp"
#include "lib/modules/inline_host.hpp"
#include "lib/modules/module_library.hpp"
#include "lib/modules/plan_sink.hpp"

namespace tepui::modules {

/// [module-strand] One call at a time, on a thread that may block. Owner: IsolatorSet, or a test. Destroys the instance at
/// its end. Every error is wrapped as `isolator 'cgroups/cpu'`.
class LoadedIsolator {
 public:
  /// parameters: given to the module as a JSON object. `services` must outlive the instance.
  static Result<std::unique_ptr<LoadedIsolator>> create(const ModuleLibrary& library,
                                                        const std::map<std::string, std::string>& parameters,
                                                        unsigned cgroup_version, HostServices& services);
  LoadedIsolator(const LoadedIsolator&) = delete;
  LoadedIsolator& operator=(const LoadedIsolator&) = delete;
  ~LoadedIsolator();

  [[nodiscard]] const std::string& name() const { return name_; }

  Result<void> recover(const std::vector<ContainerView>& live);
  /// Errors: the module's; AlreadyExists for a conflict of claims, even when the module swallowed it; Unavailable: not ready.
  Result<void> prepare(const ContainerView& container, PlanSink& plan, ClaimTable& claims);
  /// `pidfd` is borrowed.
  Result<void> isolate(const ContainerView& container, int pidfd);
  Result<void> update(const std::string& container_id, const ResourceAmounts& requests, const ResourceAmounts& limits);
  Result<std::map<std::string, double>> usage(const std::string& container_id);
  Result<std::map<std::string, std::string>> status(const std::string& container_id);
  Result<void> cleanup(const std::string& container_id);

 private:
  LoadedIsolator(const ModuleLibrary& library, tepui_isolator_v1 vtable, unsigned cgroup_version, HostServices& services);
  [[nodiscard]] Result<void> answer(std::int32_t code, const tepui_error& error) const;

  std::string name_;
  ModuleLibrary library_;
  tepui_isolator_v1 vtable_;
  InlineHost host_;
  tepui_isolator* instance_ = nullptr;
};

}  // namespace tepui::modules

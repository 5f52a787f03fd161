// Each method: C structs from plain values, the module's function, its answer as a Result.
#include "lib/modules/loaded_isolator.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "lib/base/try.hpp"
#include "lib/modules/abi_error.hpp"
#include "lib/modules/container_abi.hpp"
#include "lib/modules/plan_adaptor.hpp"
#include "tepui/sdk/status.hpp"

namespace tepui::modules {
namespace {

constexpr std::size_t kMaxSinkEntries = 1024;

std::string format_parameters(const std::map<std::string, std::string>& parameters) {
  boost::json::object object;
  for (const auto& [key, value] : parameters) object[key] = value;
  return boost::json::serialize(object);
}

template <class Value>
void store(std::map<std::string, Value>& values, tepui_str name, Value value) noexcept {
  try {
    if (values.size() < kMaxSinkEntries) values[std::string(sdk::view(name))] = std::move(value);
  } catch (...) {  // out of memory: one number less
  }
}

void set_number(tepui_usage_sink* sink, tepui_str name, double value) noexcept {
  store(*static_cast<std::map<std::string, double>*>(sink->context), name, value);
}

void set_text(tepui_status_sink* sink, tepui_str key, tepui_str value) noexcept {
  try {
    store(*static_cast<std::map<std::string, std::string>*>(sink->context), key, std::string(sdk::view(value)));
  } catch (...) {  // as in store()
  }
}

}  // namespace

Result<std::unique_ptr<LoadedIsolator>> LoadedIsolator::create(const ModuleLibrary& library,
                                                               const std::map<std::string, std::string>& parameters,
                                                               unsigned cgroup_version, HostServices& services) {
  TEPUI_ASSIGN(tepui_isolator_v1 vtable, library.isolator());
  std::unique_ptr<LoadedIsolator> made(new LoadedIsolator(library, vtable, cgroup_version, services));
  const std::string config = format_parameters(parameters);
  tepui_error error = sdk::empty_error();
  const std::int32_t code = vtable.create(made->host_.raw(), sdk::str(config), &made->instance_, &error);
  if (code != TEPUI_OK) made->instance_ = nullptr;
  TEPUI_TRY(made->answer(code, error), std::string("create"));
  if (made->instance_ == nullptr) {
    return Error(ErrorCode::Internal, fmt::format("create isolator '{}': it made no instance", made->name_));
  }
  return made;
}

LoadedIsolator::LoadedIsolator(const ModuleLibrary& library, tepui_isolator_v1 vtable, unsigned cgroup_version,
                               HostServices& services)
    : name_(library.manifest().name), library_(library), vtable_(vtable), host_(name_, cgroup_version, services) {}

LoadedIsolator::~LoadedIsolator() {
  if (instance_ != nullptr) vtable_.destroy(instance_);
}

Result<void> LoadedIsolator::answer(std::int32_t code, const tepui_error& error) const {
  if (code == TEPUI_OK) return ok();
  return error_from_abi(code, error).wrap(fmt::format("isolator '{}'", name_));
}

Result<void> LoadedIsolator::recover(const std::vector<ContainerView>& live) {
  if (vtable_.recover == nullptr) return ok();
  std::vector<std::unique_ptr<ContainerAbi>> containers;
  std::vector<const tepui_container*> pointers;
  for (const auto& view : live) {
    containers.push_back(std::make_unique<ContainerAbi>(view));
    pointers.push_back(containers.back()->raw());
  }
  tepui_error error = sdk::empty_error();
  const std::int32_t code = vtable_.recover(instance_, pointers.data(), pointers.size(), &error);
  return answer(code, error);
}

Result<void> LoadedIsolator::prepare(const ContainerView& container, PlanSink& plan, ClaimTable& claims) {
  if (vtable_.prepare == nullptr) return ok();
  const ContainerAbi view(container);
  PlanAdaptor adaptor(name_, plan, claims);
  tepui_error error = sdk::empty_error();
  const std::int32_t code = vtable_.prepare(instance_, view.raw(), adaptor.raw(), &error);
  if (adaptor.conflict()) return adaptor.conflict()->wrap(fmt::format("isolator '{}'", name_));
  return answer(code, error);
}

Result<void> LoadedIsolator::isolate(const ContainerView& container, int pidfd) {
  if (vtable_.isolate == nullptr) return ok();
  const ContainerAbi view(container);
  tepui_error error = sdk::empty_error();
  const std::int32_t code = vtable_.isolate(instance_, view.raw(), pidfd, &error);
  return answer(code, error);
}

Result<void> LoadedIsolator::update(const std::string& container_id, const ResourceAmounts& requests,
                                    const ResourceAmounts& limits) {
  if (vtable_.update == nullptr) return ok();
  const ResourcesAbi raw_requests(requests);
  const ResourcesAbi raw_limits(limits);
  tepui_error error = sdk::empty_error();
  const std::int32_t code =
      vtable_.update(instance_, sdk::str(container_id), raw_requests.raw(), raw_limits.raw(), &error);
  return answer(code, error);
}

Result<std::map<std::string, double>> LoadedIsolator::usage(const std::string& container_id) {
  std::map<std::string, double> numbers;
  if (vtable_.usage == nullptr) return numbers;
  tepui_usage_sink sink = {sizeof sink, 0, &numbers, &set_number};
  tepui_error error = sdk::empty_error();
  const std::int32_t code = vtable_.usage(instance_, sdk::str(container_id), &sink, &error);
  TEPUI_TRY(answer(code, error));
  return numbers;
}

Result<std::map<std::string, std::string>> LoadedIsolator::status(const std::string& container_id) {
  std::map<std::string, std::string> texts;
  if (vtable_.status == nullptr) return texts;
  tepui_status_sink sink = {sizeof sink, 0, &texts, &set_text};
  tepui_error error = sdk::empty_error();
  const std::int32_t code = vtable_.status(instance_, sdk::str(container_id), &sink, &error);
  TEPUI_TRY(answer(code, error));
  return texts;
}

Result<void> LoadedIsolator::cleanup(const std::string& container_id) {
  if (vtable_.cleanup == nullptr) return ok();
  tepui_error error = sdk::empty_error();
  const std::int32_t code = vtable_.cleanup(instance_, sdk::str(container_id), &error);
  return answer(code, error);
}

}  // namespace tepui::modules

// Isolator: derive, override what you need, end the file with TEPUI_ISOLATOR_MODULE, link nothing of Tepui.
//
//   class Nice final : public tepui::sdk::Isolator {
//    public:
//     static tepui::sdk::Status create(tepui::sdk::Host, const tepui::sdk::Config&, std::unique_ptr<Isolator>& out) {
//       out = std::make_unique<Nice>();
//       return {};
//     }
//     tepui::sdk::Status prepare(const tepui::sdk::Container&, tepui::sdk::LaunchPlan& plan) override {
//       return plan.set_oom_score_adj(500);
//     }
//   };
//   TEPUI_ISOLATOR_MODULE(Nice, "example/nice", "1.0", "makes containers the first to be killed")
#pragma once

#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "tepui/abi/draft/isolator.h"
#include "tepui/sdk/config.hpp"
#include "tepui/sdk/container.hpp"
#include "tepui/sdk/host.hpp"
#include "tepui/sdk/launch_plan.hpp"
#include "tepui/sdk/status.hpp"

namespace tepui::sdk {

/// Borrowed for one `usage`. Names: fields of the wire's ResourceStatistics, unit last.
class UsageSink {
 public:
  explicit UsageSink(tepui_usage_sink* raw) : raw_(raw) {}
  void set_number(std::string_view name, double value) { raw_->set_number(raw_, str(name), value); }

 private:
  tepui_usage_sink* raw_;
};

/// Borrowed for one `status`.
class StatusSink {
 public:
  explicit StatusSink(tepui_status_sink* raw) : raw_(raw) {}
  void set_text(std::string_view key, std::string_view value) { raw_->set_text(raw_, str(key), str(value)); }

 private:
  tepui_status_sink* raw_;
};

/// Order of calls and what each means: tepui/abi/draft/isolator.h. One call at a time; an exception becomes TEPUI_INTERNAL.
class Isolator {
 public:
  Isolator() = default;
  Isolator(const Isolator&) = delete;
  Isolator& operator=(const Isolator&) = delete;
  virtual ~Isolator() = default;
  virtual Status recover(std::span<const Container> /*live*/) { return {}; }
  virtual Status prepare(const Container& /*container*/, LaunchPlan& /*plan*/) { return {}; }
  virtual Status isolate(const Container& /*container*/, int /*pidfd*/) { return {}; }
  virtual Status update(std::string_view /*id*/, const Resources& /*requests*/, const Resources& /*limits*/) { return {}; }
  virtual Status usage(std::string_view /*id*/, UsageSink& /*sink*/) { return {}; }
  virtual Status status(std::string_view /*id*/, StatusSink& /*sink*/) { return {}; }
  virtual Status cleanup(std::string_view /*id*/) { return {}; }
};

namespace detail {

inline Isolator& self(tepui_isolator* raw) { return *reinterpret_cast<Isolator*>(raw); }

template <class Class>
std::int32_t create(const tepui_host* host, tepui_str config, tepui_isolator** out, tepui_error* error) noexcept {
  return guard(error, [&]() -> Status {
    Config parameters;
    if (Status status = Config::parse(view(config), parameters); !status.ok()) return status;
    std::unique_ptr<Isolator> made;
    if (Status status = Class::create(Host(host), parameters, made); !status.ok()) return status;
    *out = reinterpret_cast<tepui_isolator*>(made.release());
    return {};
  });
}

inline void destroy(tepui_isolator* raw) noexcept { delete reinterpret_cast<Isolator*>(raw); }

inline std::int32_t recover(tepui_isolator* raw, const tepui_container* const* containers, std::size_t count,
                            tepui_error* error) noexcept {
  return guard(error, [&] {
    std::vector<Container> live;
    live.reserve(count);
    for (std::size_t i = 0; i < count; ++i) live.emplace_back(containers[i]);
    return self(raw).recover(live);
  });
}
inline std::int32_t prepare(tepui_isolator* raw, const tepui_container* container, tepui_launch_plan* plan,
                            tepui_error* error) noexcept {
  return guard(error, [&] {
    LaunchPlan wrapped(plan);
    return self(raw).prepare(Container(container), wrapped);
  });
}
inline std::int32_t isolate(tepui_isolator* raw, const tepui_container* container, std::int32_t pidfd,
                            tepui_error* error) noexcept {
  return guard(error, [&] { return self(raw).isolate(Container(container), pidfd); });
}
inline std::int32_t update(tepui_isolator* raw, tepui_str id, const tepui_resources* requests,
                           const tepui_resources* limits, tepui_error* error) noexcept {
  return guard(error, [&] { return self(raw).update(view(id), Resources(requests), Resources(limits)); });
}
inline std::int32_t usage(tepui_isolator* raw, tepui_str id, tepui_usage_sink* sink, tepui_error* error) noexcept {
  return guard(error, [&] {
    UsageSink wrapped(sink);
    return self(raw).usage(view(id), wrapped);
  });
}
inline std::int32_t status(tepui_isolator* raw, tepui_str id, tepui_status_sink* sink, tepui_error* error) noexcept {
  return guard(error, [&] {
    StatusSink wrapped(sink);
    return self(raw).status(view(id), wrapped);
  });
}
inline std::int32_t cleanup(tepui_isolator* raw, tepui_str id, tepui_error* error) noexcept {
  return guard(error, [&] { return self(raw).cleanup(view(id)); });
}

template <class Class>
const void* find_isolator_interface(const char* id) noexcept {
  static const tepui_isolator_v1 vtable = {sizeof(tepui_isolator_v1), 0,       &create<Class>, &destroy, &recover,
                                           &prepare,                  &isolate, &update,        &usage,   &status,
                                           &cleanup};
  return std::strcmp(id, TEPUI_ISOLATOR_1) == 0 ? &vtable : nullptr;
}

}  // namespace detail
}  // namespace tepui::sdk

/// Once per module, at file scope: the module's manifest and its one exported symbol.
#define TEPUI_ISOLATOR_MODULE(Class, name_, version_, description_)                                            \
  extern "C" TEPUI_EXPORT const tepui_module_manifest* tepui_module_manifest_get(void) {                      \
    static const tepui_module_manifest manifest = {sizeof(tepui_module_manifest),                             \
                                                   TEPUI_MODULE_MAGIC,                                        \
                                                   TEPUI_ABI_MAJOR,                                           \
                                                   TEPUI_ABI_MINOR,                                           \
                                                   0,                                                         \
                                                   name_,                                                     \
                                                   version_,                                                  \
                                                   description_,                                              \
                                                   &::tepui::sdk::detail::find_isolator_interface<Class>};    \
    return &manifest;                                                                                         \
  }

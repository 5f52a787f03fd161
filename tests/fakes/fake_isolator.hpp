// FakeIsolator: an isolator behind the real C door, linked in. It keeps what was called and can be told to fail at a step,
// to be not ready, or to stay inside a call until the test lets it go.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstring>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "lib/modules/module_library.hpp"
#include "tepui/abi/draft/isolator.h"
#include "tepui/abi/draft/module.h"

namespace tepui {

/// What every FakeIsolator of one test shares; FakeIsolators::reset() begins a test. Any thread.
class FakeIsolators {
 public:
  static FakeIsolators& instance() {
    static FakeIsolators fakes;
    return fakes;
  }

  void reset() {
    const std::lock_guard lock(mutex_);
    calls_.clear();
    failing_.clear();
    not_ready_.clear();
    held_.clear();
    plans_.clear();
    changed_.notify_all();
  }
  /// "prepare fake/b c1": the call to fail from now on, with TEPUI_INTERNAL and EINVAL.
  void fail(const std::string& call) { change([&] { failing_[call] = true; }); }
  /// The next `times` such calls answer TEPUI_UNAVAILABLE.
  void be_not_ready(const std::string& call, int times) { change([&] { not_ready_[call] = times; }); }
  /// Such a call does not return until release().
  void hold(const std::string& call) { change([&] { held_[call] = true; }); }
  void release(const std::string& call) { change([&] { held_.erase(call); }); }
  /// What isolator `name` does to the plan in prepare.
  void plan(const std::string& name, std::function<int32_t(tepui_launch_plan*, tepui_error*)> work) {
    change([&] { plans_[name] = std::move(work); });
  }
  /// "prepare fake/a c1", in order.
  std::vector<std::string> calls() {
    const std::lock_guard lock(mutex_);
    return calls_;
  }
  /// Waits until `call` was made; false after 10 s.
  bool await_call(const std::string& call) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(10), [&] {
      for (const auto& made : calls_) {
        if (made == call) return true;
      }
      return false;
    });
  }
  /// The host table an isolator was created with: to report limitations through.
  const tepui_host* host(const std::string& name) {
    const std::lock_guard lock(mutex_);
    return hosts_[name];
  }

  // For the isolators themselves.
  void note_host(const std::string& name, const tepui_host* host) { change([&] { hosts_[name] = host; }); }
  int32_t note(const std::string& verb, const std::string& name, const std::string& id, tepui_error* error) {
    const std::string call = verb + " " + name + " " + id;
    std::unique_lock lock(mutex_);
    calls_.push_back(call);
    changed_.notify_all();
    changed_.wait_for(lock, std::chrono::seconds(20), [&] { return !held_.contains(call); });
    if (failing_[call]) return answer(error, TEPUI_INTERNAL, 22, "fail as told");
    if (not_ready_[call] > 0) {
      --not_ready_[call];
      return answer(error, TEPUI_UNAVAILABLE, 0, "wait as told");
    }
    return TEPUI_OK;
  }
  int32_t add_to_plan(const std::string& name, tepui_launch_plan* plan, tepui_error* error) {
    std::function<int32_t(tepui_launch_plan*, tepui_error*)> work;
    {
      const std::lock_guard lock(mutex_);
      work = plans_[name];
    }
    return work ? work(plan, error) : TEPUI_OK;
  }
  static int32_t answer(tepui_error* error, int32_t code, int sys_errno, const char* message) {
    error->code = code;
    error->sys_errno = sys_errno;
    std::snprintf(error->message, sizeof(error->message), "%s", message);
    return code;
  }

 private:
  template <class F>
  void change(F work) {
    const std::lock_guard lock(mutex_);
    work();
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> calls_;
  std::map<std::string, bool> failing_;
  std::map<std::string, int> not_ready_;
  std::map<std::string, bool> held_;
  std::map<std::string, std::function<int32_t(tepui_launch_plan*, tepui_error*)>> plans_;
  std::map<std::string, const tepui_host*> hosts_;
};

/// The isolator "fake/a" for Letter 'a', and so on: each its own entry, as each .so has.
template <char Letter>
struct FakeIsolator {
  static std::string name() { return std::string("fake/") + Letter; }
  static std::string text(tepui_str value) { return {value.data, value.size}; }

  static int32_t create(const tepui_host* host, tepui_str, tepui_isolator** out, tepui_error*) {
    FakeIsolators::instance().note_host(name(), host);
    static int instance = 0;
    *out = reinterpret_cast<tepui_isolator*>(&instance);
    return TEPUI_OK;
  }
  static void destroy(tepui_isolator*) {}
  static int32_t recover(tepui_isolator*, const tepui_container* const* containers, size_t count, tepui_error* error) {
    std::string ids;
    for (size_t i = 0; i < count; ++i) ids += (i == 0 ? "" : ",") + text(containers[i]->id);
    return FakeIsolators::instance().note("recover", name(), ids, error);
  }
  static int32_t prepare(tepui_isolator*, const tepui_container* container, tepui_launch_plan* plan,
                         tepui_error* error) {
    const int32_t code = FakeIsolators::instance().note("prepare", name(), text(container->id), error);
    return code != TEPUI_OK ? code : FakeIsolators::instance().add_to_plan(name(), plan, error);
  }
  static int32_t isolate(tepui_isolator*, const tepui_container* container, int32_t, tepui_error* error) {
    return FakeIsolators::instance().note("isolate", name(), text(container->id), error);
  }
  static int32_t usage(tepui_isolator*, tepui_str id, tepui_usage_sink* sink, tepui_error* error) {
    const std::string number = std::string("fake_") + Letter;
    sink->set_number(sink, {number.data(), number.size()}, 1.0);
    return FakeIsolators::instance().note("usage", name(), text(id), error);
  }
  static int32_t cleanup(tepui_isolator*, tepui_str id, tepui_error* error) {
    return FakeIsolators::instance().note("cleanup", name(), text(id), error);
  }

  static const void* interface_of(const char* id) {
    static const tepui_isolator_v1 table = [] {
      tepui_isolator_v1 out{};
      out.struct_size = sizeof(out);
      out.create = create;
      out.destroy = destroy;
      out.recover = recover;
      out.prepare = prepare;
      out.isolate = isolate;
      out.usage = usage;
      out.cleanup = cleanup;
      return out;
    }();
    return std::strcmp(id, TEPUI_ISOLATOR_1) == 0 ? &table : nullptr;
  }
  static const tepui_module_manifest* manifest() {
    static const std::string own_name = name();
    static const tepui_module_manifest out = [] {
      tepui_module_manifest made{};
      made.struct_size = sizeof(made);
      made.magic = TEPUI_MODULE_MAGIC;
      made.abi_major = TEPUI_ABI_MAJOR;
      made.abi_minor = TEPUI_ABI_MINOR;
      made.name = own_name.c_str();
      made.version = "1";
      made.description = "a fake";
      made.get_interface = interface_of;
      return made;
    }();
    return &out;
  }
  static modules::ModuleLibrary library() { return *modules::ModuleLibrary::from_entry(manifest); }
};

}  // namespace tepui

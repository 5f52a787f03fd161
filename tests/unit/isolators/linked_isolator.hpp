// The isolator that is linked into this test program, with a fake host.
#pragma once

#include <map>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "lib/modules/loaded_isolator.hpp"
#include "tests/fakes/fake_host_services.hpp"
#include "tests/fakes/recording_plan_sink.hpp"

namespace tepui {

class LinkedIsolatorTest : public ::testing::Test {
 protected:
  Result<std::unique_ptr<modules::LoadedIsolator>> try_create(std::map<std::string, std::string> parameters = {},
                                                              unsigned cgroup_version = 1) {
    auto library = modules::ModuleLibrary::from_entry(&tepui_module_manifest_get);
    EXPECT_TRUE(library);
    return modules::LoadedIsolator::create(*library, parameters, cgroup_version, host_);
  }
  std::unique_ptr<modules::LoadedIsolator> create(std::map<std::string, std::string> parameters = {}) {
    auto isolator = try_create(std::move(parameters));
    EXPECT_TRUE(isolator) << isolator.error().to_string();
    return std::move(*isolator);
  }
  static modules::ContainerView container(std::int64_t cpus_milli, std::int64_t mem_bytes) {
    modules::ContainerView view;
    view.id = "c1";
    view.requests.cpus_milli = cpus_milli;
    view.requests.mem_bytes = mem_bytes;
    return view;
  }
  FakeHostServices host_;
  RecordingPlanSink plan_;
  modules::ClaimTable claims_;
};

}  // namespace tepui

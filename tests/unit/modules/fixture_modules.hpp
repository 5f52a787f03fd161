// Where the fixture modules lie, and one of them loaded.
#pragma once

#include <string>

#include <gtest/gtest.h>

#include "lib/modules/module_library.hpp"

namespace tepui::modules {

inline std::string fixture_module(const std::string& name) {
  return std::string(TEPUI_FIXTURE_MODULES) + "/" + name + ".so";
}

inline ModuleLibrary load_fixture(const std::string& name) {
  auto library = ModuleLibrary::load(fixture_module(name));
  EXPECT_TRUE(library) << library.error().to_string();
  return *library;
}

}  // namespace tepui::modules

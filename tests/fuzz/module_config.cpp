// Any text as --modules, in JSON and in TOML, as a module's parameters, and as --isolation.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "lib/modules/module_config.hpp"
#include "tepui/sdk/config.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static_cast<void>(tepui::modules::parse_module_json(text, "fuzz"));
  static_cast<void>(tepui::modules::parse_module_toml(text, "fuzz"));
  static_cast<void>(tepui::modules::parse_isolation(text));
  tepui::sdk::Config config;
  static_cast<void>(tepui::sdk::Config::parse(text, config));
  return 0;
}

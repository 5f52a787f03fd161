// An agent's part in a process of its own: launches one container, waits for its end and ends. recovery_test.cpp makes it
// die at a fault point on the way.
#include <cstdio>
#include <cstdlib>

#include "tests/integration/containerizer/real_containerizer.hpp"

int main() {
  const char* folder = std::getenv("TEPUI_TEST_FOLDER");
  const char* root = std::getenv("TEPUI_TEST_ROOT");
  if (folder == nullptr || root == nullptr) return 2;
  tepui::agent::RealContainerizer agent(folder, root);
  const auto recovered = agent.start();
  if (!recovered) {
    std::fprintf(stderr, "%s\n", recovered.error().to_string().c_str());
    return 1;
  }
  tepui::agent::ContainerConfig config;
  config.container_id = "c1";
  config.agent_id = "m-S0";
  config.framework_id = "m-0000";
  config.executor_id = "t-c1";
  config.command.value = "echo ran >> ran; exit 8";
  config.user = "nobody";
  config.resources = {.cpus = 0.5, .mem_mib = 64};
  return agent.run(config) ? 0 : 1;
}

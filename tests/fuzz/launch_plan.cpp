// The in-place reader of launch plans, as the shim runs it (CVE-2021-43784: lengths in a bootstrap message).
#include <cstdint>
#include <vector>

#include "launcher/init/plan_view.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tepui::launcher;
  std::vector<char> memory(arena_size_for(size));
  Arena arena(memory.data(), memory.size());
  PlanView plan;
  const PlanProblem problem = read_plan(reinterpret_cast<const char*>(data), size, arena, plan);
  if (problem.what == nullptr) static_cast<void>(check_plan(plan));
  return 0;
}

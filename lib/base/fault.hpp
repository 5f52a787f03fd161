// Fault points: named places where a test makes a daemon die. Compiled out of release builds.
#pragma once

namespace tepui::detail {
void reach_fault_point(const char* name);
}

/// TEPUI_FAULT("agent.checkpoint.before_rename"): when the environment variable TEPUI_FAULT names this point, the process
/// ends here by SIGKILL, as a power cut or `kill -9` would end it. `name@3` waits for the third time it is reached.
#ifdef TEPUI_FAULTS
#define TEPUI_FAULT(name) ::tepui::detail::reach_fault_point(name)
#else
#define TEPUI_FAULT(name) static_cast<void>(0)
#endif

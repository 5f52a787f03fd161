// What this machine has to offer, where --resources does not say.
#pragma once

#include <cstdint>
#include <string>

#include "lib/base/bytes.hpp"
#include "lib/base/result.hpp"
#include "lib/model/resources.hpp"

namespace tepui::agent {

/// What detection is based on; a value, so that the rules can be tested.
struct MachineFacts {
  unsigned cpus = 0;
  Bytes memory;
  Bytes disk;  // the file system of the work directory, whole
};

/// Reads cpus this process may use, /proc/meminfo and statfs of the work directory. [blocking]
Result<MachineFacts> read_machine_facts(int work_directory);

/// `text` (--resources) decides per name; cpus, mem, disk and ports that it leaves out come from `facts`: all cpus, the
/// memory but for 1 GiB (or half of it, if that is more), the disk but for 5 GiB (or half), ports 31000-32000.
/// A name given with amount 0 is not detected. Source: Mesos src/slave/containerizer/containerizer.cpp (behaviour).
/// Errors: InvalidArgument.
Result<Resources> choose_resources(const std::string& text, const MachineFacts& facts);

}  // namespace tepui::agent

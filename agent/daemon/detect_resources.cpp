#include "agent/daemon/detect_resources.hpp"

#include <sched.h>

#include <algorithm>
#include <charconv>
#include <thread>

#include "lib/base/try.hpp"
#include "lib/linux/sys.hpp"
#include "lib/model/resources_text.hpp"

namespace tepui::agent {
namespace {

Result<Bytes> parse_total_memory(std::string_view meminfo) {
  constexpr std::string_view kKey = "MemTotal:";
  const auto at = meminfo.find(kKey);
  if (at != std::string_view::npos) {
    auto rest = meminfo.substr(at + kKey.size());
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    std::uint64_t kibibytes = 0;
    if (std::from_chars(rest.data(), rest.data() + rest.size(), kibibytes).ec == std::errc()) {
      return Bytes(kibibytes << 10U);
    }
  }
  return Error(ErrorCode::DataLoss, "read \"MemTotal\" in '/proc/meminfo': it is not there");
}

/// All but `kept`, or half of it where that is more.
std::uint64_t mebibytes_to_offer(Bytes total, std::uint64_t kept_mebibytes) {
  const std::uint64_t mebibytes = total.count() >> 20U;
  return std::max(mebibytes / 2, mebibytes > kept_mebibytes ? mebibytes - kept_mebibytes : 0);
}

bool names(const std::string& text, std::string_view name) {
  std::string_view rest = text;
  while (!rest.empty()) {
    const auto end = std::min(rest.find(';'), rest.size());
    std::string_view piece = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    piece = piece.substr(0, std::min(piece.find_first_of(":("), piece.size()));
    const auto first = piece.find_first_not_of(" \t");
    if (first == std::string_view::npos) continue;
    piece = piece.substr(first, piece.find_last_not_of(" \t") - first + 1);
    if (piece == name) return true;
  }
  return false;
}

}  // namespace

Result<MachineFacts> read_machine_facts(int work_directory) {
  MachineFacts facts;
  cpu_set_t set;
  CPU_ZERO(&set);
  facts.cpus = ::sched_getaffinity(0, sizeof(set), &set) == 0 ? static_cast<unsigned>(CPU_COUNT(&set))
                                                              : std::max(1U, std::thread::hardware_concurrency());
  TEPUI_ASSIGN(const std::string meminfo, sys::read_file("/proc/meminfo"), "detect memory");
  TEPUI_ASSIGN(facts.memory, parse_total_memory(meminfo), "detect memory");
  TEPUI_ASSIGN(const struct statfs disk, sys::stat_file_system(work_directory), "detect disk");
  facts.disk = Bytes(static_cast<std::uint64_t>(disk.f_blocks) * static_cast<std::uint64_t>(disk.f_bsize));
  return facts;
}

Result<Resources> choose_resources(const std::string& text, const MachineFacts& facts) {
  std::string detected;
  if (!names(text, "cpus")) detected += ";cpus:" + std::to_string(facts.cpus);
  if (!names(text, "mem")) detected += ";mem:" + std::to_string(mebibytes_to_offer(facts.memory, 1024));
  if (!names(text, "disk")) detected += ";disk:" + std::to_string(mebibytes_to_offer(facts.disk, 5 * 1024));
  if (!names(text, "ports")) detected += ";ports:[31000-32000]";
  return parse_resources(text + detected);
}

}  // namespace tepui::agent

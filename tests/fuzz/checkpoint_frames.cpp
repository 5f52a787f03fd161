// Fuzzes the reader of the checkpoint log: any bytes are whole frames, a torn tail, or an error; never a crash, and never
// a record that lies outside the bytes.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "agent/checkpoint/frame.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto scan = tepui::agent::scan_frames(bytes);
  if (!scan) return 0;
  if (scan->good_size + scan->torn_size != size) std::abort();
  for (const auto& record : scan->records) {
    if (record.data() < bytes.data() || record.data() + record.size() > bytes.data() + scan->good_size) std::abort();
  }
  return 0;
}

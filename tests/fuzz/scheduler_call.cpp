// Any bytes as a scheduler's call, in JSON and in protobuf: what is accepted has a text that reads back to the same text.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "api/json.hpp"
#include "mesos/v1/scheduler/scheduler.pb.h"

namespace {

void check_round_trip(const mesos::v1::scheduler::Call& call) {
  const std::string text = tepui::api::format_json(call);
  if (text.find("\"NaN\"") != std::string::npos) return;  // written, and refused when read
  mesos::v1::scheduler::Call back;
  if (!tepui::api::parse_json(text, back) || tepui::api::format_json(back) != text) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  mesos::v1::scheduler::Call call;
  if (tepui::api::parse_json(bytes, call)) check_round_trip(call);
  if (tepui::api::parse_protobuf(bytes, call)) check_round_trip(call);
  return 0;
}

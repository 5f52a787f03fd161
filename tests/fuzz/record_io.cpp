// Any bytes as a stream of records, whole and byte by byte: both ways give the same records or both fail.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "api/record_io.hpp"

namespace {

struct Outcome {
  std::vector<std::string> records;
  bool has_failed = false;
  bool operator==(const Outcome&) const = default;
};

Outcome decode(std::string_view bytes, std::size_t piece) {
  tepui::api::RecordDecoder decoder(4096);
  Outcome outcome;
  for (std::size_t at = 0; at < bytes.size() && !outcome.has_failed; at += piece) {
    outcome.has_failed = !decoder.feed(bytes.substr(at, piece));
    while (auto record = decoder.take()) outcome.records.push_back(std::move(*record));
  }
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (decode(bytes, bytes.size() + 1) != decode(bytes, 1)) std::abort();
  return 0;
}

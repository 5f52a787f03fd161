#include "agent/checkpoint/frame.hpp"

#include <boost/crc.hpp>

#include "lib/base/try.hpp"

namespace tepui::agent {
namespace {

constexpr std::string_view kMagic = "tpcl";

void append_u32(std::string& bytes, std::uint32_t value) {
  for (unsigned shift = 0; shift < 32; shift += 8) bytes.push_back(static_cast<char>((value >> shift) & 0xffU));
}

std::uint32_t read_u32(std::string_view bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (unsigned i = 0; i < 4; ++i) {
    value |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[at + i])) << (8 * i);
  }
  return value;
}

bool is_header(std::string_view bytes, std::size_t at) {
  if (bytes.size() - at < kFrameHeaderSize || bytes.substr(at, kMagic.size()) != kMagic) return false;
  return read_u32(bytes, at + 12) == checksum_of(bytes.substr(at, 12));
}

/// An interrupted write begins with the magic, or with zeros where the page never reached the disk.
bool can_be_torn(std::string_view tail) {
  const auto start = tail.substr(0, kMagic.size());
  return kMagic.starts_with(start) || start.find_first_not_of('\0') == std::string_view::npos;
}

bool has_header_after(std::string_view bytes, std::size_t at) {
  for (auto next = bytes.find(kMagic, at); next != std::string_view::npos; next = bytes.find(kMagic, next + 1)) {
    if (is_header(bytes, next)) return true;
  }
  return false;
}

Error corrupt(std::size_t offset, const std::string& what) {
  return Error(ErrorCode::DataLoss, "read frame at offset " + std::to_string(offset) + ": " + what);
}

Result<void> split_records(std::string_view payload, std::size_t offset, std::vector<std::string_view>& records) {
  while (!payload.empty()) {
    if (payload.size() < 4) return corrupt(offset, "a record's length is cut");
    const std::size_t size = read_u32(payload, 0);
    if (size > payload.size() - 4) return corrupt(offset, "a record is longer than its frame");
    records.push_back(payload.substr(4, size));
    payload.remove_prefix(4 + size);
  }
  return ok();
}

}  // namespace

std::uint32_t checksum_of(std::string_view bytes) {
  boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true> crc;
  crc.process_bytes(bytes.data(), bytes.size());
  return crc.checksum();
}

Result<std::string> encode_frame(const std::vector<std::string>& records) {
  std::string payload;
  for (const auto& record : records) {
    if (record.size() + 4 > kFramePayloadLimit - payload.size()) {
      return Error(ErrorCode::ResourceExhausted, "encode frame: more than 1 GiB in one commit");
    }
    append_u32(payload, static_cast<std::uint32_t>(record.size()));
    payload += record;
  }
  std::string frame(kMagic);
  append_u32(frame, static_cast<std::uint32_t>(payload.size()));
  append_u32(frame, checksum_of(payload));
  append_u32(frame, checksum_of(frame));
  return frame + payload;
}

Result<FrameScan> scan_frames(std::string_view bytes) {
  FrameScan scan;
  std::size_t at = 0;
  while (at < bytes.size()) {
    if (!is_header(bytes, at)) {
      if (has_header_after(bytes, at + 1)) return corrupt(at, "its header is damaged, and whole frames follow");
      if (!can_be_torn(bytes.substr(at))) return corrupt(at, "these are no frames");
      break;
    }
    const std::size_t size = read_u32(bytes, at + 4);
    if (size > bytes.size() - at - kFrameHeaderSize) break;
    const auto payload = bytes.substr(at + kFrameHeaderSize, size);
    if (read_u32(bytes, at + 8) != checksum_of(payload)) {
      if (at + kFrameHeaderSize + size < bytes.size()) return corrupt(at, "its checksum is wrong, and more follows");
      break;
    }
    TEPUI_TRY(split_records(payload, at, scan.records));
    at += kFrameHeaderSize + size;
  }
  scan.good_size = at;
  scan.torn_size = bytes.size() - at;
  return scan;
}

}  // namespace tepui::agent

// Frames of the checkpoint log: how records lie in the file. Pure: bytes in, bytes out.
//
//   file  = frame…
//   frame = magic "tpcl" | length u32 | checksum of payload u32 | checksum of the 12 bytes before u32 | payload
//   payload = (length u32 | record)…
//
// All numbers are little-endian, checksums are CRC-32C. One frame is one group commit: a frame is written only after the
// one before it is durable, so only the last frame of a file can be torn. A damaged frame with a whole one behind it is
// not torn but corrupt, and so is one whose records do not add up though its checksum does.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.hpp"

namespace tepui::agent {

inline constexpr std::size_t kFrameHeaderSize = 16;
/// A commit larger than this is a bug, a length larger than this is damage.
inline constexpr std::size_t kFramePayloadLimit = 1U << 30U;

/// CRC-32C (Castagnoli; RFC 3720 appendix B.4).
std::uint32_t checksum_of(std::string_view bytes);

/// One frame around `records`. Errors: ResourceExhausted (over kFramePayloadLimit).
Result<std::string> encode_frame(const std::vector<std::string>& records);

struct FrameScan {
  std::vector<std::string_view> records;  ///< into the bytes that were scanned
  std::size_t good_size = 0;              ///< up to here everything is whole
  std::size_t torn_size = 0;              ///< bytes after it: the commit that a crash interrupted
};

/// Errors: DataLoss naming the offset, for damage that no interrupted write explains (a foreign file is such damage).
Result<FrameScan> scan_frames(std::string_view bytes);

}  // namespace tepui::agent

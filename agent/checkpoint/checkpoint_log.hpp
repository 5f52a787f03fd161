// CheckpointLog: the agent's memory across restarts, an append-only file of frames (frame.hpp).
// It is compacted by write, fsync, rename, fsync of the directory. Not here: threads (checkpoint_writer.hpp).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agent/core/checkpoint_state.hpp"
#include "lib/base/result.hpp"
#include "lib/base/unique_fd.hpp"

namespace tepui::agent {

/// Every call blocks; one caller at a time. Lives below `work_directory`, which is borrowed and must outlive it.
class CheckpointLog {
 public:
  /// Opens or makes `meta/checkpoint.log` and reads it. A torn tail is cut off and told by torn_bytes().
  /// Errors: DataLoss (damage in the middle: names file and offset; nothing is changed), ResourceExhausted and others from
  /// the system.
  static Result<CheckpointLog> open(int work_directory, const std::string& work_directory_path);

  /// What the file says, and after a successful commit what it said then.
  [[nodiscard]] const CheckpointState& state() const { return state_; }
  /// What open() cut off: a commit that was never acknowledged to anybody.
  [[nodiscard]] std::uint64_t torn_bytes() const { return torn_bytes_; }
  [[nodiscard]] std::uint64_t size() const { return size_; }

  /// Appends and makes durable all of `records` or none of them. After an error nothing of them counts and commit may be
  /// tried again with the same or more records: ENOSPC goes away when there is space. Compacts when it is time.
  Result<void> commit(const std::vector<CheckpointRecord>& records);

  /// Rewrites the file to what state() needs.
  Result<void> compact();

  /// The file is compacted once it is larger than this and four times what the last compaction left.
  static constexpr std::uint64_t kCompactAbove = 1U << 20U;

 private:
  CheckpointLog() = default;
  Result<void> append(const std::vector<CheckpointRecord>& records);
  Result<void> cut_tail();

  UniqueFd directory_;
  UniqueFd file_;
  std::string path_;  // for messages
  CheckpointState state_;
  std::uint64_t size_ = 0;
  std::uint64_t compacted_size_ = 0;
  std::uint64_t torn_bytes_ = 0;
  bool has_dirty_tail_ = false;  // bytes after size_ from a commit that failed
  bool is_suspect_ = false;      // fdatasync failed: the kernel may have dropped pages, so the file is written anew
};

}  // namespace tepui::agent

#include "agent/checkpoint/checkpoint_log.hpp"

#include <fcntl.h>

#include "agent/checkpoint/frame.hpp"
#include "lib/base/fault.hpp"
#include "lib/base/try.hpp"
#include "lib/linux/sys.hpp"

namespace tepui::agent {
namespace {

constexpr const char* kFileName = "checkpoint.log";
constexpr const char* kNewFileName = "checkpoint.log.new";
constexpr std::size_t kReadLimit = std::size_t{4} << 30U;

std::vector<std::string> serialize(const std::vector<CheckpointRecord>& records) {
  std::vector<std::string> texts;
  texts.reserve(records.size());
  for (const auto& record : records) texts.push_back(record.SerializeAsString());
  return texts;
}

Result<CheckpointState> fold(const std::vector<std::string_view>& records) {
  CheckpointState state;
  for (std::size_t i = 0; i < records.size(); ++i) {
    CheckpointRecord record;
    if (!record.ParseFromArray(records[i].data(), static_cast<int>(records[i].size()))) {
      return Error(ErrorCode::DataLoss, "parse record " + std::to_string(i) + ": it is no checkpoint record");
    }
    TEPUI_TRY(state.apply(record), "apply record " + std::to_string(i));
  }
  return state;
}

}  // namespace

Result<CheckpointLog> CheckpointLog::open(int work_directory, const std::string& work_directory_path) {
  CheckpointLog log;
  log.path_ = work_directory_path + "/meta/" + kFileName;
  const std::string context = "open checkpoint log '" + log.path_ + "'";
  TEPUI_ASSIGN(const bool has_directory, sys::exists_at(work_directory, "meta"), context);
  if (!has_directory) {
    TEPUI_TRY(sys::make_directory_at(work_directory, "meta", 0700), context);
    TEPUI_TRY(sys::fsync(work_directory), context);
  }
  TEPUI_ASSIGN(log.directory_, sys::open_beneath(work_directory, "meta", O_RDONLY | O_DIRECTORY), context);
  TEPUI_ASSIGN(const bool has_file, sys::exists_at(log.directory_.borrow(), kFileName), context);
  TEPUI_ASSIGN(log.file_, sys::open_beneath(log.directory_.borrow(), kFileName, O_RDWR | O_CREAT | O_APPEND, 0600),
               context);
  if (!has_file) {
    TEPUI_TRY(sys::fsync(log.directory_.borrow()), context);
  }

  TEPUI_ASSIGN(const std::string bytes, sys::read_all(log.file_.borrow(), kReadLimit), context);
  TEPUI_ASSIGN(const FrameScan scan, scan_frames(bytes), context);
  TEPUI_ASSIGN(log.state_, fold(scan.records), context);
  log.size_ = scan.good_size;
  log.compacted_size_ = scan.good_size;
  log.torn_bytes_ = scan.torn_size;
  log.has_dirty_tail_ = scan.torn_size > 0;
  TEPUI_TRY(log.cut_tail(), context);
  return log;
}

Result<void> CheckpointLog::cut_tail() {
  if (!has_dirty_tail_) return ok();
  TEPUI_TRY(sys::truncate(file_.borrow(), static_cast<off_t>(size_)));
  TEPUI_TRY(sys::fdatasync(file_.borrow()));
  has_dirty_tail_ = false;
  return ok();
}

Result<void> CheckpointLog::append(const std::vector<CheckpointRecord>& records) {
  TEPUI_ASSIGN(const std::string frame, encode_frame(serialize(records)));
  TEPUI_TRY(cut_tail());
  TEPUI_FAULT("agent.checkpoint.before_write");
  has_dirty_tail_ = true;
  TEPUI_TRY(sys::write_all(file_.borrow(), frame));
  TEPUI_FAULT("agent.checkpoint.before_sync");
  const auto synced = sys::fdatasync(file_.borrow());
  if (!synced) {
    is_suspect_ = true;
    return synced;
  }
  has_dirty_tail_ = false;
  size_ += frame.size();
  TEPUI_FAULT("agent.checkpoint.after_sync");
  return ok();
}

Result<void> CheckpointLog::commit(const std::vector<CheckpointRecord>& records) {
  const std::string context = "write checkpoint log '" + path_ + "'";
  if (records.empty()) return ok();
  if (is_suspect_) {
    TEPUI_TRY(compact());
  }
  TEPUI_TRY(append(records), context);
  for (const auto& record : records) {
    TEPUI_TRY(state_.apply(record), context);
  }
  if (size_ > kCompactAbove && size_ / 4 > compacted_size_) {
    // What was committed stays committed: a compaction that fails is tried again at the next size.
    if (!compact()) compacted_size_ = size_;
  }
  return ok();
}

Result<void> CheckpointLog::compact() {
  const std::string context = "compact checkpoint log '" + path_ + "'";
  TEPUI_ASSIGN(const std::string frame, encode_frame(serialize(state_.to_records())), context);
  TEPUI_ASSIGN(UniqueFd file,
               sys::open_beneath(directory_.borrow(), kNewFileName, O_RDWR | O_CREAT | O_TRUNC | O_APPEND, 0600), context);
  TEPUI_TRY(sys::write_all(file.borrow(), frame), context);
  TEPUI_TRY(sys::fsync(file.borrow()), context);
  TEPUI_FAULT("agent.checkpoint.before_rename");
  TEPUI_TRY(sys::rename_at(directory_.borrow(), kNewFileName, directory_.borrow(), kFileName), context);
  TEPUI_FAULT("agent.checkpoint.after_rename");
  file_ = std::move(file);
  size_ = frame.size();
  compacted_size_ = size_;
  has_dirty_tail_ = false;
  TEPUI_TRY(sys::fsync(directory_.borrow()), context);
  is_suspect_ = false;
  return ok();
}

}  // namespace tepui::agent

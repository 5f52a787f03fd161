#include "launcher/exit_record.hpp"

#include <fcntl.h>

#include <cerrno>
#include <charconv>
#include <map>

#include <fmt/format.h>

#include "lib/base/try.hpp"
#include "lib/linux/sys.hpp"

namespace tepui::launcher {
namespace {

Error damaged(std::string_view what) {
  return {ErrorCode::DataLoss, fmt::format("read exit record: {}", what)};
}

using Lines = std::map<std::string_view, std::string_view>;

Result<std::int64_t> read_number(const Lines& lines, std::string_view key) {
  const auto found = lines.find(key);
  if (found == lines.end()) return damaged(fmt::format("no {}", key));
  std::int64_t number = 0;
  const std::string_view text = found->second;
  const auto outcome = std::from_chars(text.data(), text.data() + text.size(), number);
  if (outcome.ec != std::errc{} || outcome.ptr != text.data() + text.size()) {
    return damaged(fmt::format("{} is no number", key));
  }
  return number;
}

Result<LaunchFailure> read_failure(const Lines& lines) {
  TEPUI_ASSIGN(const std::int64_t step, read_number(lines, "step"));
  TEPUI_ASSIGN(const std::int64_t sys_errno, read_number(lines, "errno"));
  if (step < 0 || step > static_cast<std::int64_t>(LaunchStep::Supervise)) return damaged("step is unknown");
  const auto object = lines.find("object");
  return LaunchFailure{.step = static_cast<LaunchStep>(step),
                       .sys_errno = static_cast<int>(sys_errno),
                       .object = object == lines.end() ? std::string() : std::string(object->second)};
}

Result<ExitKind> read_kind(const Lines& lines) {
  const auto found = lines.find("kind");
  if (found == lines.end()) return damaged("no kind");
  if (found->second == "exited") return ExitKind::Exited;
  if (found->second == "failed") return ExitKind::Failed;
  if (found->second == "cancelled") return ExitKind::Cancelled;
  return damaged("kind is unknown");
}

}  // namespace

std::string LaunchFailure::to_string() const { return to_error().to_string(); }

Error LaunchFailure::to_error() const {
  std::string message = launch_step_name(step);
  if (!object.empty()) message += fmt::format(" \"{}\"", object);
  if (sys_errno == 0) return {ErrorCode::Internal, std::move(message)};
  Error error = Error::from_errno(sys_errno, std::move(message));
  if (step == LaunchStep::Rlimit && sys_errno == EPERM) {
    return error.with_hint("the hard limit is above the agent's own, and the agent lacks CAP_SYS_RESOURCE");
  }
  if (step == LaunchStep::OomScoreAdj && sys_errno == EACCES) {
    return error.with_hint("a lower score needs CAP_SYS_RESOURCE");
  }
  return error;
}

int LaunchFailure::shell_exit_code() const {
  if (step != LaunchStep::Exec) return 125;
  return sys_errno == ENOENT || sys_errno == ENOTDIR ? 127 : 126;
}

Result<ExitRecord> parse_exit_record(std::string_view text) {
  Lines lines;
  bool is_whole = false;
  bool is_first = true;
  while (!text.empty() && !is_whole) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return damaged("cut off");
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    if (is_first && line != "tepui-exit 1") return damaged("not an exit record of version 1");
    is_first = false;
    is_whole = line == "end";
    const std::size_t space = line.find(' ');
    if (space != std::string_view::npos) lines.emplace(line.substr(0, space), line.substr(space + 1));
  }
  if (!is_whole) return damaged("cut off");
  ExitRecord record;
  TEPUI_ASSIGN(record.kind, read_kind(lines));
  TEPUI_ASSIGN(const std::int64_t wait_status, read_number(lines, "wait_status"));
  TEPUI_ASSIGN(const std::int64_t pid, read_number(lines, "pid"));
  TEPUI_ASSIGN(const std::int64_t ticks, read_number(lines, "start_time_ticks"));
  TEPUI_ASSIGN(const std::int64_t ended_at, read_number(lines, "ended_at_nsec"));
  TEPUI_ASSIGN(const std::int64_t user, read_number(lines, "user_usec"));
  TEPUI_ASSIGN(const std::int64_t system, read_number(lines, "system_usec"));
  TEPUI_ASSIGN(const std::int64_t rss, read_number(lines, "max_rss_kib"));
  record.wait_status = static_cast<int>(wait_status);
  record.pid = static_cast<pid_t>(pid);
  record.start_time_ticks = static_cast<std::uint64_t>(ticks);
  record.ended_at = WallTime(std::chrono::duration_cast<WallTime::duration>(std::chrono::nanoseconds(ended_at)));
  record.user_time = std::chrono::microseconds(user);
  record.system_time = std::chrono::microseconds(system);
  record.max_rss_kib = static_cast<std::uint64_t>(rss);
  if (record.kind == ExitKind::Failed) {
    TEPUI_ASSIGN(record.failure, read_failure(lines));
  }
  return record;
}

Result<std::optional<ExitRecord>> read_exit_record(int runtime_dir) {
  auto file = sys::open_beneath(runtime_dir, kExitRecordName, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  if (!file && file.error().code() == ErrorCode::NotFound) return std::optional<ExitRecord>();
  if (!file) return file.error();
  constexpr std::size_t kLimit = 64U << 10U;
  TEPUI_ASSIGN(const std::string text, sys::read_all(file->borrow(), kLimit));
  TEPUI_ASSIGN(ExitRecord record, parse_exit_record(text));
  return std::optional<ExitRecord>(std::move(record));
}

}  // namespace tepui::launcher

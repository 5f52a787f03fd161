#include <cerrno>

#include "launcher/init/words.hpp"
#include "launcher/shim/shim.hpp"
#include "lib/linux/raw_sys.hpp"

namespace tepui::launcher {
namespace {

constexpr std::size_t kRecordBytes = 2048;
using Record = FixedText<kRecordBytes>;

void add_line(Record& record, const char* key, std::int64_t value) {
  record.add(key).add(' ').add_signed(value).add('\n');
}

std::int64_t microseconds(const timeval& time) { return time.tv_sec * std::int64_t{1000000} + time.tv_usec; }

const char* name_of(EndKind kind) {
  switch (kind) {
    case EndKind::Exited: return "exited";
    case EndKind::Failed: return "failed";
    case EndKind::Cancelled: return "cancelled";
  }
  return "exited";
}

void add_failure(Record& record, const FailureReport& failure) {
  add_line(record, "step", static_cast<std::int64_t>(failure.step));
  add_line(record, "errno", failure.sys_errno);
  record.add("object ");
  for (const char* c = failure.object; *c != '\0'; ++c) {
    const auto byte = static_cast<unsigned char>(*c);
    record.add(byte < 0x20 || byte == 0x7f ? '?' : *c);
  }
  record.add('\n');
}

}  // namespace

std::uint64_t read_start_time(int pid) {
  FixedText<64> path;
  path.add("/proc/").add_signed(pid).add("/stat");
  const long file = raw::openat(AT_FDCWD, path.text(), O_RDONLY);
  if (file < 0) return 0;
  char text[1024];
  const long size = raw::read(static_cast<int>(file), text, sizeof text - 1);
  raw::close(static_cast<int>(file));
  if (size <= 0) return 0;
  text[size] = '\0';
  // Fields are counted from the last bracket: the name inside may hold anything (man 5 proc).
  long at = size;
  while (at > 0 && text[at] != ')') --at;
  for (int spaces = 0; spaces < 20 && text[at] != '\0'; ++at) {
    if (text[at] == ' ') ++spaces;
  }
  std::uint64_t ticks = 0;
  for (; text[at] >= '0' && text[at] <= '9'; ++at) ticks = ticks * 10 + static_cast<std::uint64_t>(text[at] - '0');
  return ticks;
}

bool reserve_exit_record(Container& container) {
  static const char kRoom[kRecordBytes] = {};
  const long file = raw::openat(kRuntimeDirFd, kExitRecordTemporaryName, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0600);
  if (file < 0) return fail(container, LaunchStep::ReserveRecord, file, kExitRecordTemporaryName);
  const long written = raw::write(static_cast<int>(file), kRoom, sizeof kRoom);
  raw::close(static_cast<int>(file));
  if (written == static_cast<long>(sizeof kRoom)) return true;
  return fail(container, LaunchStep::ReserveRecord, written < 0 ? written : -ENOSPC, kExitRecordTemporaryName);
}

bool write_exit_record(const Supervised& supervised, EndKind kind, const FailureReport& failure) {
  timespec now{};
  raw::clock_gettime(CLOCK_REALTIME, &now);
  Record record;
  record.add("tepui-exit 1\nkind ").add(name_of(kind)).add('\n');
  add_line(record, "wait_status", supervised.wait_status);
  add_line(record, "pid", supervised.pid);
  add_line(record, "start_time_ticks", static_cast<std::int64_t>(supervised.start_time_ticks));
  add_line(record, "ended_at_nsec", now.tv_sec * std::int64_t{1000000000} + now.tv_nsec);
  add_line(record, "user_usec", microseconds(supervised.usage.ru_utime));
  add_line(record, "system_usec", microseconds(supervised.usage.ru_stime));
  add_line(record, "max_rss_kib", supervised.usage.ru_maxrss);
  if (kind == EndKind::Failed) add_failure(record, failure);
  record.add("end\n");

  const long file = raw::openat(kRuntimeDirFd, kExitRecordTemporaryName, O_WRONLY | O_CREAT | O_NOFOLLOW, 0600);
  if (file < 0) return false;
  const long written = raw::write(static_cast<int>(file), record.text(), record.size());
  raw::ftruncate(static_cast<int>(file), static_cast<long>(record.size()));
  raw::close(static_cast<int>(file));
  if (written < 0 || static_cast<std::size_t>(written) != record.size()) return false;
  return raw::renameat(kRuntimeDirFd, kExitRecordTemporaryName, kRuntimeDirFd, kExitRecordName) == 0;
}

}  // namespace tepui::launcher

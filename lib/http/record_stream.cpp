// A queue of chunks, written at once where the socket takes them, by the connection's pump where it does not.
#include "lib/http/record_stream.hpp"

#include <deque>

#include "lib/async/condition.hpp"
#include "lib/http/timed_socket.hpp"

namespace tepui::http {

namespace {

std::string chunk_of(std::string_view record) { return fmt::format("{:x}\r\n{}\r\n", record.size(), record); }

constexpr std::string_view kLastChunk = "0\r\n\r\n";

}  // namespace

struct RecordStream::State {
  State(Executor e, StreamLimits l) : limits(l), changed(e), ended(e), alarm(e, [this] { call_back(); }) {}

  StreamLimits limits;
  std::deque<std::string> queue;      // chunks; the first may be the rest of one
  std::size_t queued_bytes = 0;       // of the queue and of what the pump is writing
  std::size_t bytes_in_pump = 0;
  std::uint64_t records_sent = 0;
  bool is_finishing = false;
  std::shared_ptr<TimedSocket> socket;
  std::optional<StreamEnd> end;
  std::function<void(const StreamEnd&)> on_end;
  Condition changed;
  Notification ended;
  Alarm alarm;                        // calls on_end from the loop, never from inside send()

  void call_back() {
    if (!end || !on_end) return;
    const auto call = std::exchange(on_end, nullptr);
    const StreamEnd told = *end;
    call(told);  // may drop the last hold of this stream: nothing here is touched after it
  }

  /// Counts what waits behind the record being written, or behind the first that waits.
  [[nodiscard]] bool has_no_room() const {
    std::size_t behind = queued_bytes - bytes_in_pump;
    if (bytes_in_pump == 0 && !queue.empty()) behind -= queue.front().size();
    return queue.size() >= limits.queued_records || behind > limits.queued_bytes;
  }

  void push(std::string bytes) {
    queued_bytes += bytes.size();
    queue.push_back(std::move(bytes));
    changed.notify_all();
  }
};

RecordStream::RecordStream(std::unique_ptr<State> state) : state_(std::move(state)) {}
RecordStream::~RecordStream() = default;

std::shared_ptr<RecordStream> RecordStream::create(Executor executor, StreamLimits limits) {
  return std::shared_ptr<RecordStream>(new RecordStream(std::make_unique<State>(std::move(executor), limits)));
}

bool RecordStream::send(std::string_view record) {
  State& s = *state_;
  if (s.end || s.is_finishing || record.empty()) return false;
  std::string chunk = chunk_of(record);
  if (s.socket && s.queue.empty() && s.bytes_in_pump == 0) {
    auto written = s.socket->try_write_some(chunk);
    if (!written) {
      end_because(StreamEnd::Reason::ClientGone, written.error().to_string());
      return false;
    }
    ++s.records_sent;
    if (*written < chunk.size()) s.push(chunk.substr(*written));
    return true;
  }
  if (s.has_no_room()) {
    end_because(StreamEnd::Reason::SlowReader,
                fmt::format("{} bytes in {} records wait for the reader", s.queued_bytes, s.queue.size()));
    return false;
  }
  ++s.records_sent;
  s.push(std::move(chunk));
  return true;
}

void RecordStream::finish() {
  if (state_->end || state_->is_finishing) return;
  state_->is_finishing = true;
  state_->push(std::string(kLastChunk));
}

void RecordStream::disconnect(std::string why) { end_because(StreamEnd::Reason::Disconnected, std::move(why)); }

void RecordStream::end_because(StreamEnd::Reason reason, std::string detail) {
  State& s = *state_;
  if (s.end) return;
  s.end = StreamEnd{reason, std::move(detail)};
  s.queue.clear();
  s.queued_bytes = 0;
  if (s.socket) s.socket->close();
  s.changed.notify_all();
  s.ended.notify();
  s.alarm.set(MonotonicTime::min());
}

bool RecordStream::is_open() const { return !state_->end && !state_->is_finishing; }
const std::optional<StreamEnd>& RecordStream::end() const { return state_->end; }

void RecordStream::on_end(std::function<void(const StreamEnd&)> call) {
  state_->on_end = std::move(call);
  if (state_->end && state_->on_end) state_->alarm.set(MonotonicTime::min());
}

Async<StreamEnd> RecordStream::wait_end() {
  auto self = shared_from_this();
  auto waited = co_await self->state_->ended.wait();
  if (!waited) co_return waited.error();
  co_return *self->state_->end;
}

std::size_t RecordStream::queued_bytes() const { return state_->queued_bytes; }
std::uint64_t RecordStream::records_sent() const { return state_->records_sent; }

Async<void> RecordStream::pump(std::shared_ptr<TimedSocket> socket) {
  auto self = shared_from_this();
  State& s = *state_;
  if (s.end) {
    socket->close();
    co_return ok();
  }
  s.socket = socket;
  while (!s.end) {
    if (s.queue.empty()) {
      if (s.is_finishing) {
        end_because(StreamEnd::Reason::Finished, "finished");
        break;
      }
      auto waited = co_await s.changed.wait();
      if (!waited) end_because(StreamEnd::Reason::ServerClosed, "the server was closed");
      continue;
    }
    std::string bytes = std::move(s.queue.front());
    s.queue.pop_front();
    s.bytes_in_pump = bytes.size();
    auto written = co_await socket->write_all(std::move(bytes), s.limits.stall_timeout);
    const std::size_t size = std::exchange(s.bytes_in_pump, 0);
    if (s.end) break;
    s.queued_bytes -= size;
    if (written) continue;
    switch (written.error().code()) {
      case ErrorCode::DeadlineExceeded: end_because(StreamEnd::Reason::SlowReader, written.error().to_string()); break;
      case ErrorCode::Cancelled: end_because(StreamEnd::Reason::ServerClosed, "the server was closed"); break;
      default: end_because(StreamEnd::Reason::ClientGone, written.error().to_string()); break;
    }
  }
  s.socket.reset();
  co_return ok();
}

}  // namespace tepui::http

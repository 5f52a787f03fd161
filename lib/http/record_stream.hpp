// RecordStream: the events of one subscriber. The records are opaque bytes (api/ frames them); each becomes one HTTP chunk.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "lib/async/async.hpp"

namespace tepui::http {

class TimedSocket;

struct StreamLimits {
  /// Bytes that may wait behind the record being written; one record of any size may start to wait below it.
  std::size_t queued_bytes = 256U << 10U;
  std::size_t queued_records = 4096;
  /// A reader that takes no byte for so long, while some wait, is slow.
  std::chrono::nanoseconds stall_timeout = std::chrono::seconds(60);
};

struct StreamEnd {
  enum class Reason { Finished, Disconnected, ClientGone, SlowReader, UnexpectedBytes, ServerClosed };
  Reason reason = Reason::Finished;
  std::string detail;  // for the log: "300 KiB wait for the reader"
};

/// Created by a handler, returned in its Response, kept by the owner to send into. Destroyed by neither: shared. [loop]
///
///   auto stream = http::RecordStream::create(executor);
///   stream->on_end([this, id](const http::StreamEnd& end) { subscriber_gone(id, end); });
///   stream->send(frame(subscribed));                 // before or after the response is sent
///   co_return http::Response::streaming("application/json", stream);
class RecordStream : public std::enable_shared_from_this<RecordStream> {
 public:
  static std::shared_ptr<RecordStream> create(Executor executor, StreamLimits limits = {});
  RecordStream(const RecordStream&) = delete;
  RecordStream& operator=(const RecordStream&) = delete;
  ~RecordStream();

  /// Writes `record` as exactly one chunk, at once if the socket takes it, else queues it. False when the stream has
  /// ended, or ends by this call because the reader is slow (on_end is then called later, from the loop).
  bool send(std::string_view record);

  /// Ends the body properly after what waits was written, then closes the connection.
  void finish();
  /// Closes the connection now; what waits is dropped.
  void disconnect(std::string why);

  [[nodiscard]] bool is_open() const;
  /// Why it ended; no value while it is open.
  [[nodiscard]] const std::optional<StreamEnd>& end() const;
  /// `call` runs once on the loop when the stream has ended, for whatever reason; soon, if it has ended already. It may
  /// be set before the stream is returned to the server. A later call replaces an earlier one; nullptr takes it back.
  void on_end(std::function<void(const StreamEnd&)> call);
  /// Returns when the stream has ended. Errors: Cancelled.
  Async<StreamEnd> wait_end();

  [[nodiscard]] std::size_t queued_bytes() const;
  [[nodiscard]] std::uint64_t records_sent() const;

  /// For the server's connection only: takes the socket (headers are written) and returns when the stream has ended.
  Async<void> pump(std::shared_ptr<TimedSocket> socket);
  /// For the server's connection only.
  void end_because(StreamEnd::Reason reason, std::string detail);

 private:
  struct State;
  explicit RecordStream(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace tepui::http

// TimedSocket: a connected stream whose reads and writes have deadlines. One coroutine reads and one writes at a time.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "lib/async/timer.hpp"
#include "lib/http/endpoint.hpp"
#include "lib/http/stream.hpp"

namespace tepui::http {

/// [loop] Shared by the coroutines of one connection.
class TimedSocket {
 public:
  /// `stream` is connected. Sets it non-blocking and TCP_NODELAY.
  explicit TimedSocket(Stream stream);
  TimedSocket(const TimedSocket&) = delete;
  TimedSocket& operator=(const TimedSocket&) = delete;
  ~TimedSocket();

  /// Appends at most `limit` bytes to `buffer`, which outlives the call; returns how many (0: the other side closed).
  /// Errors: DeadlineExceeded, Cancelled, Unavailable.
  Async<std::size_t> read_some(std::string* buffer, std::size_t limit, MonotonicTime deadline);
  /// Writes all of `data`; fails with DeadlineExceeded when no byte could be written for `stall`.
  Async<void> write_all(std::string data, std::chrono::nanoseconds stall);
  /// Writes what the kernel takes at once; 0 when it takes nothing. Errors: Unavailable.
  Result<std::size_t> try_write_some(std::string_view data);

  /// Bytes that have arrived and were not read.
  [[nodiscard]] std::size_t available();
  /// Whether the other side has closed (or sent what nobody asked for): not fit for another request.
  [[nodiscard]] bool is_stale();
  void shutdown_send();
  /// Pending reads and writes end with Unavailable or Cancelled. Idempotent.
  void close();
  [[nodiscard]] bool is_open() const;
  [[nodiscard]] Endpoint peer() const;
  [[nodiscard]] Endpoint local() const;

 private:
  /// Cancels the stream's operations when its time has come. Moving the deadline out costs nothing but a store.
  class Watchdog {
   public:
    Watchdog(Executor executor, Stream& stream);
    void arm(MonotonicTime deadline);
    void disarm();
    [[nodiscard]] bool has_bitten() const { return has_bitten_; }

   private:
    void ring();
    Stream& stream_;
    MonotonicTime deadline_ = MonotonicTime::max();
    MonotonicTime set_for_ = MonotonicTime::max();
    bool has_bitten_ = false;
    Alarm alarm_;
  };

  Stream stream_;
  Watchdog read_watchdog_;
  Watchdog write_watchdog_;
  Endpoint peer_;
  Endpoint local_;
};

}  // namespace tepui::http

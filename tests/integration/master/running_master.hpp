// RunningMaster: the daemon on a thread of this process, and clients of its streams that speak bytes of their own.
#pragma once

#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include <boost/json/object.hpp>
#include <gtest/gtest.h>

#include "master/daemon.hpp"
#include "tests/cluster/raw_http.hpp"
#include "tests/fakes/temp_dir.hpp"

namespace tepui::master {

using cluster::Deadline;
using cluster::HttpReply;
using cluster::in;

/// Started by the constructor, stopped in order by the destructor or by stop().
class RunningMaster {
 public:
  explicit RunningMaster(std::string work_dir);
  ~RunningMaster() { stop(); }
  void stop();
  [[nodiscard]] const std::string& address() const { return address_; }

  HttpReply post(const std::string& path, const std::string& body, std::map<std::string, std::string> headers) const {
    return cluster::http_request(address_, "POST", path, body, std::move(headers));
  }
  HttpReply fetch(const std::string& path) const { return cluster::http_request(address_, "GET", path); }

 private:
  Async<void> serve(std::promise<std::string>* started);

  std::string work_dir_;
  EventLoop loop_;
  Notification stop_;
  std::string address_;
  std::thread thread_;
};

/// One POST whose answer is a stream of records.
class EventStream {
 public:
  EventStream(const RunningMaster& master, const std::string& path, const std::string& body,
              std::map<std::string, std::string> headers = {{"Content-Type", "application/json"}});

  [[nodiscard]] const HttpReply& head() const { return head_; }
  [[nodiscard]] std::string id() const;
  /// The next record, unframed: one chunk has to be exactly one. No value at the stream's end or after 5 s.
  std::optional<std::string> next_record();
  /// As JSON; an empty object where there is none.
  boost::json::object next();
  /// Skips others until one of `type` comes.
  boost::json::object next(const std::string& type);
  /// Whether the server ends it within 5 s; what still comes is read away.
  bool is_ended();
  void close() { connection_.close(); }

 private:
  cluster::RawConnection connection_;
  HttpReply head_;
};

/// `value.at_path("a.b.c")` as text; "" where it is not.
std::string text_at(const boost::json::value& value, std::string_view path);

inline constexpr const char* kJson = "application/json";
inline constexpr const char* kProtobuf = "application/x-protobuf";
inline constexpr const char* kSchedulerPath = "/api/v1/scheduler";
inline constexpr const char* kAgentPath = "/api/v1/agent";

/// A SUBSCRIBE; with `id`, as that framework.
std::string subscribe_call(const std::string& id = {}, const std::string& more_info = {});
/// Another call of a framework: `more` follows type and framework_id ("\"kill\":{…}").
std::string framework_call(const std::string& type, const std::string& framework_id, const std::string& more = {});

class MasterHttpTest : public ::testing::Test {
 protected:
  [[nodiscard]] HttpReply call(const std::string& body, const std::string& stream = {}) const;
  TempDir folder_;
  std::optional<RunningMaster> master_{std::in_place, folder_ / "work"};
};

}  // namespace tepui::master

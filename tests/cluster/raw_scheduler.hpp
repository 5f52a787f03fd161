// RawScheduler: a framework for the cluster tests that speaks the v1 scheduler API in JSON over RawConnection. It
// remembers all updates, acknowledges them (unless told not to), and waits for what a test names, with a deadline.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "tests/cluster/eventually.hpp"
#include "tests/cluster/raw_http.hpp"

namespace tepui::cluster {

struct TaskRequest {
  std::string id;
  std::string command;  // for /bin/sh
  double cpus = 0.1;
  double mem = 32;
  std::string user = "nobody";
};

struct TaskUpdate {
  std::string task;
  std::string state;
  std::string message;
  std::string reason;
  std::string source;
  std::string uuid;  // base64; empty for what the master makes up
  std::string agent;
};

class RawScheduler {
 public:
  explicit RawScheduler(std::string name = "cluster-test") : name_(std::move(name)) {}

  /// Opens the stream at `address` and waits for SUBSCRIBED; again with the same framework id after the first time.
  bool subscribe(const std::string& address, Deadline deadline);
  void disconnect() { stream_.close(); }
  [[nodiscard]] bool is_connected() const { return stream_.is_open(); }
  [[nodiscard]] const std::string& framework_id() const { return framework_id_; }
  [[nodiscard]] const std::string& stream_id() const { return stream_id_; }

  /// Reads events until one of `type` came (also one read earlier and not yet taken); none at the deadline or the
  /// stream's end.
  std::optional<boost::json::object> wait_event(const std::string& type, Deadline deadline);
  /// Reads events until `task` has been reported in `state`.
  bool wait_state(const std::string& task, const std::string& state, Deadline deadline);
  /// Reads events until every one of `tasks` is terminal.
  bool wait_all_terminal(const std::vector<std::string>& tasks, Deadline deadline);
  /// Takes offers until all of `tasks` are launched, as many on an offer as fit.
  bool launch(const std::vector<TaskRequest>& tasks, Deadline deadline);
  /// One ACCEPT with LAUNCH of these tasks on that offer, whatever it holds.
  HttpReply accept(const boost::json::object& offer, const std::vector<TaskRequest>& tasks);
  HttpReply kill(const std::string& task);
  HttpReply reconcile(const std::vector<std::string>& tasks);
  HttpReply acknowledge(const TaskUpdate& update);
  HttpReply teardown();
  HttpReply revive();
  /// A call with framework_id filled in; `body` may be empty.
  HttpReply call(const std::string& type, const boost::json::object& body = {});

  void stop_acknowledging() { acknowledges_ = false; }
  /// In the order of arrival, repetitions of one uuid left out.
  [[nodiscard]] const std::vector<TaskUpdate>& updates() const { return updates_; }
  /// The newest state of a task; empty when nothing came.
  [[nodiscard]] std::string state(const std::string& task) const;
  [[nodiscard]] std::optional<TaskUpdate> last(const std::string& task) const;
  /// How many different updates said that the task is over: never more than one.
  [[nodiscard]] int terminal_count(const std::string& task) const;
  [[nodiscard]] std::string describe() const;
  [[nodiscard]] const std::vector<std::string>& errors() const { return errors_; }

 private:
  bool read_event(Deadline deadline);
  void note(const boost::json::object& event);
  void note_update(const boost::json::object& status);

  std::string name_;
  std::string address_;
  std::string framework_id_;
  std::string stream_id_;
  RawConnection stream_;
  std::string records_;
  std::vector<boost::json::object> events_;
  std::vector<TaskUpdate> updates_;
  std::set<std::string> seen_;
  std::vector<std::string> errors_;
  bool acknowledges_ = true;
};

bool is_terminal(const std::string& state);
boost::json::object task_info(const TaskRequest& task, const std::string& agent);
/// The scalar `name` in a list of resources, added up.
double scalar(const boost::json::object& holder, const std::string& name);

}  // namespace tepui::cluster

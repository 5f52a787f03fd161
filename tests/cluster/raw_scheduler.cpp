#include "tests/cluster/raw_scheduler.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace tepui::cluster {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

constexpr const char* kPath = "/api/v1/scheduler";

std::string text_at(const json::object& object, const char* name) {
  const json::value* found = object.if_contains(name);
  return found != nullptr && found->is_string() ? std::string(found->get_string()) : std::string();
}

/// The `value` of an id: {"task_id": {"value": "x"}}.
std::string id_at(const json::object& object, const char* name) {
  const json::value* found = object.if_contains(name);
  return found != nullptr && found->is_object() ? text_at(found->get_object(), "value") : std::string();
}

json::object named(const std::string& value) { return {{"value", value}}; }

json::object scalar_resource(const char* name, double value) {
  return {{"name", name}, {"type", "SCALAR"}, {"scalar", json::object{{"value", value}}}};
}

}  // namespace

bool is_terminal(const std::string& state) {
  static const std::set<std::string> states = {"TASK_FINISHED", "TASK_FAILED",  "TASK_KILLED", "TASK_LOST",
                                               "TASK_ERROR",    "TASK_DROPPED", "TASK_GONE",   "TASK_GONE_BY_OPERATOR"};
  return states.contains(state);
}

double scalar(const json::object& holder, const std::string& name) {
  double sum = 0;
  const json::value* resources = holder.if_contains("resources");
  if (resources == nullptr) return 0;
  for (const json::value& resource : resources->as_array()) {
    const auto& one = resource.as_object();
    if (text_at(one, "name") == name && one.contains("scalar")) {
      sum += one.at("scalar").as_object().at("value").to_number<double>();
    }
  }
  return sum;
}

json::object task_info(const TaskRequest& task, const std::string& agent) {
  return {{"name", task.id},
          {"task_id", named(task.id)},
          {"agent_id", named(agent)},
          {"resources", json::array{scalar_resource("cpus", task.cpus), scalar_resource("mem", task.mem)}},
          {"command", json::object{{"shell", true}, {"value", task.command}, {"user", task.user}}}};
}

bool RawScheduler::subscribe(const std::string& address, Deadline deadline) {
  address_ = address;
  json::object info{{"user", "nobody"}, {"name", name_}, {"failover_timeout", 600.0}, {"checkpoint", true}};
  json::object call{{"type", "SUBSCRIBE"}};
  if (!framework_id_.empty()) {
    info["id"] = named(framework_id_);
    call["framework_id"] = named(framework_id_);
  }
  call["subscribe"] = json::object{{"framework_info", info}};
  const std::string body = json::serialize(call);
  while (left_until(deadline) > 0) {
    stream_ = RawConnection(address_);
    records_.clear();
    events_.clear();
    const auto headers =
        std::map<std::string, std::string>{{"Content-Type", "application/json"}, {"Accept", "application/json"}};
    const bool is_sent = stream_.send(format_request("POST", kPath, address_, headers, body), deadline);
    HttpReply head = is_sent ? stream_.read_head(deadline) : HttpReply{};
    if (head.status == 200) {
      stream_id_ = head.headers["mesos-stream-id"];
      return wait_event("SUBSCRIBED", deadline).has_value();
    }
    // A master that has just started answers 503, or does not listen yet.
    static_cast<void>(eventually(std::min(deadline, in(50ms)), [] { return false; }));
  }
  return false;
}

bool RawScheduler::read_event(Deadline deadline) {
  while (true) {
    const auto line = records_.find('\n');
    std::size_t size = 0;
    if (line != std::string::npos) std::from_chars(records_.data(), records_.data() + line, size);
    if (line != std::string::npos && records_.size() >= line + 1 + size) {
      const json::value event = json::parse(records_.substr(line + 1, size));
      records_.erase(0, line + 1 + size);
      note(event.as_object());
      return true;
    }
    const auto chunk = stream_.read_chunk(deadline);
    if (!chunk) return false;
    records_ += *chunk;
  }
}

void RawScheduler::note(const json::object& event) {
  const std::string type = text_at(event, "type");
  if (type == "UPDATE") {
    note_update(event.at("update").as_object().at("status").as_object());
  } else if (type == "SUBSCRIBED") {
    framework_id_ = id_at(event.at("subscribed").as_object(), "framework_id");
  } else if (type == "ERROR") {
    errors_.push_back(text_at(event.at("error").as_object(), "message"));
  }
  events_.push_back(event);
}

void RawScheduler::note_update(const json::object& status) {
  TaskUpdate update{id_at(status, "task_id"),  text_at(status, "state"),  text_at(status, "message"),
                    text_at(status, "reason"), text_at(status, "source"), text_at(status, "uuid"),
                    id_at(status, "agent_id")};
  if (acknowledges_ && !update.uuid.empty()) acknowledge(update);
  if (update.uuid.empty() || seen_.insert(update.uuid).second) updates_.push_back(std::move(update));
}

std::optional<json::object> RawScheduler::wait_event(const std::string& type, Deadline deadline) {
  do {
    const auto found =
        std::find_if(events_.begin(), events_.end(), [&](const auto& e) { return text_at(e, "type") == type; });
    if (found != events_.end()) {
      json::object event = std::move(*found);
      events_.erase(found);
      return event;
    }
  } while (read_event(deadline));
  return std::nullopt;
}

bool RawScheduler::wait_state(const std::string& task, const std::string& wanted, Deadline deadline) {
  const auto has_come = [&] {
    return std::any_of(updates_.begin(), updates_.end(),
                       [&](const auto& u) { return u.task == task && u.state == wanted; });
  };
  while (!has_come()) {
    if (!read_event(deadline)) return has_come();
  }
  return true;
}

bool RawScheduler::wait_all_terminal(const std::vector<std::string>& tasks, Deadline deadline) {
  const auto all_are = [&] {
    return std::all_of(tasks.begin(), tasks.end(), [&](const auto& task) { return is_terminal(state(task)); });
  };
  while (!all_are()) {
    if (!read_event(deadline)) return all_are();
  }
  return true;
}

bool RawScheduler::launch(const std::vector<TaskRequest>& tasks, Deadline deadline) {
  std::size_t launched = 0;
  while (launched < tasks.size()) {
    const auto event = wait_event("OFFERS", deadline);
    if (!event) return false;
    for (const json::value& value : event->at("offers").as_object().at("offers").as_array()) {
      const auto& offer = value.as_object();
      double cpus = scalar(offer, "cpus") + 1e-9;
      double mem = scalar(offer, "mem");
      std::vector<TaskRequest> fitting;
      for (std::size_t i = launched; i < tasks.size() && tasks[i].cpus <= cpus && tasks[i].mem <= mem; ++i) {
        cpus -= tasks[i].cpus;
        mem -= tasks[i].mem;
        fitting.push_back(tasks[i]);
      }
      launched += fitting.size();
      if (accept(offer, fitting).status != 202) return false;
    }
  }
  return true;
}

HttpReply RawScheduler::accept(const json::object& offer, const std::vector<TaskRequest>& tasks) {
  json::array infos;
  for (const auto& task : tasks) infos.push_back(task_info(task, id_at(offer, "agent_id")));
  json::array operations;
  if (!infos.empty())
    operations.push_back(json::object{{"type", "LAUNCH"}, {"launch", json::object{{"task_infos", infos}}}});
  return call("ACCEPT", {{"accept", json::object{{"offer_ids", json::array{offer.at("id")}},
                                                 {"operations", operations},
                                                 {"filters", json::object{{"refuse_seconds", 0.1}}}}}});
}

HttpReply RawScheduler::kill(const std::string& task) {
  return call("KILL", {{"kill", json::object{{"task_id", named(task)}}}});
}

HttpReply RawScheduler::reconcile(const std::vector<std::string>& tasks) {
  json::array list;
  for (const auto& task : tasks) list.push_back(json::object{{"task_id", named(task)}});
  return call("RECONCILE", {{"reconcile", json::object{{"tasks", list}}}});
}

HttpReply RawScheduler::acknowledge(const TaskUpdate& update) {
  return call(
      "ACKNOWLEDGE",
      {{"acknowledge",
        json::object{{"agent_id", named(update.agent)}, {"task_id", named(update.task)}, {"uuid", update.uuid}}}});
}

HttpReply RawScheduler::teardown() { return call("TEARDOWN"); }
HttpReply RawScheduler::revive() { return call("REVIVE"); }

HttpReply RawScheduler::call(const std::string& type, const json::object& body) {
  json::object message = body;
  message["type"] = type;
  message["framework_id"] = named(framework_id_);
  return http_request(address_, "POST", kPath, json::serialize(message),
                      {{"Content-Type", "application/json"}, {"Mesos-Stream-Id", stream_id_}});
}

std::string RawScheduler::state(const std::string& task) const {
  const auto newest = last(task);
  return newest ? newest->state : std::string();
}

std::optional<TaskUpdate> RawScheduler::last(const std::string& task) const {
  const auto found = std::find_if(updates_.rbegin(), updates_.rend(), [&](const auto& u) { return u.task == task; });
  return found == updates_.rend() ? std::nullopt : std::optional(*found);
}

int RawScheduler::terminal_count(const std::string& task) const {
  return static_cast<int>(std::count_if(updates_.begin(), updates_.end(), [&](const auto& u) {
    return u.task == task && is_terminal(u.state) && u.reason != "REASON_RECONCILIATION";
  }));
}

std::string RawScheduler::describe() const {
  std::string text;
  for (const auto& u : updates_)
    text += u.task + " " + u.state + " " + u.reason + " " + u.source + " '" + u.message + "'\n";
  for (const auto& error : errors_) text += "ERROR " + error + "\n";
  return text;
}

}  // namespace tepui::cluster

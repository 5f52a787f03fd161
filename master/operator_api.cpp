#include "master/operator_api.hpp"

#include <charconv>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

#include "api/json_text.hpp"
#include "lib/base/try.hpp"
#include "master/call_transport.hpp"
#include "master/state_json.hpp"

namespace tepui::master {
namespace {

std::size_t count_of(const http::Request& request, std::string_view name, std::size_t fallback) {
  const auto text = request.query_value(name);
  if (!text) return fallback;
  std::size_t value = 0;
  const auto [stop, failure] = std::from_chars(text->data(), text->data() + text->size(), value);
  return failure == std::errc() && stop == text->data() + text->size() ? value : fallback;
}

std::optional<std::string> non_empty(std::optional<std::string> text) {
  if (text && text->empty()) text.reset();
  return text;
}

/// `{"framework_id": "x"}`, or as the wire has ids: `{"framework_id": {"value": "x"}}`.
std::optional<std::string> id_of(const boost::json::object& body, std::string_view name) {
  const boost::json::value* found = body.if_contains(name);
  if (found != nullptr && found->is_object()) found = found->get_object().if_contains("value");
  if (found == nullptr || !found->is_string() || found->get_string().empty()) return std::nullopt;
  return std::string(std::string_view(found->get_string()));
}

}  // namespace

void OperatorApi::add_to(http::Router& router) {
  using Member = Async<http::Response> (OperatorApi::*)(http::Request);
  const auto to = [this](Member member) -> http::Handler {
    return [this, member](http::Request request) { return (this->*member)(std::move(request)); };
  };
  for (const std::string base : {"", "/master"}) {
    router.add("GET", base + "/health", to(&OperatorApi::health));
    router.add("GET", base + "/version", to(&OperatorApi::version));
    router.add("*", base + "/redirect", to(&OperatorApi::redirect));
    for (const char* name : {"/state", "/state.json"}) router.add("GET", base + name, to(&OperatorApi::state));
    router.add("*", base + "/frameworks", to(&OperatorApi::frameworks));
    // Real clients ask with GET and with POST, and with something behind the path (wire-quirks.md 20).
    router.add_prefix("*", base + "/slaves", to(&OperatorApi::agents));
    router.add_prefix("*", base + "/tasks", to(&OperatorApi::tasks));
  }
  router.add("GET", "/metrics/snapshot", to(&OperatorApi::metrics));
  router.add("POST", "/tepui/v1/tasks/kill", to(&OperatorApi::kill));
}

Async<http::Response> OperatorApi::health(http::Request) { co_return http::Response::empty(200); }

Async<http::Response> OperatorApi::version(http::Request) {
  api::JsonText json;
  json.open_object().member("version", runner_->core().cluster().config.version);
  json.member("tepui_version", TEPUI_VERSION).close_object();
  co_return http::Response::json(json.take());
}

Async<http::Response> OperatorApi::redirect(http::Request) {
  const auto& config = runner_->core().cluster().config;
  http::Response response = http::Response::empty(307);
  // Without a scheme, as Mesos does it.
  const bool is_v6 = config.hostname.find(':') != std::string::npos;
  response.headers.add("Location", fmt::format("//{}{}{}:{}", is_v6 ? "[" : "", config.hostname, is_v6 ? "]" : "", config.port));
  co_return response;
}

Async<http::Response> OperatorApi::state(http::Request) { co_return http::Response::json(format_state(runner_->core())); }

Async<http::Response> OperatorApi::agents(http::Request) { co_return http::Response::json(format_agents(runner_->core())); }

Async<http::Response> OperatorApi::frameworks(http::Request) {
  co_return http::Response::json(format_frameworks(runner_->core()));
}

Async<http::Response> OperatorApi::tasks(http::Request request) {
  TaskQuery query;
  query.framework_id = non_empty(request.query_value("framework_id"));
  query.task_id = non_empty(request.query_value("task_id"));
  query.limit = count_of(request, "limit", query.limit);
  query.offset = count_of(request, "offset", 0);
  co_return http::Response::json(format_tasks(runner_->core(), query));
}

Async<http::Response> OperatorApi::metrics(http::Request) {
  auto metrics = runner_->core().metrics();
  const http::ServerMetrics& http = server_->metrics();
  double refused = 0;
  for (const auto& [reason, count] : http.refused) refused += static_cast<double>(count);
  metrics["tepui_master_http_refused"] = refused;
  metrics["tepui_master_http_connections_open"] = static_cast<double>(http.connections_open);
  metrics["tepui_master_http_requests"] = static_cast<double>(http.requests);
  metrics["tepui_master_http_streams_open"] = static_cast<double>(http.streams_open);
  co_return http::Response::json(format_metrics(metrics));
}

Async<http::Response> OperatorApi::kill(http::Request request) {
  if (request.headers.value_or("Content-Type", "") != media_type(Encoding::Json)) {
    co_return http::Response::text(415, "kill task: expecting Content-Type 'application/json'");
  }
  boost::system::error_code failure;
  const boost::json::value body = boost::json::parse(request.body, failure);
  if (failure || !body.is_object()) co_return http::Response::text(400, "kill task: the body is no JSON object");
  auto framework_id = id_of(body.get_object(), "framework_id");
  auto task_id = id_of(body.get_object(), "task_id");
  if (!framework_id || !task_id) {
    co_return http::Response::text(
        400, fmt::format("kill task: field \"{}\" is missing or no text", framework_id ? "task_id" : "framework_id"));
  }
  TEPUI_CO_ASSIGN(Answer answer, co_await runner_->kill_task(std::move(*framework_id), std::move(*task_id)));
  co_return answer_call(std::move(answer));
}

}  // namespace tepui::master

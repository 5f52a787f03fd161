#include "agent/api/agent_api.hpp"

#include <charconv>
#include <limits>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "agent/api/json_models.hpp"
#include "lib/async/deadline.hpp"
#include "lib/async/timer.hpp"
#include "lib/base/log.hpp"
#include "lib/base/try.hpp"
#include "lib/http/record_stream.hpp"
#include "lib/linux/sys.hpp"

namespace tepui::agent {
namespace {

namespace json = boost::json;

constexpr std::chrono::seconds kUsageLimit{2};
constexpr std::size_t kDownloadPiece = 128U << 10U;

void log_failure(std::string_view task, const Error& error) {
  log::debug("request failed", {{"work", task}, {"error", error}});
}

/// A whole number from the query. Errors: InvalidArgument.
Result<std::int64_t> number_of(const http::Request& request, std::string_view name, std::int64_t otherwise) {
  const auto text = request.query_value(name);
  if (!text) return otherwise;
  std::int64_t number = 0;
  const auto parsed = std::from_chars(text->data(), text->data() + text->size(), number);
  if (parsed.ec != std::errc() || parsed.ptr != text->data() + text->size()) {
    return Error(ErrorCode::InvalidArgument, "parse '" + std::string(name) + "': '" + *text + "' is no whole number");
  }
  return number;
}

Result<std::string> path_of(const http::Request& request) {
  const auto path = request.query_value("path");
  if (!path || path->empty()) return Error(ErrorCode::InvalidArgument, "read request: it has no 'path'");
  return *path;
}

}  // namespace

AgentApi::AgentApi(Executor executor) : executor_(executor), downloads_(executor, "downloads", log_failure) {}

void AgentApi::open_for(AgentView view, const http::ServerMetrics& metrics) {
  view_.emplace(std::move(view));
  server_metrics_ = &metrics;
}

Async<http::Response> AgentApi::answer(Answer answer, http::Request request) {
  if (!view_) co_return http::Response::text(503, "The agent has not finished recovery\n");
  auto response = co_await (this->*answer)(std::move(request));
  co_return response;
}

http::Router AgentApi::routes() {
  http::Router router;
  const auto add = [this, &router](const std::string& path, Answer member) {
    const http::Handler handler = [this, member](http::Request request) { return answer(member, std::move(request)); };
    // Every process of Mesos answers below its own name as well.
    for (const char* start : {"", "/slave(1)"}) router.add("GET", start + path, handler);
  };
  add("/health", &AgentApi::health);
  add("/version", &AgentApi::version);
  add("/state", &AgentApi::state);
  add("/state.json", &AgentApi::state);
  add("/flags", &AgentApi::flags);
  add("/metrics/snapshot", &AgentApi::metrics);
  add("/monitor/statistics", &AgentApi::statistics);
  add("/monitor/statistics.json", &AgentApi::statistics);
  add("/containers", &AgentApi::containers_of_mesos);
  add("/files/read", &AgentApi::read_file);
  add("/files/read.json", &AgentApi::read_file);
  add("/files/browse", &AgentApi::browse_files);
  add("/files/browse.json", &AgentApi::browse_files);
  add("/files/download", &AgentApi::download_file);
  add("/tepui/v1/containers", &AgentApi::containers);
  return router;
}

Async<http::Response> AgentApi::health(http::Request) { co_return http::Response::empty(200); }

Async<http::Response> AgentApi::version(http::Request) {
  co_return http::Response::json(json::serialize(json::object{{"version", kMesosVersion}, {"tepui_version", TEPUI_VERSION}}));
}

Async<http::Response> AgentApi::state(http::Request) {
  co_return http::Response::json(json::serialize(state_json(*view_)));
}

Async<http::Response> AgentApi::flags(http::Request) {
  json::object flags;
  for (const auto& [name, value] : view_->flags) flags[name] = value;
  co_return http::Response::json(json::serialize(json::object{{"flags", std::move(flags)}}));
}

Async<http::Response> AgentApi::metrics(http::Request) {
  co_return http::Response::json(
      json::serialize(metrics_json(*view_, *server_metrics_)));
}

Async<std::string> AgentApi::list_of_executors(bool has_status) {
  json::array list;
  const std::string what = "read usage";
  for (const auto& container : view_->containerizer.list()) {
    if (container.termination) continue;
    auto usage = co_await with_deadline(view_->containerizer.usage(container.container_id), kUsageLimit, what);
    json::object entry{
        {"executor_id", container.executor_id},
        {"executor_name", "Command Executor (Task: " + container.task_id + ")"},
        {"framework_id", container.framework_id},
        {"source", container.task_id},
        {"statistics", statistics_json(usage ? *usage : container.usage)},
    };
    if (has_status) {
      entry["container_id"] = container.container_id;
      entry["status"] = {{"container_id", {{"value", container.container_id}}}, {"executor_pid", container.pid}};
    }
    list.push_back(std::move(entry));
  }
  co_return json::serialize(list);
}

Async<http::Response> AgentApi::statistics(http::Request) {
  TEPUI_CO_ASSIGN(std::string text, co_await list_of_executors(false));
  co_return http::Response::json(std::move(text));
}

Async<http::Response> AgentApi::containers_of_mesos(http::Request) {
  TEPUI_CO_ASSIGN(std::string text, co_await list_of_executors(true));
  co_return http::Response::json(std::move(text));
}

Async<http::Response> AgentApi::containers(http::Request request) {
  const auto wanted = request.query_value("container_id");
  const bool has_plans = request.query_value("plan").value_or("true") != "false";
  std::string text = R"({"containers":[)";
  bool is_first = true;
  const std::string what = "read usage";
  for (auto& container : view_->containerizer.list()) {
    if (wanted && *wanted != container.container_id) continue;
    if (!container.termination) {
      auto usage = co_await with_deadline(view_->containerizer.usage(container.container_id), kUsageLimit, what);
      if (usage) container.usage = std::move(*usage);
    }
    std::string entry = json::serialize(container_json(container));
    // The plan is JSON text already: it is put in as it is instead of being read and written again.
    if (has_plans && !container.plan.empty()) entry.insert(entry.size() - 1, ",\"plan\":" + container.plan);
    text += (is_first ? "" : ",") + entry;
    is_first = false;
  }
  co_return http::Response::json(text + "]}");
}

Async<http::Response> AgentApi::read_file(http::Request request) {
  TEPUI_CO_ASSIGN(const std::string path, path_of(request));
  TEPUI_CO_ASSIGN(const std::int64_t offset, number_of(request, "offset", 0));
  TEPUI_CO_ASSIGN(const std::int64_t length, number_of(request, "length", std::numeric_limits<std::int64_t>::max()));
  if (length < 0 || offset < -1) {
    co_return Error(ErrorCode::InvalidArgument, "read request: 'offset' or 'length' is negative");
  }
  const SandboxFiles files = view_->files;
  const std::string what = "read sandbox file";
  const auto read = [files, path, offset, length] {
    return files.read(path, offset, static_cast<std::uint64_t>(length));
  };
  TEPUI_CO_ASSIGN(const SandboxChunk chunk, co_await view_->pool.run(what, read));
  co_return http::Response::json(
      json::serialize(json::object{{"data", text_of_bytes(chunk.data)}, {"offset", chunk.offset}}));
}

Async<http::Response> AgentApi::browse_files(http::Request request) {
  TEPUI_CO_ASSIGN(const std::string path, path_of(request));
  const SandboxFiles files = view_->files;
  const std::string what = "browse sandbox";
  const auto browse = [files, path] { return files.browse(path); };
  TEPUI_CO_ASSIGN(const auto entries, co_await view_->pool.run(what, browse));
  json::array list;
  for (const auto& entry : entries) {
    list.push_back(json::object{{"path", text_of_bytes(entry.path)},
                    {"mode", entry.mode},
                    {"uid", entry.user},
                    {"gid", entry.group},
                    {"size", entry.size},
                    {"nlink", entry.links},
                    {"mtime", entry.modified}});
  }
  co_return http::Response::json(json::serialize(list));
}

Async<http::Response> AgentApi::download_file(http::Request request) {
  TEPUI_CO_ASSIGN(const std::string path, path_of(request));
  const SandboxFiles files = view_->files;
  const std::string what = "open sandbox file";
  const auto open = [files, path] { return files.open(path); };
  TEPUI_CO_ASSIGN(UniqueFd file, co_await view_->pool.run(what, open));
  auto stream = http::RecordStream::create(executor_);
  auto response = http::Response::streaming("application/octet-stream", stream);
  std::string name = path.substr(path.rfind('/') + 1);
  std::erase_if(name, [](unsigned char c) { return c < 0x20 || c >= 0x7f || c == '"' || c == '\\'; });
  response.headers.set("Content-Disposition", "attachment; filename=\"" + name + "\"");
  TEPUI_CO_TRY(downloads_.spawn("download", send_file(stream, std::move(file))));
  co_return response;
}

Async<void> AgentApi::send_file(std::shared_ptr<http::RecordStream> stream, UniqueFd file) {
  auto shared = std::make_shared<UniqueFd>(std::move(file));
  const std::string what = "read sandbox file";
  off_t offset = 0;
  while (stream->is_open()) {
    const auto read = [shared, offset]() -> Result<std::string> {
      std::string bytes(kDownloadPiece, '\0');
      TEPUI_ASSIGN(const std::size_t count, sys::pread_some(shared->borrow(), bytes, offset));
      bytes.resize(count);
      return bytes;
    };
    auto piece = co_await view_->pool.run(what, read);
    if (!piece || piece->empty()) break;
    offset += static_cast<off_t>(piece->size());
    if (!stream->send(*piece)) break;
    while (stream->is_open() && stream->queued_bytes() > kDownloadPiece) {
      TEPUI_CO_TRY(co_await sleep_for(std::chrono::milliseconds(5)));
    }
  }
  stream->finish();
  co_return ok();
}

Async<void> AgentApi::close() {
  auto closed = co_await downloads_.close();
  co_return closed;
}

}  // namespace tepui::agent

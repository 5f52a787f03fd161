#include "examples/compress_files/container_usage.hpp"

#include <fmt/format.h>
#include <boost/asio/this_coro.hpp>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include "lib/base/try.hpp"
#include "lib/http/client.hpp"

namespace tepui::examples {
namespace {

namespace json = boost::json;

std::optional<double> number_at(const json::object& object, const char* name) {
  const json::value* found = object.if_contains(name);
  boost::system::error_code failure;
  if (found == nullptr) return std::nullopt;
  const double number = found->to_number<double>(failure);
  return failure ? std::nullopt : std::optional(number);
}

std::string text_at(const json::object& object, const char* name) {
  const json::value* found = object.if_contains(name);
  return found != nullptr && found->is_string() ? std::string(found->get_string()) : std::string();
}

ContainerUsage read_usage(const json::object& container) {
  ContainerUsage usage;
  usage.cpu_seconds = number_at(container, "cpu_seconds");
  usage.memory_peak_bytes = number_at(container, "memory_peak_bytes");
  const json::value* isolators = container.if_contains("isolators");
  if (isolators == nullptr || !isolators->is_array()) return usage;
  for (const json::value& isolator : isolators->get_array()) {
    if (!isolator.is_string()) continue;
    if (!usage.isolators.empty()) usage.isolators += ',';
    usage.isolators += isolator.get_string();
  }
  return usage;
}

}  // namespace

Async<std::map<std::string, ContainerUsage>> fetch_usage(std::string address, std::string framework_id) {
  const auto executor = co_await boost::asio::this_coro::executor;
  TEPUI_CO_ASSIGN(const http::HostPort server, http::HostPort::parse(address));
  http::Client client(executor, server);
  http::Call call;
  call.target = "/tepui/v1/containers";
  auto reply = co_await client.send(std::move(call));
  if (!reply) co_return reply.error().wrap(fmt::format("ask agent {} for its containers", address));
  boost::system::error_code failure;
  const json::value value = json::parse(reply->body, failure);
  const json::value* list = !failure && value.is_object() ? value.get_object().if_contains("containers") : nullptr;
  if (list == nullptr || !list->is_array()) {
    co_return Error(ErrorCode::DataLoss,
                    fmt::format("read the containers of agent {}: HTTP {} without a list", address, reply->status));
  }
  std::map<std::string, ContainerUsage> found;
  for (const json::value& one : list->get_array()) {
    if (!one.is_object() || text_at(one.get_object(), "framework_id") != framework_id) continue;
    found[text_at(one.get_object(), "task_id")] = read_usage(one.get_object());
  }
  co_return found;
}

}  // namespace tepui::examples

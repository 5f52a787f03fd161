#include "cli/json_request.hpp"

#include <chrono>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "lib/base/try.hpp"
#include "lib/http/client.hpp"
#include "lib/http/redirect.hpp"

namespace tepui::cli {
namespace {

namespace json = boost::json;

constexpr std::chrono::seconds kReplyLimit{10};

Error refused(const http::Reply& reply, const std::string& target) {
  const ErrorCode code = reply.status == 404 ? ErrorCode::NotFound : ErrorCode::FailedPrecondition;
  return Error(code, fmt::format("{}: HTTP {} {}", target, reply.status, reply.body.substr(0, 512)));
}

Async<http::Reply> send(std::string address, http::Call call) {
  const auto executor = co_await boost::asio::this_coro::executor;
  http::ClientOptions options;
  options.reply_timeout = kReplyLimit;
  for (int redirects = 0;; ++redirects) {
    TEPUI_CO_ASSIGN(const http::HostPort server, http::HostPort::parse(address, 5050));
    http::Client client(executor, server, options);
    http::Call attempt = call;
    auto reply = co_await client.send(std::move(attempt));
    if (!reply && reply.error().code() == ErrorCode::Unavailable) {
      co_return reply.error().with_hint("is a master running there? choose with --master or TEPUI_MASTER");
    }
    if (!reply) co_return reply.error();
    if (reply->status != 307 || redirects > 0) co_return std::move(*reply);
    TEPUI_CO_ASSIGN(const http::HostPort leader,
                    http::server_in_location(reply->headers.value_or("Location", ""), 5050));
    address = leader.to_string();
  }
}

}  // namespace

Async<json::object> fetch_json(std::string address, std::string target) {
  http::Call call;
  call.target = target;
  call.headers.set("Accept", "application/json");
  TEPUI_CO_ASSIGN(const http::Reply reply, co_await send(std::move(address), std::move(call)));
  if (reply.status != 200) co_return refused(reply, target);
  boost::system::error_code failure;
  json::value value = json::parse(reply.body, failure);
  if (failure || !value.is_object()) co_return Error(ErrorCode::DataLoss, fmt::format("{}: the answer is no JSON object", target));
  co_return std::move(value.get_object());
}

Async<void> post_json(std::string address, std::string target, json::object body) {
  http::Call call;
  call.method = "POST";
  call.target = target;
  call.headers.set("Content-Type", "application/json");
  call.body = json::serialize(body);
  TEPUI_CO_ASSIGN(const http::Reply reply, co_await send(std::move(address), std::move(call)));
  if (reply.status / 100 != 2) co_return refused(reply, target);
  co_return ok();
}

}  // namespace tepui::cli

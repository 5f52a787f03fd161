#include "master/call_transport.hpp"

#include <fmt/format.h>
#include <google/protobuf/message.h>

#include "api/json.hpp"

namespace tepui::master {
namespace {

constexpr const char* kStreamIdHeader = "Mesos-Stream-Id";
constexpr const char* kBothTypes = "'application/json' or 'application/x-protobuf'";

/// A reconciliation of 100,000 tasks is one burst of as many records; it has to fit for a reader that keeps reading.
constexpr http::StreamLimits kStreamLimits{64U << 20U, 250'000, std::chrono::seconds(60)};

}  // namespace

std::optional<http::Response> read_call(const http::Request& request, google::protobuf::Message& call) {
  const std::string* type = request.headers.find("Content-Type");
  if (type == nullptr) {
    return http::Response::text(400, fmt::format("read call: no Content-Type header, expecting {}", kBothTypes));
  }
  const auto encoding = encoding_of(*type);
  if (!encoding) {
    return http::Response::text(415, fmt::format("read call: Content-Type '{}', expecting {}", *type, kBothTypes));
  }
  const auto parsed =
      *encoding == Encoding::Json ? api::parse_json(request.body, call) : api::parse_protobuf(request.body, call);
  if (!parsed) return http::Response::text(400, parsed.error().to_string());
  return std::nullopt;
}

std::optional<http::Response> refuse_accept(const http::Request& request) {
  if (choose_encoding(request.headers)) return std::nullopt;
  return http::Response::text(406, fmt::format("answer call: Accept allows neither {}", kBothTypes));
}

OpenedStream open_stream(const http::Request& request, CoreRunner& runner, std::optional<http::Response>& refusal) {
  OpenedStream opened;
  refusal = refuse_accept(request);
  if (refusal) return opened;
  if (request.headers.contains(kStreamIdHeader)) {
    refusal = http::Response::text(400, fmt::format("subscribe: it must not carry a {} header", kStreamIdHeader));
    return opened;
  }
  opened.encoding = *choose_encoding(request.headers);
  opened.stream = http::RecordStream::create(runner.executor(), kStreamLimits);
  opened.id = runner.open_stream(opened.stream, opened.encoding);
  return opened;
}

Result<http::Response> answer_subscription(OpenedStream opened, const Result<Answer>& answer) {
  if (!answer || answer->status != 200) {
    opened.stream->disconnect("the subscription was not answered");
    if (!answer) return answer.error();
    return answer_call(*answer);
  }
  http::Response response = http::Response::streaming(std::string(media_type(opened.encoding)), opened.stream);
  response.headers.add(kStreamIdHeader, opened.id);
  return response;
}

http::Response answer_call(Answer answer) {
  if (answer.message.empty()) return http::Response::empty(answer.status);
  return http::Response::text(answer.status, std::move(answer.message));
}

StreamId stream_id_of(const http::Request& request) { return request.headers.value_or(kStreamIdHeader, ""); }

}  // namespace tepui::master

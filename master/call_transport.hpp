// What the scheduler's and the agent's endpoint have in common: the checks before the core is asked, and the opening of
// event streams. Order and statuses: mesos.md §1.1, checks 5 to 10. Check 4 (the method) is the router's.
#pragma once

#include <optional>

#include "lib/async/async.hpp"
#include "lib/http/request.hpp"
#include "lib/http/response.hpp"
#include "master/core_runner.hpp"

namespace tepui::master {

/// Reads the body by its Content-Type. A value is the refusal: 400 (no Content-Type, no such message), 415 (another type).
std::optional<http::Response> read_call(const http::Request& request, google::protobuf::Message& call);

/// 406, or no value when one of the two encodings is acceptable.
std::optional<http::Response> refuse_accept(const http::Request& request);

/// A stream that is known to the runner and not yet returned to the client.
struct OpenedStream {
  StreamId id;
  Encoding encoding = Encoding::Json;
  std::shared_ptr<http::RecordStream> stream;
};

/// Checks 8 and 9, then opens. A value in `refusal` is the answer, and nothing was opened.
OpenedStream open_stream(const http::Request& request, CoreRunner& runner, std::optional<http::Response>& refusal);

/// Check 10, or the core's refusal as text. Ends the stream unless it is returned.
Result<http::Response> answer_subscription(OpenedStream opened, const Result<Answer>& answer);

/// 202 without a body, else the status with its reason.
http::Response answer_call(Answer answer);

/// The Mesos-Stream-Id header, "" if there is none.
StreamId stream_id_of(const http::Request& request);

}  // namespace tepui::master
